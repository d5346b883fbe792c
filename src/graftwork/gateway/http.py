"""The little of HTTP that the gateway needs above ASGI: a body with a limit, answers, and whether somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from graftwork.core.errors import GatewayBodyTooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]
HeaderList = list[tuple[bytes, bytes]]

JSON = (b"content-type", b"application/json")
EVENTS: HeaderList = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class ClientGoneError(Exception):
    """Whoever asked has hung up: there is nobody to answer."""


async def read_body(receive: Receive, headers: Headers, limit_bytes: int) -> bytes:
    """Raises `GatewayBodyTooLarge` before more than the limit is held, `ClientGoneError` where it never ends."""
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise GatewayBodyTooLarge(limit_bytes)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit_bytes:
            raise GatewayBodyTooLarge(limit_bytes)
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def send_whole(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


class Presence:
    """Cancels the task that answers, once whoever asked has hung up. Used as `async with`.

    A task that listens costs more than most calls take, so listening begins only after `patience_seconds`.
    """

    def __init__(self, receive: Receive, loop: asyncio.AbstractEventLoop, patience_seconds: float = 0.02) -> None:
        self._receive = receive
        self._loop = loop
        self._patience_seconds = patience_seconds
        self._gone = False
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Presence":
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._answering = task
        self._timer = self._loop.call_later(self._patience_seconds, self._begin)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if kind is asyncio.CancelledError and self._gone and self._answering.uncancel() == 0:
            raise ClientGoneError from None

    def _begin(self) -> None:
        self._listening = self._loop.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        self._gone = True
        self._answering.cancel()
