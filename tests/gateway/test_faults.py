"""What goes wrong upstream or with the caller: nothing hangs, nothing is hidden, nothing leaves its zone."""

import asyncio
import json
import logging
import threading
import time

import httpx2
import openai
import pytest
from aiohttp import web

from support.gateway import answer_by_path, chat, last_user_text, sse, stream

CANARY = "canary-7f3a9c"


def event(delta, reason=None):
    return sse({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def failing(status, times, **headers):
    """Answers with an error so often, then as ever."""
    left = [times]

    async def handle(request, body):
        left[0] -= 1
        if left[0] >= 0:
            return web.json_response({"error": {"message": "no"}}, status=status, headers=headers)
        return await answer_by_path(request, body)

    return handle


def post(server, key, body, **options):
    return httpx2.post(
        f"{server.url}/v1/chat/completions", json={"model": "m", **body},
        headers={"Authorization": f"Bearer {key}", **options.pop("headers", {})}, timeout=20, **options,
    )  # fmt: skip


HELLO = {"messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize("zone", ["local", "managed"])
@pytest.mark.parametrize("half", [b"", b'data: {"id":"c","choi', event({"content": "half"})[:-1]])
def test_an_engine_that_hangs_up_in_a_stream_ends_it_with_an_error_event(
    gateway, engine, make_key, provider, calls, zone, half
):
    async def handle(request, body):
        return await stream(request, [event({"content": "Hello"}), half], hang_up=True)

    provider.handler = handle
    server, key = gateway(engine("up", zone=zone)), make_key()
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0) as client:
        answer = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "I am Anna Example"}], stream=True
        )
        text = ""
        with pytest.raises(openai.APIError) as broken:  # noqa: PT012 - what came before the error counts
            for chunk in answer:
                text += chunk.choices[0].delta.content or ""
    assert text == "Hello"
    assert broken.value.code == "gateway.hung_up"
    [record] = calls()
    assert record.outcome == "gateway.hung_up"
    assert record.completion_tokens is None
    assert len(provider.received) == 1, "after the first byte nothing is tried again"


def test_a_stream_without_its_last_mark_is_ended_properly(gateway, make_key, provider, calls):
    async def handle(request, body):
        return await stream(request, [event({"content": "Hello"}), event({}, "stop")])

    provider.handler = handle
    answer = post(gateway(), make_key(), {**HELLO, "stream": True})
    assert answer.text.rstrip().endswith("data: [DONE]")
    assert calls()[0].outcome == "done"


def test_an_error_event_of_the_engine_is_passed_on_and_recorded(gateway, make_key, provider, calls):
    async def handle(request, body):
        return await stream(request, [event({"content": "Hello"}), sse({"error": {"message": "overloaded"}})])

    provider.handler = handle
    answer = post(gateway(), make_key(), {**HELLO, "stream": True})
    assert '"overloaded"' in answer.text
    assert calls()[0].outcome == "gateway.refused_by_engine"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_stream_cut_at_any_byte_is_restored_the_same(gateway, engine, make_key, provider, size):
    whole = event({"content": 'Grüße [PERSON_1]! \\ "q"'}) + event({}, "stop") + b"data: [DONE]\n\n"

    async def handle(request, body):
        chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
        return await stream(request, chunks)

    provider.handler = handle
    server = gateway(engine("up", zone="managed"))
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=make_key(), max_retries=0) as client:
        answer = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "I am Anna Example"}], stream=True
        )
        assert "".join(chunk.choices[0].delta.content or "" for chunk in answer) == 'Grüße Anna Example! \\ "q"'


def test_lines_that_end_in_cr_lf_are_read(gateway, make_key, provider, calls):
    async def handle(request, body):
        frames = event({"content": "Hello"}) + event({}, "stop") + b"data: [DONE]\n\n"
        return await stream(request, [frames.replace(b"\n", b"\r\n")])

    provider.handler = handle
    answer = post(gateway(), make_key(), {**HELLO, "stream": True})
    assert "Hello" in answer.text
    assert calls()[0].outcome == "done"


# --- tries and fallbacks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(gateway, make_key, provider, calls, status):
    provider.handler = failing(status, 1)
    assert post(gateway(), make_key(), HELLO).status_code == 200
    assert calls()[0].attempts == 2


