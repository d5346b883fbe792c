"""What is longer than a request may be is never held: not in memory, and not on the disk."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.config.body import BoundedBody

LIMIT = 10


def read(pieces: list[bytes], kind: str = "http") -> bytes:
    """What the application behind the bound gets to see."""
    seen: list[bytes] = []
    waiting = list(pieces)

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            seen.append(message.get("body", b""))
            more = message.get("more_body", False)

    async def receive() -> dict[str, Any]:
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        raise AssertionError("nothing is answered here")

    asyncio.run(BoundedBody(application, LIMIT)({"type": kind}, receive, send))
    assert not waiting, "the rest goes by, so that the other end is not left hanging"
    return b"".join(seen)


@given(st.lists(st.binary(max_size=8), max_size=6))
def test_the_beginning_is_passed_on_and_the_rest_goes_by(pieces: list[bytes]) -> None:
    assert read(pieces) == b"".join(pieces)[:LIMIT]


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_what_is_no_request_passes(kind: str) -> None:
    assert len(read([b"x" * 50], kind)) == 50
