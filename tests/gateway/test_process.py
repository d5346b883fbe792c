"""`graftwork gateway` as people run it: a process of its own, a workspace on disk, keys from the command line."""

import asyncio
import json
import urllib.error
import urllib.request

import openai
import pytest

from support.gateway import last_user_text
from support.product import Product, free_port, wait_until

ENGINES = """
[away]
url = "{url}"
models = ["m"]
zone = "managed"

[here]
url = "{url}"
models = {{ fast = "qwen" }}
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory, the_provider):
    port = free_port()
    product = Product(tmp_path_factory.mktemp("gateway"), gateway_port=port, gateway_ner="false")
    product.env["NO_PROXY"] = "*"
    (product.folder / "engines.toml").write_text(ENGINES.format(url=the_provider.url), encoding="utf-8")
    process = product.start("gateway")
    product.gateway = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(product.gateway), 30, "the gateway")
    yield product
    process.terminate()
    assert process.wait(15) is not None
    assert "Traceback" not in (product.folder / "log").read_text(encoding="utf-8")


def answers(url):
    try:
        return urllib.request.urlopen(f"{url}/healthz", timeout=1).status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_a_key_is_made_used_listed_and_revoked(product, provider):
    key = product.call("gateway", "key", "create", "shop", "--tokens-per-day", "100000").stdout.strip()
    with openai.OpenAI(base_url=f"{product.gateway}/v1", api_key=key, max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["fast", "m"]
        answer = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "I am dana@example.com"}]
        )
        assert answer.choices[0].message.content == "You said: I am dana@example.com"
        assert last_user_text(provider.last) == "I am [MAIL_1]"

        def listed():
            [row] = [
                r for r in json.loads(product.call("gateway", "key", "list", "--json").stdout) if r["name"] == "shop"
            ]
            return row

        wait_until(lambda: listed()["requests"] == 1, 10, "the call to be stored")
        assert (listed()["state"], listed()["tokens"]) == ("valid", 16)
        assert key not in product.call("gateway", "key", "list").stdout
        product.call("gateway", "key", "revoke", "shop")

        def refused():
            try:
                client.models.list()
            except openai.AuthenticationError:
                return True
            return False

        wait_until(refused, 5, "the key to end")
    assert product.call("gateway", "key", "revoke", "shop", check=False).returncode != 0
    assert product.call("audit", "verify").returncode == 0


def test_a_thread_of_many_requests_at_once_ends_in_one_book(product, provider):
    key = product.call("gateway", "key", "create", "many").stdout.strip()

    async def ask_all():
        async with openai.AsyncOpenAI(base_url=f"{product.gateway}/v1", api_key=key, max_retries=0) as client:

            async def ask(number):
                answer = await client.chat.completions.create(
                    model="m",
                    messages=[{"role": "user", "content": f"I am p{number}@example.com"}],
                    extra_headers={"X-Graftwork-Thread": "one"},
                )
                return answer.choices[0].message.content

            return await asyncio.gather(*(ask(number) for number in range(6)))

    assert asyncio.run(ask_all()) == [f"You said: I am p{number}@example.com" for number in range(6)]
    assert len({last_user_text(body) for body in provider.bodies}) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[away]\nurl = 'http://x/v1'\nmodell = ['m']\n", "did you mean `models`"),
        ("[away]\nurl = 'ftp://x'\n", "away.url"),
        ("[away]\nurl = 'http://api.example.com/v1'\n", "use https"),
        ("[Away]\nurl = 'http://x/v1'\n", "lower-case"),
        ("[away]\nurl = 'http://x/v1'\napi_key_env = 'NOT_SET_ANYWHERE'\n", "NOT_SET_ANYWHERE"),
        ("[away\n", "engines.toml"),
    ],
)
def test_a_mistake_in_the_engines_is_named(tmp_path, text, message):
    from graftwork.core.errors import GraftworkError
    from graftwork.gateway.engines import read_engines

    file = tmp_path / "engines.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(GraftworkError) as refused:
        read_engines(file, {})
    assert message in str(refused.value)


def test_it_says_when_it_listens(product):
    log = (product.folder / "log").read_text(encoding="utf-8")
    assert f"Gateway ready at {product.gateway}/v1 \u00b7 Ctrl+C stops it" in log


def test_a_key_for_an_engine_that_is_not_there_is_refused_with_the_nearest(product):
    refused = product.call("gateway", "key", "create", "typo", "--engine", "hree", check=False)
    assert refused.returncode == 2
    assert "engines.toml names no engine `hree`; did you mean `here`?" in refused.stderr
    product.call("gateway", "key", "create", "local", "--engine", "here", "--engine", "embedded-qwen")