def test_what_does_not_pass_is_told_and_not_tried_again(gateway, make_key, provider):
    provider.handler = failing(400, 9)
    answer = post(gateway(), make_key(), HELLO)
    assert (answer.status_code, answer.json()) == (400, {"error": {"message": "no"}})
    assert len(provider.received) == 1


def test_a_limit_of_the_engine_is_passed_on_with_its_wait(gateway, make_key, provider):
    provider.handler = failing(429, 99, **{"Retry-After": "60"})
    answer = post(gateway(), make_key(), HELLO)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert len(provider.received) == 1, "nobody is held for a minute"


def test_a_refused_key_of_the_engine_is_not_the_callers_fault_and_not_shown(gateway, make_key, provider):
    async def handle(request, body):
        return web.json_response({"error": {"message": "Incorrect API key: sk-upstream-secret"}}, status=401)

    provider.handler = handle
    answer = post(gateway(), make_key(), HELLO)
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "gateway.upstream_key"
    assert "sk-upstream" not in answer.text


def test_a_dead_engine_is_replaced_by_another_of_its_zone(gateway, engine, make_key, calls):
    dead = engine("dead", url="http://127.0.0.1:9/v1")
    answer = post(gateway(dead, engine("alive")), make_key(), HELLO)
    assert answer.status_code == 200
    assert answer.headers["x-graftwork-engine"] == "alive"
    assert calls()[0].engine == "alive"


def test_a_local_request_never_falls_back_to_a_managed_engine_by_itself(gateway, engine, make_key, provider):
    dead, away = engine("dead", url="http://127.0.0.1:9/v1"), engine("away", zone="managed")
    assert post(gateway(dead, away), make_key(), HELLO).json()["error"]["code"] == "gateway.upstream"
    assert not provider.received


def test_where_the_policy_lets_it_only_what_is_not_sensitive_falls_back_to_a_managed_engine(
    gateway, engine, make_key, provider
):
    dead, away = engine("dead", url="http://127.0.0.1:9/v1"), engine("away", zone="managed")
    for managed in ("masked", "allowed"):
        server, key = gateway(dead, away, fallback_to_managed=True, managed=managed), make_key(managed)
        assert post(server, key, HELLO).status_code == 200
        provider.received.clear()
        sensitive = {"messages": [{"role": "user", "content": "I am Anna Example"}]}
        assert post(server, key, sensitive).json()["error"]["code"] == "gateway.upstream"
        assert not provider.received


def test_a_policy_of_never_has_no_managed_engine_at_all(gateway, engine, make_key, provider):
    server = gateway(engine("away", zone="managed"), managed="never")
    assert post(server, make_key(), HELLO).json()["error"]["code"] == "gateway.zone"
    relaxed = gateway(engine("away", zone="managed"))
    answer = post(relaxed, make_key("strict", managed="never"), HELLO)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "gateway.zone")
    tightened = post(relaxed, make_key("other"), HELLO, headers={"X-Graftwork-Managed": "never"})
    assert tightened.status_code == 403
    loosened = post(relaxed, make_key("third", managed="never"), HELLO, headers={"X-Graftwork-Managed": "allowed"})
    assert loosened.status_code == 403
    assert not provider.received


# --- time -------------------------------------------------------------------------------------------------------------


def slow(*pauses):
    async def handle(request, body):
        await asyncio.sleep(pauses[0])
        if not body.get("stream"):
            return await chat(request, body, "late")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for pause in pauses[1:]:
            await response.write(event({"content": "x"}))
            await asyncio.sleep(pause)
        return response

    return handle


@pytest.mark.parametrize(
    ("limit", "handler", "streamed"),
    [
        ("first_byte_seconds", slow(5), True),
        ("idle_seconds", slow(0, 5), True),
        ("total_seconds", slow(0, *[0.1] * 40), True),
        ("total_seconds", slow(5), False),
    ],
)
def test_an_engine_that_is_too_slow_is_given_up(gateway, engine, make_key, provider, calls, limit, handler, streamed):
    provider.handler = handler
    server, key = gateway(engine("up", **{limit: 0.4})), make_key()
    began = time.monotonic()
    answer = post(server, key, {**HELLO, "stream": streamed})
    assert time.monotonic() - began < 3
    assert "gateway.timeout" in answer.text
    assert calls()[0].outcome == "gateway.timeout"


