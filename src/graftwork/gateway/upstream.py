"""Asking engines over HTTP: one pool of connections, four time-outs, tries before the first byte only."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from graftwork.core.engines.retry import Breaker, retry_after_seconds
from graftwork.core.errors import GatewayError, UpstreamHungUp, UpstreamKeyRefused, UpstreamTimeout, UpstreamUnavailable
from graftwork.gateway.connections import (
    Address,
    BrokenOffError,
    Connection,
    ConnectTimeoutError,
    NoConnectionError,
    Pool,
)
from graftwork.gateway.engines import Engine

# What may pass by itself. 529 is Anthropic's "overloaded".
PASSING = frozenset((408, 409, 429, 500, 502, 503, 504, 529))
LONGEST_PAUSE_SECONDS = 5.0
BASE_PAUSE_SECONDS = 0.25
ANTHROPIC_VERSION = "2023-06-01"
_FEATURES = re.compile(r"[A-Za-z0-9_.=-]+(?:[,;] ?[A-Za-z0-9_.=-]+)*")


@dataclass(slots=True)
class Reply:
    """An engine's answer: whole (`body`), or a stream whose first piece is `body` and whose rest `pieces` gives."""

    engine: Engine
    status: int
    body: bytes
    connection: Connection = field(repr=False)
    streamed: bool = False
    retry_after: str | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces of a stream. Raises `UpstreamTimeout` or `UpstreamHungUp`."""
        loop, engine = asyncio.get_running_loop(), self.engine
        yield self.body
        try:
            async with asyncio.timeout(engine.idle_seconds) as idle:
                while piece := await self.connection.piece():
                    idle.reschedule(None)  # the caller may be slow to take it; that is not the engine's pause
                    yield piece
                    idle.reschedule(loop.time() + engine.idle_seconds)
        except TimeoutError:
            raise UpstreamTimeout(engine.name, "a pause within the stream", engine.idle_seconds) from None
        except BrokenOffError:
            raise UpstreamHungUp(engine.name) from None

    def close(self) -> None:
        """Whatever is still under way ends, so that the engine stops working. Safe to call twice."""
        self.connection.done()


class _TryAgainError(Exception):
    """This attempt failed in a way that may pass."""

    def __init__(self, error: GatewayError, pause_seconds: float | None = None, reply: Reply | None = None) -> None:
        super().__init__(error.code)
        self.error = error
        self.pause_seconds = pause_seconds
        self.reply = reply


class Upstreams:
    """Every engine, over one pool of connections. Opened and closed with the process."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._breakers: dict[str, Breaker] = {}
        self._targets: dict[tuple[str, str], tuple[Address, bytes]] = {}

    async def open(self) -> None:
        self._pool = Pool()

    async def close(self) -> None:
        self._pool.close()

    async def ask(
        self, engine: Engine, path: str, body: bytes, extra: Mapping[str, str], *, stream: bool
    ) -> tuple[Reply, int]:
        """The engine's reply and how many attempts it took. Raises a `GatewayError` where there is none to be had.

        A reply may be an error of the engine's own (status 400 and above).
        """
        breaker = self._breakers.get(engine.name)
        if breaker is None:
            breaker = self._breakers[engine.name] = Breaker()
        failure: _TryAgainError | None = None
        for attempt in range(self._retries + 1):
            if breaker.enter():
                break
            try:
                reply = await self._once(engine, path, body, extra, stream=stream)
            except _TryAgainError as error:
                failure = error
                breaker.abandoned() if error.reply is not None and error.reply.status == 429 else breaker.failed()
                if attempt == self._retries or (pause := _pause_seconds(attempt, error)) is None:
                    break
                await asyncio.sleep(pause)
            except BaseException:
                breaker.abandoned()
                raise
            else:
                breaker.succeeded()
                return reply, attempt + 1
        if failure is None:
            raise UpstreamUnavailable(engine.name, "it keeps failing, and is left alone for some seconds")
        if failure.reply is not None and failure.reply.status == 429:
            return failure.reply, attempt + 1
        raise failure.error

    async def _once(self, engine: Engine, path: str, body: bytes, extra: Mapping[str, str], *, stream: bool) -> Reply:
        address, head = self._target(engine, path)
        connection: Connection | None = None
        try:
            async with asyncio.timeout(engine.first_byte_seconds if stream else engine.total_seconds):
                connection = await self._pool.connection(address, engine.connect_seconds)
                connection.send(_with_headers(engine, head, extra, len(body)), body)
                reply = await _read(engine, connection, stream=stream)
        except ConnectTimeoutError:
            raise _TryAgainError(UpstreamTimeout(engine.name, "connecting", engine.connect_seconds)) from None
        except NoConnectionError:
            raise _TryAgainError(UpstreamUnavailable(engine.name, "no connection")) from None
        except TimeoutError:
            _end(connection)
            raise _too_long(engine, stream=stream) from None
        except OSError:
            _end(connection)
            raise _TryAgainError(UpstreamHungUp(engine.name)) from None
        except BaseException:
            _end(connection)
            raise
        return _checked(reply)

    def _target(self, engine: Engine, path: str) -> tuple[Address, bytes]:
        """Where an endpoint of an engine is, and the part of a request's head that is always the same."""
        target = self._targets.get((engine.name, path))
        if target is None:
            target = self._targets[engine.name, path] = _target_of(engine, path)
        return target


