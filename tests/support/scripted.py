"""What the engine tests share: a chat server on loopback that plays a script, and a clock that obeys."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from graftwork.core.engines.openai import OpenAICompatible
from graftwork.core.engines.retry import Breaker, Retries
from graftwork.core.types import GenerationRequest, Message

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Script:
    """A server that answers its first request with the first handler, and so on; the last one stays."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []
        self.requests: list[tuple[dict[str, str], dict[str, object]]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((dict(request.headers), await request.json()))
        handler = self.handlers[0] if len(self.handlers) == 1 else self.handlers.pop(0)
        return await handler(request)


async def serve(script: Script) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    return runner


def engine_for(url: str, clock: Clock | None = None, **changes: object) -> OpenAICompatible:
    clock = clock or Clock()
    settings: dict[str, object] = {
        "name": "test",
        "model": "m",
        "url": url,
        "zone": "local",
        "retries": Retries(attempts=3, sleep=clock.sleep, clock=clock, random=lambda: 0.5),
        "breaker": Breaker(failures_to_open=100, clock=clock),
    }
    return OpenAICompatible(**{**settings, **changes})  # type: ignore[arg-type] - a test's table of settings


def a_request(text: str = "hello", **changes: object) -> GenerationRequest:
    settings: dict[str, object] = {"max_tokens": 16, "timeout_seconds": 30.0}
    return GenerationRequest((Message("user", text),), **{**settings, **changes})  # type: ignore[arg-type] - as above


async def byte_stream(request: web.Request, *chunks: bytes, hang_up: bool = False) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(chunk)
    if hang_up:
        assert request.transport is not None
        request.transport.abort()
    return response
