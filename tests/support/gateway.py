"""What the gateway's tests share: a provider on loopback that plays a script, a gateway beside it, a simple guard."""

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from aiohttp import web

from graftwork.core.privacy.policy import Ruling
from graftwork.core.types import Sensitivity
from graftwork.gateway.privacy import RequestScope, Sink
from support.product import free_port

Handler = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


class Provider:
    """An upstream with a loop and a port of its own. `received` holds what it was sent, `handler` answers."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.handler: Handler = answer_by_path
        self.disconnects = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, _, body in self.received]

    @property
    def last(self) -> dict[str, Any]:
        return self.received[-1][2]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _start(self) -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.received.append((request.path, dict(request.headers), body))
        try:
            return await self.handler(request, body)
        except (asyncio.CancelledError, ConnectionError):
            self.disconnects += 1
            raise


class Server:
    """An ASGI application served by uvicorn in a thread."""

    def __init__(self, app: Any) -> None:
        self.port = free_port()
        self._server = uvicorn.Server(
            uvicorn.Config(app, port=self.port, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            threading.Event().wait(0.01)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


# --- what a provider answers ------------------------------------------------------------------------------------------


def last_user_text(body: Mapping[str, Any]) -> str:
    found = ""
    for message in body.get("messages") or []:
        if message["role"] == "user":
            content = message["content"]
            found = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return found


async def answer_by_path(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Echoes the last text of the user in the form of the API that was called."""
    if request.path.endswith("/embeddings"):
        count = len(body["input"]) if isinstance(body["input"], list) else 1
        rows = [{"object": "embedding", "index": n, "embedding": [0.25, -0.5]} for n in range(count)]
        return web.json_response(
            {"object": "list", "data": rows, "model": body["model"], "usage": {"prompt_tokens": 3, "total_tokens": 3}}
        )
    if request.path.endswith("/count_tokens"):
        return web.json_response({"input_tokens": 7})
    text = f"You said: {last_user_text(body)}"
    if request.path.endswith("/messages"):
        return await messages(request, body, text)
    if request.path.endswith("/responses"):
        said = body["input"] if isinstance(body["input"], str) else body["input"][-1]["content"]
        said = said if isinstance(said, str) else said[0]["text"]
        return await responses(request, body, f"You said: {said}")
    return await chat(request, body, text)


def says(text: str) -> Handler:
    async def handle(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if request.path.endswith("/messages"):
            return await messages(request, body, text)
        if request.path.endswith("/responses"):
            return await responses(request, body, text)
        return await chat(request, body, text)

    return handle


def calls_tool(name: str, arguments: str) -> Handler:
    async def handle(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if request.path.endswith("/messages"):
            return await messages(request, body, None, tool=(name, arguments))
        if request.path.endswith("/responses"):
            return await responses(request, body, None, tool=(name, arguments))
        return await chat(request, body, None, tool=(name, arguments))

    return handle


def pieces(text: str, size: int = 4) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16, "prompt_tokens_details": {"cached_tokens": 4}}


async def chat(
    request: web.Request, body: dict[str, Any], text: str | None, tool: tuple[str, str] | None = None
) -> web.StreamResponse:
    head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
    reason = "tool_calls" if tool else "stop"
    call = {"id": "call_1", "type": "function", "function": {"name": tool[0], "arguments": tool[1]}} if tool else None
    count = body.get("n") or 1
    if not body.get("stream"):
        message = {"role": "assistant", "content": text, **({"tool_calls": [call]} if call else {})}
        choices = [{"index": n, "message": message, "finish_reason": reason} for n in range(count)]
        return web.json_response({**head, "object": "chat.completion", "choices": choices, "usage": USAGE})
    events: list[Any] = []

    def add(delta: dict[str, Any], index: int, finish: str | None = None) -> None:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        events.append({**head, "object": "chat.completion.chunk", "choices": [choice]})

    for n in range(count):
        add({"role": "assistant", "content": "" if text is not None else None}, n)
    if tool:
        add({"tool_calls": [{"index": 0, **call, "function": {"name": tool[0], "arguments": ""}}]}, 0)  # type: ignore[dict-item]
        for piece in pieces(tool[1]):
            add({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}, 0)
    for piece in pieces(text or ""):
        for n in range(count):
            add({"content": piece}, n)
    for n in range(count):
        add({}, n, reason)
    if (body.get("stream_options") or {}).get("include_usage"):
        events.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
    return await stream(request, [*(sse(event) for event in events), b"data: [DONE]\n\n"])


async def messages(
    request: web.Request, body: dict[str, Any], text: str | None, tool: tuple[str, str] | None = None
) -> web.StreamResponse:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "stop_sequence": None}
    reason = "tool_use" if tool else "end_turn"
    block: dict[str, Any] = {"type": "text", "text": text}
    if tool:
        block = {"type": "tool_use", "id": "toolu_1", "name": tool[0], "input": json.loads(tool[1])}
    usage = {"input_tokens": 9, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 0, "output_tokens": 6}
    if not body.get("stream"):
        return web.json_response({**head, "content": [block], "stop_reason": reason, "usage": usage})
    empty = {**block, "text": ""} if text is not None else {**block, "input": {}}
    kind, key = ("text_delta", "text") if text is not None else ("input_json_delta", "partial_json")
    whole = text if text is not None else tool[1] if tool else ""
    start = {**head, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    events = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": kind, key: piece}} for piece in pieces(whole)),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": {"output_tokens": 6},
        },
        {"type": "message_stop"},
    ]
    return await stream(request, [sse(event, named=True) for event in events])