def _target_of(engine: Engine, path: str) -> tuple[Address, bytes]:
    address = Address.of(engine.url)
    lines = [
        f"POST {address.path}{path} HTTP/1.1", f"Host: {address.host_header}", "Content-Type: application/json",
        "Accept: */*", "Accept-Encoding: identity",
    ]  # fmt: skip
    if engine.protocol == "anthropic" and engine.api_key:
        lines.append(f"x-api-key: {engine.api_key}")
    elif engine.api_key:
        lines.append(f"Authorization: Bearer {engine.api_key}")
    return address, "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def _with_headers(engine: Engine, head: bytes, extra: Mapping[str, str], length: int) -> bytes:
    if engine.protocol == "anthropic" and "anthropic-version" not in extra:
        extra = {**extra, "anthropic-version": ANTHROPIC_VERSION}
    lines = "".join([f"{name}: {value}\r\n" for name, value in extra.items()])
    return b"%b%bContent-Length: %d\r\n\r\n" % (head, lines.encode("latin-1"), length)


def _end(connection: Connection | None) -> None:
    if connection is not None:
        connection.abort()


async def _read(engine: Engine, connection: Connection, *, stream: bool) -> Reply:
    if stream:
        await connection.head()
        if connection.status == 200 and _header(connection, b"content-type").startswith("text/event-stream"):
            first = await connection.piece()
            if not first:
                raise BrokenOffError
            return _reply(engine, connection, first, streamed=True)
    body = await connection.whole()
    reply = _reply(engine, connection, body, streamed=False)
    connection.done()
    return reply


def _reply(engine: Engine, connection: Connection, body: bytes, *, streamed: bool) -> Reply:
    asked = _header(connection, b"retry-after") or None
    return Reply(engine, connection.status, body, connection, streamed=streamed, retry_after=asked)


def _header(connection: Connection, name: bytes) -> str:
    return connection.headers.get(name, b"").decode("latin-1")


def _too_long(engine: Engine, *, stream: bool) -> UpstreamTimeout:
    if stream:
        return UpstreamTimeout(engine.name, "the first byte", engine.first_byte_seconds)
    return UpstreamTimeout(engine.name, "the whole answer", engine.total_seconds)


def _checked(reply: Reply) -> Reply:
    name, status = reply.engine.name, reply.status
    if status in (401, 403):
        raise UpstreamKeyRefused(name)
    if status in PASSING:
        pause = retry_after_seconds(reply.retry_after)
        raise _TryAgainError(UpstreamUnavailable(name, f"it answers with HTTP {status}"), pause, reply)
    if 300 <= status < 400 or status >= 500:
        raise UpstreamUnavailable(name, f"it answers with HTTP {status}")
    return reply


def _pause_seconds(attempt: int, error: _TryAgainError) -> float | None:
    """`None` where the engine asks for a longer wait than a caller should be held for."""
    drawn = random.random() * BASE_PAUSE_SECONDS * 2.0**attempt  # noqa: S311 - jitter, no secret
    asked = error.pause_seconds or 0.0
    return None if asked > LONGEST_PAUSE_SECONDS else asked + drawn


def passed_on(headers: Mapping[bytes, bytes], names: Sequence[bytes]) -> dict[str, str]:
    """Those of the caller's headers that engines read, where they hold names of features only."""
    found = {}
    for name in names:
        value = headers.get(name, b"").decode("latin-1")
        if len(value) <= 400 and _FEATURES.fullmatch(value):
            found[name.decode()] = value
    return found
