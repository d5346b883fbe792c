"""Mailboxes of many messages in one file (RFC 4155, with the quoting of mboxrd), message by message.

`mailbox.mbox` of the standard library first scans the whole file for its table of contents, so this one streams.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from graftwork.core.document import DocumentNotice
from graftwork.core.documents import mail
from graftwork.core.documents.building import Builder
from graftwork.core.documents.detecting import ENVELOPE
from graftwork.core.documents.errors import DocumentError, DocumentTooMuchMemory
from graftwork.core.documents.mail import ReadAttachment

_QUOTED_FROM = re.compile(rb">+From ")
_PIECE_BYTES = 1_000_000


def fill(builder: Builder, content: bytes, read: ReadAttachment) -> None:
    """A mailbox as one document: of one message that message, of several each as an attachment."""
    contents = messages(io.BytesIO(content), len(content))
    first, second = next(contents, None), next(contents, None)
    if second is None:
        mail.fill(builder, first or b"", read)
        return
    options, budget = builder.options, builder.budget
    unread = 0
    for number, message in enumerate(_chained(first, second, contents), 1):
        if message is None or budget.attachments_left <= 0:
            unread += 1
            continue
        budget.attachments_left -= 1
        try:
            builder.attach(read(message, message_name(builder.name, number), options, budget, builder.depth + 1))
        except DocumentTooMuchMemory:
            raise
        except DocumentError:
            unread += 1
    if unread:
        builder.notice(DocumentNotice("attachment", f"{unread:,} messages of the mailbox were not read."))


def messages(file: BinaryIO, limit_bytes: int) -> Iterator[bytes | None]:
    """Each message; `None` for one over the limit. Holds one message at a time."""
    held: list[bytes] | None = None
    size = 0
    at_line_start = after_blank_line = True
    while piece := file.readline(_PIECE_BYTES):
        # A blank line and a time of day tell an envelope from a paragraph that begins with "From".
        if at_line_start and after_blank_line and ENVELOPE.match(piece):
            if held is not None:
                yield b"".join(held) if size <= limit_bytes else None
            held, size = [], 0
        elif held is not None:
            size += len(piece)
            if size > limit_bytes:
                held.clear()
            else:
                held.append(piece[1:] if at_line_start and _QUOTED_FROM.match(piece) else piece)
        after_blank_line = at_line_start and piece in (b"\n", b"\r\n")
        at_line_start = piece.endswith(b"\n")
    if held is not None:
        yield b"".join(held) if size <= limit_bytes else None


def message_name(name: str, number: int) -> str:
    """What message `number` (from 1) of the mailbox is called."""
    return f"{name}-{number}.eml"


def _chained(first: bytes | None, second: bytes | None, rest: Iterator[bytes | None]) -> Iterator[bytes | None]:
    yield first
    yield second
    yield from rest
