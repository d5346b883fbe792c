"""Which virtual key a request shows, and what it allows. Read from the store, kept for seconds only."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from graftwork.apps.traffic.queries import Grant, digest
from graftwork.core.errors import GatewayKeyRefused
from graftwork.gateway.http import Headers

# Wrong keys are remembered too, so that a flood of them does not reach the database; only so many.
KEPT = 10_000
MAX_SECRET_BYTES = 200

Find = Callable[[str], Awaitable[Grant | None]]


@dataclass(frozen=True, slots=True)
class _Entry:
    grant: Grant | None
    read_at: float


class Keys:
    """`find` reads the grant of a digest from the store. Revoking a key takes at most `cache_seconds`."""

    def __init__(self, find: Find, cache_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._cache_seconds = cache_seconds
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._reading: dict[str, asyncio.Future[Grant | None]] = {}

    async def grant(self, headers: Headers, now: datetime) -> Grant:
        """Raises `GatewayKeyRefused` for any reason the key does not hold."""
        secret = _secret(headers)
        if not secret or len(secret) > MAX_SECRET_BYTES:
            raise GatewayKeyRefused
        name = digest(secret.decode("latin-1"))
        entry = self._entries.get(name)
        if entry is None or self._clock() - entry.read_at >= self._cache_seconds:
            grant = await self._read(name)
        else:
            grant = entry.grant
        if grant is None or not grant.holds(now):
            raise GatewayKeyRefused
        return grant

    async def _read(self, name: str) -> Grant | None:
        """One read at a time for each key: the others wait for its result."""
        if (reading := self._reading.get(name)) is None:
            reading = self._reading[name] = asyncio.ensure_future(self._find(name))
            reading.add_done_callback(lambda _: self._reading.pop(name, None))
        started_at = self._clock()
        grant = await asyncio.shield(reading)
        self._entries[name] = _Entry(grant, started_at)
        self._entries.move_to_end(name)
        if len(self._entries) > KEPT:
            self._entries.popitem(last=False)
        return grant


def _secret(headers: Headers) -> bytes:
    """OpenAI's clients send a bearer token, Anthropic's `x-api-key`."""
    kind, _, secret = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer" and secret.strip():
        return secret.strip()
    return headers.get(b"x-api-key", b"").strip()
