"""JSON and server-sent events as bytes: what goes over the wire."""

import json
from typing import Any

from graftwork.core.errors import GatewayBodyInvalid

# A longer event is no token of an answer; a server that never ends one must not fill the memory.
FRAME_LIMIT_BYTES = 4 << 20
_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(separators=(",", ":")).encode


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class FrameTooLongError(ValueError):
    """An event is over `FRAME_LIMIT_BYTES`."""


def dumps(value: Any) -> bytes:
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can hold it, UTF-8 cannot
        return _encode_ascii(value).encode()


def loads_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a caller sent. Raises `GatewayBodyInvalid`, which quotes nothing of it."""
    try:
        value = _decode(body.decode())
    except (ValueError, RecursionError):
        raise GatewayBodyInvalid("(body)", "is not JSON that can be read") from None
    if not isinstance(value, dict):
        raise GatewayBodyInvalid("(body)", "must be a JSON object")
    return value


def loads_or_none(body: bytes | str) -> Any:
    """What an engine sent; `None` where it is not JSON."""
    try:
        return _decode(body if isinstance(body, str) else body.decode())
    except (ValueError, RecursionError):
        return None


class FrameSplitter:
    """Feed it bytes as they come; it gives the events that are whole, without the empty line that ends each.

    (WHATWG HTML, section 9.2.) Works on bytes, so that a cut inside a UTF-8 character does no harm.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._begun = self._after_cr = False

    @property
    def half(self) -> bool:
        """Whether a part of an event is waiting for its end."""
        return bool(self._rest.strip())

    def whole(self, chunk: bytes) -> bytes | None:
        """All whole events as one piece, with their ends; `None` where that takes a closer look (`feed` does it)."""
        if self._after_cr or b"\r" in chunk:
            return None
        data = self._rest + chunk if self._rest else chunk
        cut = data.rfind(b"\n\n") + 2
        if cut == len(data):
            self._rest = b""
            return data
        if cut < 2:
            return None
        self._rest = data[cut:]
        return data[:cut]

    def feed(self, chunk: bytes) -> list[bytes]:
        """Raises `FrameTooLongError`."""
        if self._after_cr and chunk:  # a CR LF that was cut in two is one end of a line
            chunk, self._after_cr = chunk.removeprefix(b"\n"), False
        self._after_cr = self._after_cr or chunk.endswith(b"\r")
        data = self._rest + chunk if self._rest else chunk
        if not self._begun and len(data) >= len(_BYTE_ORDER_MARK):
            self._begun, data = True, data.removeprefix(_BYTE_ORDER_MARK)
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *frames, self._rest = data.split(b"\n\n")
        if len(self._rest) > FRAME_LIMIT_BYTES:
            raise FrameTooLongError
        return [frame for frame in frames if frame]


def frame_data(frame: bytes) -> bytes:
    """The `data` of one event; empty where it has none (a comment that keeps the connection open)."""
    if frame.startswith(b"data:") and b"\n" not in frame:
        return frame[5:].strip()
    lines = [line[5:].removeprefix(b" ") for line in frame.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)


def frame(value: Any, *, event: str | None = None) -> bytes:
    """One event, ready to send."""
    head = b"event: " + event.encode() + b"\n" if event else b""
    return head + b"data: " + dumps(value) + b"\n\n"
