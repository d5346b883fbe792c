"""Mailboxes of many messages in one file: RFC 4155, with the quoting of mboxrd.

`mailbox.mbox` of the standard library first scans the whole file for its table of contents, so this one streams.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from graftwork.core.errors import InputFormatUnknown
from graftwork.core.intake.mail import message_row
from graftwork.core.intake.records import PIECE_BYTES, Held, text_start
from graftwork.core.intake.row import Resume, Row

# The time of day tells an envelope from a paragraph that begins with "From", which careless writers leave unquoted.
_ENVELOPE = re.compile(rb"From .*\d:\d\d")
_QUOTED_FROM = re.compile(rb">+From ")


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The messages of an mbox file. Raises `InputFormatUnknown` where it does not begin with a `From ` line."""
    number = after.line
    for content, end_bytes in _split(file, path, after, limit_bytes):
        number += 1
        yield message_row(number, content, f"message {number}", Resume(end_bytes, number), limit_bytes)


def _split(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[tuple[bytes | None, int]]:
    """Each message, or `None` over the limit, with the offset of the next."""
    offset_bytes = _first_envelope(file, path, after)
    held: Held | None = None
    at_line_start = after_blank_line = True
    while piece := file.readline(PIECE_BYTES):
        if held is None or (at_line_start and after_blank_line and _ENVELOPE.match(piece)):
            if held is not None:
                yield held.take(), offset_bytes
            held = Held(limit_bytes)
        else:
            held.add(piece[1:] if at_line_start and _QUOTED_FROM.match(piece) else piece)
        offset_bytes += len(piece)
        after_blank_line = at_line_start and piece in (b"\n", b"\r\n")
        at_line_start = piece.endswith(b"\n")
    if held is not None:
        yield held.take(), offset_bytes


def _first_envelope(file: BinaryIO, path: str, after: Resume) -> int:
    """Sets the file to the first `From ` line, or to where reading stopped, and gives that offset."""
    offset_bytes = max(text_start(file, path), after.offset_bytes)
    file.seek(offset_bytes)
    while line := file.readline(PIECE_BYTES):
        if line.strip():
            if not line.startswith(b"From "):
                raise InputFormatUnknown(path)
            file.seek(offset_bytes)
            break
        offset_bytes += len(line)
    return offset_bytes