async def responses(
    request: web.Request, body: dict[str, Any], text: str | None, tool: tuple[str, str] | None = None
) -> web.StreamResponse:
    number = len(pieces("x" * 1))
    item: dict[str, Any] = {
        "id": "item_1", "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }  # fmt: skip
    if tool:
        item = {
            "id": "item_1", "type": "function_call", "call_id": "call_1", "name": tool[0], "arguments": tool[1],
            "status": "completed",
        }  # fmt: skip
    usage = {
        "input_tokens": 8, "output_tokens": 3, "total_tokens": 11,
        "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0},
    }  # fmt: skip
    whole = {
        "id": f"resp_{number}", "object": "response", "created_at": 1, "model": body["model"], "status": "completed",
        "output": [item], "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "usage": usage,
    }  # fmt: skip
    if not body.get("stream"):
        return web.json_response(whole)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": "item_1", "output_index": 0}
    if tool:
        stem, place_in = "response.function_call_arguments", place
        texts, last = pieces(tool[1]), {"arguments": tool[1]}
        empty = {**item, "arguments": ""}
    else:
        stem, place_in = "response.output_text", {**place, "content_index": 0}
        texts, last = pieces(text or ""), {"text": text}
        empty = {**item, "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": empty},
    ]
    if not tool:
        part = {"type": "output_text", "text": "", "annotations": []}
        events.append({"type": "response.content_part.added", **place_in, "part": part})
    events += [{"type": f"{stem}.delta", **place_in, "delta": piece} for piece in texts]
    events.append({"type": f"{stem}.done", **place_in, **last})
    events.append({"type": "response.output_item.done", "output_index": 0, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return await stream(request, [sse({**event, "sequence_number": n}, named=True) for n, event in enumerate(events)])


def sse(event: dict[str, Any], *, named: bool = False) -> bytes:
    head = f"event: {event['type']}\n" if named else ""
    return f"{head}data: {json.dumps(event)}\n\n".encode()


async def stream(
    request: web.Request, chunks: list[bytes], *, hang_up: bool = False, pause_seconds: float = 0.0
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for chunk in chunks:
        await response.write(chunk)
        await asyncio.sleep(pause_seconds)
    if hang_up:
        assert request.transport is not None
        request.transport.close()
    return response


# --- a guard whose rules are easy to see ------------------------------------------------------------------------------

_SENSITIVE = re.compile(r"\b(?:Anna|Bert|Carla) ?(?:Example|Sample)?\b|\b[\w.]{1,30}@[\w.]{1,30}\.\w{2,9}|\b\d{16}\b")
_TYPED = re.compile(r"\[([A-Z]+_\d+)\]")


@dataclass
class SimpleSession:
    """Numbers by first appearance; a placeholder that somebody typed loses its brackets' meaning."""

    values: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    kept: int = 0
    classes: Collection[Sensitivity] = ()
    held_by: Ruling | None = None
    crash: Callable[[str], None] = lambda text: None

    def mask_text(self, text: str) -> str:
        self.crash(text)
        return self.mask_terms(_SENSITIVE.sub(self._mask, _TYPED.sub(r"(\1)", text)))

    def mask_terms(self, text: str) -> str:
        return text.replace("Falcon", "[TERM_1]")

    def kinds_in(self, text: str) -> Mapping[str, float]:
        return {"mail" if "@" in one else "card": 1.0 for one in _SENSITIVE.findall(text) if not one[0].isalpha()}

    def keep(self) -> None:
        self.kept += 1

    def hold(self, rule: Ruling) -> None:
        self.held_by = rule

    def restorer(self, sink: Sink) -> "SimpleRestorer":
        return SimpleRestorer({mark: value for value, mark in self.values.items()}, sink)

    def _mask(self, match: re.Match[str]) -> str:
        value = match[0]
        kind = "MAIL" if "@" in value else "CARD" if value.isdigit() else "PERSON"
        if value not in self.values:
            number = sum(mark.startswith(f"[{kind}_") for mark in self.values.values()) + 1
            self.values[value] = f"[{kind}_{number}]"
        self.counts[kind.lower()] = self.counts.get(kind.lower(), 0) + 1
        return self.values[value]


class SimpleRestorer:
    def __init__(self, values: dict[str, str], sink: Sink) -> None:
        self._values, self._sink, self._held = {**values, "[TERM_1]": "Falcon"}, sink, ""

    def feed(self, text: str) -> str:
        self._held += text
        start = self._held.rfind("[")
        whole = start < 0 or "]" in self._held[start:] or len(self._held) - start > 20
        cut = len(self._held) if whole else start
        out, self._held = self._held[:cut], self._held[cut:]
        return self._restored(out)

    def close(self) -> str:
        out, self._held = self._held, ""
        return self._restored(out)

    def _restored(self, text: str) -> str:
        return re.sub(r"\[[A-Z]+_\d+\]", lambda match: self._value(match[0]), text)

    def _value(self, mark: str) -> str:
        value = self._values.get(mark, mark)
        return json.dumps(value)[1:-1] if self._sink == "json" else value


class SimpleGuard:
    """`threads` keeps the sessions of threads; `crash` is called with each text that is to be masked."""

    quick = True

    def __init__(self) -> None:
        self.threads: dict[tuple[str, str], SimpleSession] = {}
        self.opened: list[RequestScope] = []
        self.crash: Callable[[str], None] = lambda text: None
        self.vault_lost = False

    def open(self, scope: RequestScope) -> SimpleSession:
        self.opened.append(scope)
        if self.vault_lost:
            raise OSError("the vault is gone")
        if not scope.thread:
            return SimpleSession(crash=self.crash)
        return self.threads.setdefault((scope.tenant, scope.thread), SimpleSession(crash=self.crash))