@pytest.mark.parametrize("streamed", [True, False])
def test_a_caller_that_hangs_up_ends_the_engines_work(gateway, make_key, provider, calls, streamed):
    provider.handler = slow(0, *[0.05] * 200) if streamed else slow(10)
    server, key = gateway(), make_key()
    with pytest.raises(httpx2.TimeoutException), httpx2.stream(  # noqa: PT012 - hanging up is what is tried
        "POST", f"{server.url}/v1/chat/completions", json={"model": "m", **HELLO, "stream": streamed},
        headers={"Authorization": f"Bearer {key}"}, timeout=0.3,
    ) as answer:  # fmt: skip
        for _ in answer.iter_bytes():
            raise httpx2.ReadTimeout("seen enough")
    until = time.monotonic() + 5
    while not provider.disconnects and time.monotonic() < until:
        time.sleep(0.02)
    assert provider.disconnects
    [record] = calls()
    assert (record.status, record.outcome) == (499, "client_gone")


# --- bad requests -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "gateway.body"),
        (b"[]", 400, "gateway.body"),
        (b'{"model": 3}', 400, "gateway.body"),
        (b'{"model": "m", "x": "' + b"y" * 3000 + b'"}', 413, "gateway.too_large"),
        (b'\xff\xfe{"model": "m"}', 400, "gateway.body"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(gateway, make_key, provider, content, status, code):
    server = gateway(max_request_bytes=2048)
    answer = httpx2.post(
        f"{server.url}/v1/chat/completions", content=content, headers={"Authorization": f"Bearer {make_key()}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not provider.received


def test_half_of_a_surrogate_pair_goes_through_masked(gateway, engine, make_key, provider):
    server = gateway(engine("away", zone="managed"))
    body = b'{"model": "m", "messages": [{"role": "user", "content": "Anna Example \\ud83d"}]}'
    answer = httpx2.post(
        f"{server.url}/v1/chat/completions", content=body, headers={"Authorization": f"Bearer {make_key()}"}
    )
    assert answer.status_code == 200
    assert last_user_text(provider.last) == "[PERSON_1] \ud83d"


def test_an_unknown_path_names_itself_as_such(gateway):
    server = gateway()
    assert httpx2.post(f"{server.url}/v1/nothing").json()["error"]["code"] == "gateway.path"
    assert httpx2.get(f"{server.url}/healthz").json() == {"status": "ok"}


# --- nothing tells ----------------------------------------------------------------------------------------------------


def test_neither_logs_nor_records_hold_a_word_of_a_request_that_fails(
    gateway, engine, make_key, provider, guard, calls, caplog, capfd
):
    caplog.set_level(logging.DEBUG)

    def crash(text):
        raise ValueError(text)

    async def broken(request, body):
        raise web.HTTPBadRequest(text=f"you sent {CANARY}")

    server, key = gateway(engine("away", zone="managed"), engine("here", models={"h": "h"})), make_key()
    body = {"messages": [{"role": "user", "content": CANARY}], "user": CANARY}
    guard.crash = crash
    assert post(server, key, body).status_code == 503
    provider.handler = broken
    assert post(server, key, {**body, "model": "h"}).status_code == 400
    provider.handler = failing(500, 99)
    assert post(server, key, {**body, "model": "h"}).status_code == 502
    assert post(server, key, {**body, "model": CANARY}).status_code == 404
    from graftwork.apps.audit.models import AuditEntry
    from graftwork.apps.traffic.models import BudgetUse

    rows = [str(vars(row)) for model in (type(calls(4)[0]), AuditEntry, BudgetUse) for row in model.objects.all()]
    out, err = capfd.readouterr()
    everything = "\n".join([*rows, out, err, *(record.getMessage() for record in caplog.records if _ours(record))])
    assert CANARY not in everything
    assert key not in everything
    assert "sk-upstream-secret" not in everything


def _ours(record):
    """The clients of this test log what they send, which is theirs to do."""
    return not record.name.startswith(("httpcore", "httpx", "openai"))


def test_many_at_once_do_not_mix(gateway, engine, make_key, provider):
    """Each caller gets its own value back, though all of them are called [PERSON_1]."""
    server, key = gateway(engine("away", zone="managed")), make_key()
    names = ["Anna Example", "Bert Sample", "Carla Example", "Anna Sample"] * 5
    found: list[str] = []

    def ask(name):
        answer = post(server, key, {"messages": [{"role": "user", "content": name}]})
        text = json.loads(answer.text)["choices"][0]["message"]["content"]
        found.append(f"{name} -> {text}")

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"{name} -> You said: {name}" for name in names)
