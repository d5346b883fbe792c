"""The OpenAI-compatible engine against servers on loopback that misbehave."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from graftwork.core.engines.openai import OpenAICompatible, Prices
from graftwork.core.engines.retry import Breaker
from graftwork.core.errors import (
    EngineContextExceeded,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
)
from graftwork.core.types import Generation
from support.scripted import Clock, Handler, Script, a_request, byte_stream, engine_for, serve

KEY = "sk-very-secret"


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def delta(text: str | None, finish: str | None = None) -> bytes:
    return event({"model": "m-2026", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


USAGE = event(
    {
        "choices": [],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": 900}},
    }
)
DONE = b"data: [DONE]\n\n"
WHOLE = delta(None) + delta("Grüße, ") + delta("Welt 🌍") + delta(None, "stop") + USAGE + DONE


def says(*chunks: bytes, hang_up: bool = False) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await byte_stream(request, *chunks, hang_up=hang_up)

    return handle


def refuses(status: int, body: object = None, **headers: str) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body or {}, status=status, headers=named)

    return handle


def hangs_up() -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return handle


def play(
    *handlers: Handler,
    clock: Clock | None = None,
    request: Any = None,
    on_text: Callable[[str], None] | None = None,
    **changes: object,
) -> tuple[Generation, Script]:
    """One generation against a server that plays `handlers`."""
    script = Script()
    script.handlers = list(handlers)

    async def go() -> Generation:
        runner = await serve(script)
        engine = engine_for(script.url, clock, **changes)
        try:
            return await engine.generate(request or a_request(), *([on_text] if on_text else []))
        finally:
            await engine.close()
            await runner.cleanup()

    return asyncio.run(go()), script


def test_a_streamed_answer_comes_whole_with_its_counts() -> None:
    pieces: list[str] = []
    generation, _ = play(says(WHOLE), on_text=pieces.append)
    assert pieces == ["Grüße, ", "Welt 🌍"]
    assert generation.text == "Grüße, Welt 🌍"
    assert (generation.prompt_tokens, generation.completion_tokens, generation.cached_tokens) == (1000, 500, 900)
    assert (generation.model, generation.engine, generation.finish_reason) == ("m-2026", "test", "stop")
    assert generation.first_token_ms is not None
    assert 0 < generation.first_token_ms <= generation.total_ms


def test_an_answer_sent_in_pieces_of_three_bytes_is_the_same() -> None:
    generation, _ = play(says(*(WHOLE[at : at + 3] for at in range(0, len(WHOLE), 3))))
    assert generation.text == "Grüße, Welt 🌍"


def test_counts_that_are_not_reported_stay_unknown() -> None:
    generation, _ = play(says(delta("x"), DONE), prices=Prices(Decimal(1), Decimal(2)))
    assert (generation.prompt_tokens, generation.completion_tokens, generation.cached_tokens) == (None, None, None)
    assert (generation.cost, generation.currency) == (None, None)


@pytest.mark.parametrize(
    ("prices", "cost", "currency"),
    [
        (Prices(Decimal("0.15"), Decimal("0.60"), "USD"), Decimal("0.00045"), "USD"),
        (Prices(Decimal(0), Decimal(0)), Decimal(0), "EUR"),
        (Prices(Decimal("0.15"), None), None, None),
        (Prices(), None, None),
    ],
)
def test_a_cost_is_known_only_with_both_prices(prices: Prices, cost: Decimal | None, currency: str | None) -> None:
    generation, _ = play(says(WHOLE), prices=prices)
    assert (generation.cost, generation.currency) == (cost, currency)


def test_the_request_says_what_the_protocol_asks_for() -> None:
    schema = {"type": "object", "properties": {}}
    _, script = play(says(WHOLE), request=a_request(json_schema=schema), api_key=KEY)
    headers, body = script.requests[0]
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 16,
        "temperature": 0.0,
        "top_p": 1.0,
        "seed": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"name": "output", "schema": schema}},
    }


def test_a_server_that_does_not_stream_is_understood() -> None:
    whole = {"model": "m", "choices": [{"message": {"content": "hi"}, "finish_reason": "length"}]}
    generation, _ = play(refuses(200, whole))
    assert (generation.text, generation.finish_reason) == ("hi", "length")


@pytest.mark.parametrize(
    "failure",
    [
        refuses(500),
        refuses(503),
        refuses(429),
        hangs_up(),
        says(),
        says(delta(None), hang_up=True),
        says(event({"error": {"code": 500, "type": "server_error"}})),
    ],
    ids=["500", "503", "429", "hang-up", "nothing", "broken before text", "error event"],
)
def test_what_may_pass_is_tried_again(failure: Handler) -> None:
    generation, script = play(failure, says(WHOLE))
    assert generation.text == "Grüße, Welt 🌍"
    assert len(script.requests) == 2


def test_retry_after_is_honoured() -> None:
    clock = Clock()
    play(refuses(429, Retry_After="7"), says(WHOLE), clock=clock)
    assert len(clock.slept) == 1
    assert 7 <= clock.slept[0] < 8


@pytest.mark.parametrize(
    "failure",
    [says(delta("Gr")), says(delta("Gr"), b'data: {"choi', hang_up=True), says(delta("Gr"), event({"error": {}}))],
    ids=["ends without a finish", "half a frame", "error event"],
)
def test_after_text_was_handed_out_nothing_is_tried_again(failure: Handler) -> None:
    pieces: list[str] = []
    with pytest.raises(EngineUnavailable):
        play(failure, says(WHOLE), on_text=pieces.append)
    assert pieces == ["Gr"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": {"code": "context_length_exceeded", "message": "x"}}, EngineContextExceeded),
        (400, {"error": {"code": 400, "type": "exceed_context_size_error"}}, EngineContextExceeded),
        (413, {}, EngineContextExceeded),
        (400, {"error": {"code": "invalid_value"}}, EngineRefused),
        (401, {"error": {"code": "invalid_api_key"}}, EngineRefused),
        (404, {}, EngineRefused),
        (307, {}, EngineRefused),
    ],
)
def test_a_refusal_is_named_and_not_tried_again(status: int, body: object, error: type[EngineError]) -> None:
    with pytest.raises(error) as caught:
        play(refuses(status, body), says(WHOLE))
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"code": "invalid_api_key", "message": "Jane Doe"}}, "invalid_api_key"),
        ({"error": {"code": "Jane Doe wrote this"}}, "no reason given"),
        ({"error": "Jane Doe"}, "no reason given"),
        ({"error": {"code": 401, "type": "authentication_error"}}, "authentication_error"),
    ],
)
def test_the_servers_words_are_never_repeated(body: object, reason: str) -> None:
    with pytest.raises(EngineRefused) as caught:
        play(refuses(401, body), api_key=KEY)
    assert caught.value.reason == reason
    assert "Jane" not in str(caught.value)
    assert KEY not in repr(caught.value)


def test_a_server_that_hangs_ends_at_the_deadline() -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    with pytest.raises(EngineTimeout):
        play(hang, request=a_request(timeout_seconds=0.2))


def test_no_server_at_all_is_unavailable() -> None:
    async def go() -> None:
        engine = engine_for("http://127.0.0.1:9/v1")
        try:
            await engine.generate(a_request())
        finally:
            await engine.close()

    with pytest.raises(EngineUnavailable, match="no connection"):
        asyncio.run(go())


def test_after_enough_failures_the_server_is_not_asked() -> None:
    clock = Clock()
    breaker = Breaker(failures_to_open=3, clock=clock)
    with pytest.raises(EngineUnavailable):
        play(refuses(500), clock=clock, breaker=breaker)
    with pytest.raises(EngineUnavailable, match="keeps failing"):
        play(says(WHOLE), clock=clock, breaker=breaker)
    clock.now += 60
    assert play(says(WHOLE), clock=clock, breaker=breaker)[0].text


def test_cancelling_closes_the_connection() -> None:
    script, gone = Script(), asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = await byte_stream(request, delta("a"))
        try:
            while True:
                await asyncio.sleep(0.01)
                await response.write(delta("a"))
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    async def go() -> None:
        script.handlers = [endless]
        runner = await serve(script)
        engine = engine_for(script.url)
        first = asyncio.Event()
        task = asyncio.create_task(engine.generate(a_request(), lambda _: first.set()))
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(gone.wait(), 5)
        await engine.close()
        await runner.cleanup()

    asyncio.run(go())


def test_one_engine_serves_several_event_loops() -> None:
    script = Script()
    script.handlers = [says(WHOLE)]
    engine: list[OpenAICompatible] = []

    async def go() -> str:
        runner = await serve(script)
        engine[:] = engine or [engine_for(script.url)]
        engine[0]._client._url = script.url
        text = (await engine[0].generate(a_request())).text
        await runner.cleanup()
        return text

    assert asyncio.run(go()) == asyncio.run(go()) == "Grüße, Welt 🌍"
    asyncio.run(engine[0].close())


def test_the_key_shows_nowhere() -> None:
    engine = engine_for("http://127.0.0.1:9/v1", api_key=KEY)
    assert KEY not in repr(engine)
    assert KEY not in repr(engine._client)
