"""Reading server-sent events (WHATWG HTML, section 9.2) out of bytes that may be cut anywhere."""

from collections.abc import Iterator

# A longer event is no token of an answer; a server that never ends a line must not fill the memory.
EVENT_LIMIT_BYTES = 4 << 20


class EventTooLongError(ValueError):
    """An event is over `EVENT_LIMIT_BYTES`."""


class EventReader:
    """Feed it bytes as they come; it gives the `data` of each event that is whole.

    Lines are split as bytes and decoded one by one, so that a cut inside a UTF-8 character does no harm.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Raises `EventTooLongError`."""
        if not chunk:
            return
        second_half = self._after_cr  # of a CR LF that was cut in two
        self._after_cr = chunk.endswith(b"\r")
        if second_half:
            chunk = chunk.removeprefix(b"\n")
        self._rest += chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if len(self._rest) + self._data_bytes > EVENT_LIMIT_BYTES + len(chunk):
            raise EventTooLongError
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        for line in lines:
            yield from self._line(bytes(line))

    def end(self) -> Iterator[str]:
        """What a stream that ends without its last empty line still holds. A half line is not an event."""
        yield from self._dispatch()

    def _line(self, line: bytes) -> Iterator[str]:
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._data_bytes += len(value)

    def _dispatch(self) -> Iterator[str]:
        if self._data:
            text = b"\n".join(self._data).decode("utf-8", errors="replace")
            self._data, self._data_bytes = [], 0
            yield text
