"""Passing a stream on: as it is, or restored event by event; and what it told on the way."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from graftwork.gateway.answers import Dialect
from graftwork.gateway.restoring import StreamRestorer
from graftwork.gateway.usage import Usage
from graftwork.gateway.wire import FrameSplitter, frame, frame_data, loads_or_none

# Keys in the JSON of an event. Inside a text their quotes would be escaped, so these never match there.
_USAGE = re.compile(rb'"(?:usage|input_tokens)"\s*:\s*[{\d]')
_FINISH = re.compile(rb'"finish_reason"\s*:\s*"')
_ERROR = re.compile(rb'data:\s*\{\s*"error"\s*:\s*[{"]|"type"\s*:\s*"error"')
_LAST = {
    "chat": re.compile(rb"data:\s*\[DONE\]"),
    "messages": re.compile(rb'"type"\s*:\s*"message_stop"'),
    "responses": re.compile(rb'"type"\s*:\s*"response\.(?:completed|incomplete|failed)"'),
}
_DONE = b"data: [DONE]\n\n"


class Relay:
    """Takes the pieces of one stream and gives what goes on to the caller: whole events only.

    `hide_usage` drops the chunk that carries nothing but the usage, which the gateway asked for and the caller did not.
    """

    def __init__(
        self,
        dialect: Dialect,
        restorer: StreamRestorer | None,
        *,
        hide_usage: bool = False,
        on_response_id: Callable[[object], None] | None = None,
    ) -> None:
        self.usage = Usage()
        self.failed = False
        self.sent_bytes = 0
        self._last = _LAST[dialect]
        self._dialect = dialect
        self._restorer = restorer
        self._hide_usage = hide_usage
        self._on_response_id = on_response_id
        self._splitter = FrameSplitter()
        self._finished = self._saw_last = False

    @property
    def complete(self) -> bool:
        """Whether the engine said that its answer is over, and nothing of an event is left."""
        return self._finished and not self._splitter.half

    def feed(self, piece: bytes) -> bytes:
        """Raises `FrameTooLongError`."""
        if self._restorer is not None:
            out = self._restored(self._splitter.feed(piece), self._restorer)
        elif (whole := self._splitter.whole(piece)) is not None and not _tells(whole):
            out = whole
        else:
            out = self._plain(self._splitter.feed(piece if whole is None else whole))
        self.sent_bytes += len(out)
        return out

    def close(self) -> bytes:
        """What follows the last piece: an end that the engine left out."""
        if self._saw_last or self._dialect != "chat":
            return b""
        held = self._restorer.close() if self._restorer else ()
        return b"".join(frame(event) for event in held) + _DONE

    def _plain(self, frames: list[bytes]) -> bytes:
        out: list[bytes] = []
        for one in frames:
            self._watch(one)
            if self._hide_usage and _is_only_usage(one):
                continue
            out += (one, b"\n\n")
        return b"".join(out)

    def _watch(self, one: bytes) -> None:
        if self._last.search(one):
            self._finished = self._saw_last = True
        elif _FINISH.search(one):
            self._finished = True
        if _ERROR.search(one):
            self.failed = self._finished = True
        if _USAGE.search(one):
            self._read_usage(loads_or_none(frame_data(one)))

    def _read_usage(self, event: Any) -> None:
        if not isinstance(event, dict):
            return
        self.usage.read(event.get("usage"))
        for holder in ("message", "response"):
            if isinstance(event.get(holder), dict):
                self.usage.read(event[holder].get("usage"))

    def _restored(self, frames: list[bytes], restorer: StreamRestorer) -> bytes:
        out: list[bytes] = []
        for one in frames:
            self._watch(one)
            if self._hide_usage and _is_only_usage(one):
                continue
            event = loads_or_none(frame_data(one))
            if isinstance(event, dict):
                self._tell_response_id(event)
                out += self._frames(restorer.event(event), named=one.startswith(b"event:"))
            else:
                if self._saw_last:
                    out += self._frames(restorer.close(), named=False)
                out += (one, b"\n\n")
        return b"".join(out)

    def _tell_response_id(self, event: dict[str, Any]) -> None:
        response = event.get("response")
        if self._on_response_id is not None and isinstance(response, dict):
            self._on_response_id(response.get("id"))
            self._on_response_id = None

    def _frames(self, events: Iterable[Any], *, named: bool) -> Iterable[bytes]:
        return [frame(event, event=str(event.get("type", "")) if named else None) for event in events]


def _tells(data: bytes) -> bool:
    """Whether events hold anything but text: most do not, and go on unread."""
    return b'"usage"' in data or b"DONE]" in data or b'"error"' in data or _KIND.search(data) is not None


_KIND = re.compile(rb'"(?:finish_reason|type)"\s*:\s*"(?!content_block|response\.output_text\.delta|text_delta)')
_NO_CHOICES = re.compile(rb'"choices"\s*:\s*\[\s*\]')


def _is_only_usage(one: bytes) -> bool:
    return bool(_NO_CHOICES.search(one) and _USAGE.search(one))
