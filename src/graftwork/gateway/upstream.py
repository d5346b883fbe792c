"""Asking engines over HTTP: one pool of connections, four time-outs, tries before the first byte only."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from graftwork.core.engines.retry import Breaker, retry_after_seconds
from graftwork.core.errors import GatewayError, UpstreamHungUp, UpstreamKeyRefused, UpstreamTimeout, UpstreamUnavailable
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
    response: aiohttp.ClientResponse = field(repr=False)
    streamed: bool = False
    retry_after: str | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces of a stream. Raises `UpstreamTimeout` or `UpstreamHungUp`."""
        loop, engine = asyncio.get_running_loop(), self.engine
        yield self.body
        try:
            async with asyncio.timeout(engine.idle_seconds) as idle:
                while piece := await self.response.content.readany():
                    idle.reschedule(None)  # the caller may be slow to take it; that is not the engine's pause
                    yield piece
                    idle.reschedule(loop.time() + engine.idle_seconds)
        except TimeoutError:
            raise UpstreamTimeout(engine.name, "a pause within the stream", engine.idle_seconds) from None
        except aiohttp.ClientError:
            raise UpstreamHungUp(engine.name) from None

    def close(self) -> None:
        """Whatever is still under way ends, so that the engine stops working. Safe to call twice."""
        self.response.close()


class _TryAgainError(Exception):
    """This attempt failed in a way that may pass."""

    def __init__(self, error: GatewayError, pause_seconds: float | None = None, reply: Reply | None = None) -> None:
        super().__init__(error.code)
        self.error = error
        self.pause_seconds = pause_seconds
        self.reply = reply


class Upstreams:
    """Every engine, over one client session for each zone. Opened and closed with the process."""

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._breakers: dict[str, Breaker] = {}
        self._urls: dict[tuple[str, str], URL] = {}
        self._timeouts: dict[tuple[str, bool], aiohttp.ClientTimeout] = {}
        self._heads: dict[str, CIMultiDict[str]] = {}

    async def open(self) -> None:
        # What leaves the house may have to pass the company's proxy (HTTPS_PROXY); what stays must not.
        self._sessions = {"local": _session(proxy=False), "managed": _session(proxy=True)}

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()

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
        headers = self._headers(engine)
        headers.update(extra)
        response: aiohttp.ClientResponse | None = None
        try:
            if stream:
                async with asyncio.timeout(engine.first_byte_seconds):
                    response = await self._post(engine, path, body, headers, self._timeout(engine, stream=True))
                    reply = await _read(engine, response, stream=True)
            else:
                response = await self._post(engine, path, body, headers, self._timeout(engine, stream=False))
                reply = await _read(engine, response, stream=False)
        except aiohttp.ConnectionTimeoutError:
            raise _TryAgainError(UpstreamTimeout(engine.name, "connecting", engine.connect_seconds)) from None
        except TimeoutError:
            if response is not None:
                response.close()
            raise _too_long(engine, stream=stream) from None
        except aiohttp.ClientConnectorError:
            raise _TryAgainError(UpstreamUnavailable(engine.name, "no connection")) from None
        except (aiohttp.ClientError, OSError):
            if response is not None:
                response.close()
            raise _TryAgainError(UpstreamHungUp(engine.name)) from None
        except BaseException:
            if response is not None:
                response.close()
            raise
        return _checked(reply)

    async def _post(
        self, engine: Engine, path: str, body: bytes, headers: CIMultiDict[str], limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        return await self._sessions[engine.zone].post(
            self._url(engine, path), data=body, headers=headers, allow_redirects=False, timeout=limits
        )

    def _timeout(self, engine: Engine, *, stream: bool) -> aiohttp.ClientTimeout:
        timeout = self._timeouts.get((engine.name, stream))
        if timeout is None:
            total = None if stream else engine.total_seconds
            timeout = aiohttp.ClientTimeout(total=total, sock_connect=engine.connect_seconds)
            self._timeouts[engine.name, stream] = timeout
        return timeout

    def _url(self, engine: Engine, path: str) -> URL:
        url = self._urls.get((engine.name, path))
        if url is None:
            url = self._urls[engine.name, path] = URL(engine.url + path)
        return url

    def _headers(self, engine: Engine) -> CIMultiDict[str]:
        head = self._heads.get(engine.name)
        if head is None:
            head = self._heads[engine.name] = CIMultiDict({"Content-Type": "application/json", "Accept": "*/*"})
            head["Accept-Encoding"] = "identity"
            if engine.protocol == "anthropic":
                head["anthropic-version"] = ANTHROPIC_VERSION
                if engine.api_key:
                    head["x-api-key"] = engine.api_key
            elif engine.api_key:
                head["Authorization"] = f"Bearer {engine.api_key}"
        return head.copy()


def _session(*, proxy: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        skip_auto_headers=("User-Agent",),
        trust_env=proxy,
        # A frame of a stream may be long; a status line or header may not.
        read_bufsize=1 << 18,
    )


async def _read(engine: Engine, response: aiohttp.ClientResponse, *, stream: bool) -> Reply:
    reply = Reply(engine, response.status, b"", response, retry_after=response.headers.get("Retry-After"))
    content_type = response.headers.get("Content-Type", "")
    if stream and response.status == 200 and content_type.startswith("text/event-stream"):
        reply.streamed = True
        reply.body = await response.content.readany()
        if not reply.body:
            raise aiohttp.ClientPayloadError("an empty stream")
    else:
        reply.body = await response.read()
    return reply


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
