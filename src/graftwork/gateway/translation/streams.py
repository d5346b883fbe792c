"""A stream of `/chat/completions` as one of `/v1/messages`, event by event."""

from collections.abc import Iterable
from typing import Any

from graftwork.gateway.restoring import StreamRestorer
from graftwork.gateway.translation.answers import STOP_REASONS, message_head, usage_of
from graftwork.gateway.usage import Usage
from graftwork.gateway.wire import FrameSplitter, frame, frame_data, loads_or_none

Event = dict[str, Any]


class MessagesFromChat:
    """The same shape as `streams.Relay`. Blocks come one after the other: a new one ends the one before."""

    def __init__(self, model: str, restorer: StreamRestorer | None) -> None:
        self.usage = Usage()
        self.failed = False
        self.sent_bytes = 0
        self._model = model
        self._restorer = restorer
        self._splitter = FrameSplitter()
        self._started = self._done = False
        self._block = -1
        self._open: object = None
        self._stop_reason: str | None = None
        self._counts: Any = None

    @property
    def complete(self) -> bool:
        return (self._done or self._stop_reason is not None) and not self._splitter.half

    def feed(self, piece: bytes) -> bytes:
        """Raises `FrameTooLongError`."""
        events: list[Event] = []
        for one in self._splitter.feed(piece):
            data = frame_data(one)
            if data.strip() == b"[DONE]":
                self._done = True
            elif isinstance(chunk := loads_or_none(data), dict):
                events += self._chunk(chunk)
        return self._bytes(events)

    def close(self) -> bytes:
        """The end of the message, once the engine's stream is over; nothing after an error."""
        if self.failed:
            return b""
        delta = {"stop_reason": self._stop_reason or "end_turn", "stop_sequence": None}
        last = [
            *self._end_block(),
            {"type": "message_delta", "delta": delta, "usage": usage_of(self._counts)},
            {"type": "message_stop"},
        ]
        return self._bytes(last)

    def _bytes(self, events: Iterable[Event]) -> bytes:
        if self._restorer is not None:
            events = [one for event in events for one in self._restorer.event(event)]
        out = b"".join(frame(event, event=str(event["type"])) for event in events)
        self.sent_bytes += len(out)
        return out

    def _chunk(self, chunk: Event) -> Iterable[Event]:
        if chunk.get("error"):
            self.failed = self._done = True
            message = "the engine broke off its answer"
            yield {"type": "error", "error": {"type": "api_error", "message": message}}
            return
        if chunk.get("usage"):
            self._counts = chunk["usage"]
            self.usage.read(self._counts)
        if not self._started:
            self._started = True
            yield {"type": "message_start", "message": message_head(chunk.get("id"), self._model)}
        for choice in chunk.get("choices") or ():
            if choice.get("index", 0) == 0:
                yield from self._choice(choice)

    def _choice(self, choice: Event) -> Iterable[Event]:
        delta = choice.get("delta") or {}
        if text := delta.get("content") or delta.get("refusal"):
            yield from self._begin_block("text", {"type": "text", "text": ""})
            yield self._delta({"type": "text_delta", "text": text})
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            head = {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": {}}
            yield from self._begin_block(("tool", call.get("index", 0)), head)
            if arguments := function.get("arguments"):
                yield self._delta({"type": "input_json_delta", "partial_json": arguments})
        if reason := choice.get("finish_reason"):
            self._stop_reason = STOP_REASONS.get(str(reason), "end_turn")

    def _begin_block(self, kind: object, head: Event) -> Iterable[Event]:
        if kind == self._open:
            return
        yield from self._end_block()
        self._block += 1
        self._open = kind
        yield {"type": "content_block_start", "index": self._block, "content_block": head}

    def _end_block(self) -> Iterable[Event]:
        if self._open is not None:
            self._open = None
            yield {"type": "content_block_stop", "index": self._block}

    def _delta(self, delta: Event) -> Event:
        return {"type": "content_block_delta", "index": self._block, "delta": delta}
