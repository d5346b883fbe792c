"""One request to `/chat/completions` and its streamed answer, for every server that speaks OpenAI's protocol."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp

from graftwork.core.engines.retry import PassingError, retry_after_seconds
from graftwork.core.engines.sse import EventReader, EventTooLongError
from graftwork.core.errors import EngineContextExceeded, EngineRefused, EngineUnavailable
from graftwork.core.ports import OnText
from graftwork.core.types import FinishReason

CONNECT_SECONDS = 10.0
# An error's body is read only as far as its code may stand.
ERROR_BODY_BYTES = 64 << 10

_FINISH: dict[str, FinishReason] = {"stop": "stop", "length": "length", "tool_calls": "stop", "content_filter": "error"}
_CONTEXT_CODES = {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"}
_UNEXPECTED_FORM = "its answer is not in the expected form"
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(slots=True)
class Answer:
    """What has come so far. `None` is what the server has not reported."""

    pieces: list[str] = field(default_factory=list)
    model: str | None = None
    finish_reason: FinishReason | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    first_token_ms: float | None = None
    done: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class ChatClient:
    """Holds one connection pool for each event loop. The key is in no repr, error or log.

    Redirects are not followed, because a request holds text that was cleared for this server only; and a server of the
    house is never asked through a proxy.
    """

    def __init__(
        self, url: str, *, engine: str, api_key: str | None, connections: int, proxy: bool, keep_alive: bool = True
    ) -> None:
        self._url = url.rstrip("/")
        self._engine = engine
        self._api_key = api_key
        self._connections = connections
        self._proxy = proxy
        self._keep_alive = keep_alive
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    async def complete(self, body: Mapping[str, Any], on_text: OnText) -> Answer:
        """Send `body`, hand each piece of text to `on_text`, and give the whole answer.

        Raises `PassingError` where nothing was handed out and another try may help; `EngineUnavailable` where the
        answer broke off after that; `EngineRefused` and `EngineContextExceeded`.
        """
        answer = Answer()
        started = time.perf_counter()
        try:
            async with self._session().post(
                f"{self._url}/chat/completions", json=body, allow_redirects=False
            ) as response:
                await self._check(response)
                await self._read(response, answer, on_text, started)
        except (aiohttp.ClientError, OSError, EventTooLongError) as error:
            raise self._broken(answer, _network_reason(error)) from None
        if not answer.done and answer.finish_reason is None:
            raise self._broken(answer, "the answer ended before it was finished")
        return answer

    async def post_json(self, url: str, body: Mapping[str, Any]) -> Any:
        """The JSON that another address of the same server answers. Raises as `complete` does."""
        try:
            async with self._session().post(url, json=body, allow_redirects=False) as response:
                await self._check(response)
                return await response.json()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PassingError(_network_reason(error)) from None

    async def close(self) -> None:
        """Close the connections of every loop; a loop that runs in another thread is asked to close its own."""
        here = asyncio.get_running_loop()
        for loop, session in list(self._sessions.items()):
            if loop is not here and loop.is_running():
                asyncio.run_coroutine_threadsafe(session.close(), loop)
                continue
            with suppress(RuntimeError):  # the loop that this session belonged to is closed
                await session.close()
        self._sessions.clear()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, force_close=not self._keep_alive),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                trust_env=self._proxy,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            self._sessions[loop] = session
        return session

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        if response.status == 200:
            return
        code = _error_code(_object(await response.content.read(ERROR_BODY_BYTES)))
        if response.status == 429 or response.status >= 500:
            wait = retry_after_seconds(response.headers.get("Retry-After"))
            raise PassingError(f"HTTP {response.status}", retry_after_seconds=wait, healthy=response.status == 429)
        if code in _CONTEXT_CODES or response.status == 413:
            raise EngineContextExceeded(self._engine)
        raise EngineRefused(self._engine, response.status, code or "no reason given")

    async def _read(self, response: aiohttp.ClientResponse, answer: Answer, on_text: OnText, started: float) -> None:
        if response.content_type == "application/json":  # a server that does not stream
            event = _object(await response.read())
            if "error" not in event and not _list(event.get("choices")):
                raise self._broken(answer, _UNEXPECTED_FORM)
            self._take(event, answer, on_text, started)
            answer.done = True
            return
        async for data in _events(response):
            if data == "[DONE]":
                answer.done = True
            else:
                self._take(_object(data), answer, on_text, started)

    def _take(self, event: Mapping[str, Any], answer: Answer, on_text: OnText, started: float) -> None:
        if "error" in event:
            if (code := _error_code(event)) in _CONTEXT_CODES:
                raise EngineContextExceeded(self._engine)
            raise self._broken(answer, code or "the server reported an error")
        _take_counts(event, answer)
        for choice in _list(event.get("choices"))[:1]:
            piece = (_mapping(choice.get("delta")) or _mapping(choice.get("message"))).get("content")
            if isinstance(piece, str) and piece:
                if answer.first_token_ms is None:
                    answer.first_token_ms = (time.perf_counter() - started) * 1000
                answer.pieces.append(piece)
                on_text(piece)
            if reason := choice.get("finish_reason"):
                answer.finish_reason = _FINISH.get(str(reason), "error")

    def _broken(self, answer: Answer, reason: str) -> Exception:
        """Once text was handed out, another try would hand out other text after it."""
        return EngineUnavailable(self._engine, reason) if answer.pieces else PassingError(reason)


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[str]:
    reader = EventReader()
    async for chunk in response.content.iter_any():
        for data in reader.feed(chunk):
            yield data
    for data in reader.end():
        yield data


def _take_counts(event: Mapping[str, Any], answer: Answer) -> None:
    if isinstance(event.get("model"), str):
        answer.model = event["model"]
    usage = _mapping(event.get("usage"))
    answer.prompt_tokens = _count(usage.get("prompt_tokens"), answer.prompt_tokens)
    answer.completion_tokens = _count(usage.get("completion_tokens"), answer.completion_tokens)
    details = _mapping(usage.get("prompt_tokens_details"))
    timings = _mapping(event.get("timings"))  # llama.cpp
    answer.cached_tokens = _count(details.get("cached_tokens"), _count(timings.get("cache_n"), answer.cached_tokens))


def _error_code(event: Mapping[str, Any]) -> str | None:
    """The server's name for the error. Never its message, which may quote the request."""
    error = _mapping(event.get("error"))
    for value in (error.get("code"), error.get("type")):
        if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
            return value
    return None


def _network_reason(error: Exception) -> str:
    """What broke, without addresses and without what was sent."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not accepted"
        case aiohttp.ClientConnectorDNSError():
            return "its host name is not known"
        case aiohttp.ServerTimeoutError():
            return f"no connection within {CONNECT_SECONDS:g} s"
        case aiohttp.ClientConnectorError():
            return "no connection (is the server running?)"
        case EventTooLongError() | ValueError():
            return _UNEXPECTED_FORM
    return "the connection broke"


def _object(data: bytes | str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(data))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _count(value: Any, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
