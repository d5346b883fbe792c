"""How much of a request is read at all."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class BoundedBody:
    """Passes on the first `limit_bytes` of a body and lets the rest go by.

    Django keeps what it is sent in a file on the disk where it is large, in the clear and before anybody is asked who
    they are. With this bound below its own it never does. What is longer than allowed says so in its header, and is
    refused by that.
    """

    def __init__(self, application: Callable[[Scope, Receive, Send], Awaitable[None]], limit_bytes: int) -> None:
        self._application = application
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        left_bytes = self._limit_bytes

        async def bounded() -> Message:
            nonlocal left_bytes
            message = await receive()
            body = message.get("body", b"")
            if len(body) > left_bytes:
                message = {**message, "body": body[:left_bytes]}
            left_bytes -= min(left_bytes, len(body))
            return message

        await self._application(scope, bounded, send)
