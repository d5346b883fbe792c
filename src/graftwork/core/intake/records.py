"""Cuts a file into records without ever holding more than one of them, and none over the limit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from graftwork.core.errors import InputEncodingUnknown
from graftwork.core.intake.row import Resume

PIECE_BYTES = 64 * 1024

RecordEnd = Callable[[bytes, int], int]

_BOM_UTF8 = b"\xef\xbb\xbf"
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_FOREIGN_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Record:
    """`content` is `None` over the limit; `complete` is false where the file ended in the middle."""

    line: int
    content: bytes | None
    complete: bool
    resume: Resume


class Held:
    """Collects pieces up to a limit. Beyond it, everything is let go and only the fact remains."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._pieces: list[bytes] = []
        self.size_bytes = 0

    def add(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self.size_bytes <= self._limit_bytes:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def take(self) -> bytes | None:
        """What was collected, or `None` over the limit; then starts anew."""
        content = None if self.size_bytes > self._limit_bytes else b"".join(self._pieces)
        self._pieces = []
        self.size_bytes = 0
        return content


def text_start(file: BinaryIO, path: str) -> int:
    """The offset behind a UTF-8 byte order mark. Raises `InputEncodingUnknown` at the mark of another encoding."""
    file.seek(0)
    head = file.read(4)
    for mark, encoding in _FOREIGN_MARKS.items():
        if head.startswith(mark):
            raise InputEncodingUnknown(path, encoding)
    return len(_BOM_UTF8) if head.startswith(_BOM_UTF8) else 0


def read_records(
    file: BinaryIO, after: Resume, limit_bytes: int, record_end: RecordEnd, blank: re.Pattern[bytes]
) -> Iterator[Record]:
    """Records from `after` on; the limit does not count the newline that ends one. `blank` lines are no records.

    `record_end` is given each piece of `PIECE_BYTES` with the place where the record goes on in it, and gives the place
    behind the newline that ends the record, or 0. Nothing here is done once a line: files may be of blank lines only.
    """
    offset_bytes, line = after.offset_bytes, after.line
    first_line = line + 1
    held = Held(limit_bytes + len(b"\r\n"))
    file.seek(offset_bytes)
    while piece := file.read(PIECE_BYTES):
        position = 0
        while position < len(piece):
            found = None if held.size_bytes else blank.match(piece, position)
            end = found.end() if found else record_end(piece, position)
            part = piece[position : end or len(piece)]
            offset_bytes += len(part)
            line += part.count(b"\n")
            position += len(part)
            if not found:
                held.add(part)
            if not found and end:
                yield Record(first_line, _without_end(held.take(), limit_bytes), True, Resume(offset_bytes, line))
            if end:
                first_line = line + 1
    if held.size_bytes:
        yield Record(first_line, _without_end(held.take(), limit_bytes), False, Resume(offset_bytes, line))


def line_end(piece: bytes, position: int) -> int:
    """A `RecordEnd` for records of one line each."""
    return piece.find(b"\n", position) + 1


def _without_end(content: bytes | None, limit_bytes: int) -> bytes | None:
    if content is None:
        return None
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    return content if len(content) <= limit_bytes else None
