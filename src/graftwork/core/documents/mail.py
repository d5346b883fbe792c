"""One e-mail message (RFC 5322, MIME): its headers that people read, its body, and its attachments as documents.

Parsed under the compat32 policy: the newer one reads every header by the full grammar and raises on malformed ones.
"""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

from graftwork.core.document import Document, DocumentNotice
from graftwork.core.documents import html, plain
from graftwork.core.documents.building import Budget, Builder
from graftwork.core.documents.cleaning import normalised, one_line, title_of
from graftwork.core.documents.decoding import decode
from graftwork.core.documents.errors import DocumentBroken, DocumentError, DocumentTooMuchMemory
from graftwork.core.documents.options import ReadingOptions

ReadAttachment = Callable[[bytes, str, ReadingOptions, Budget, int], Document]

_SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_LONGEST_HEADER = 2_000
_DEEPEST_PART = 30
_BODIES = frozenset(("text/plain", "text/html"))
_SUFFIX_OF_TYPE = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
}


def fill(builder: Builder, content: bytes, read: ReadAttachment) -> None:
    """`read` reads an attachment. Raises `DocumentBroken` for what nests beyond all measure."""
    try:
        message = message_from_bytes(content.lstrip(b"\r\n"))
    except RecursionError:
        raise DocumentBroken(builder.name, "the parts of the message nest too deeply") from None
    builder.title = _header(message, "Subject")
    headers = [f"{name}: {value}" for name in _SHOWN_HEADERS if (value := _header(message, name))]
    builder.block("paragraph", "\n".join(headers))
    attached: list[Message] = []
    for part in _bodies(message, attached, _DEEPEST_PART):
        _add_body(builder, part)
    _Attachments(builder, read).add(attached)


def _bodies(part: Message, attached: list[Message], depth: int) -> Iterator[Message]:
    """The parts that are the message itself; all others are added to `attached`."""
    payload = part.get_payload()
    kind = part.get_content_type()
    if kind.startswith("multipart/") and isinstance(payload, list) and depth:
        children = [child for child in payload if isinstance(child, Message)]
        if kind == "multipart/alternative":
            yield from _best(children, attached, depth)
            return
        for child in children:
            yield from _bodies(child, attached, depth - 1)
    elif (kind in _BODIES or kind.startswith("multipart/")) and not _is_attached(part):
        yield part
    else:
        attached.append(part)


def _best(children: list[Message], attached: list[Message], depth: int) -> Iterator[Message]:
    """Of several forms of the same words, the plain one where it says anything."""
    ordered = sorted(children, key=lambda child: child.get_content_type() != "text/plain")
    for child in ordered:
        mine: list[Message] = []
        bodies = list(_bodies(child, mine, depth - 1))
        if any(_text(body).strip() for body in bodies):
            attached += mine
            yield from bodies
            return


def _is_attached(part: Message) -> bool:
    return bool(_file_name(part)) or part.get_content_disposition() == "attachment"


def _add_body(builder: Builder, part: Message) -> None:
    text = _text(part)
    if part.get_content_type() == "text/html":
        html.fill_markup(builder, text)
        return
    text = normalised(text)
    for kind, start, end in plain.paragraphs(text):
        builder.block(kind, text[start:end])


class _Attachments:
    """Reads what is attached, to the limits of depth and number; what is not read is named in a notice."""

    def __init__(self, builder: Builder, read: ReadAttachment) -> None:
        self._builder, self._read = builder, read
        self._unread: list[str] = []

    def add(self, parts: list[Message]) -> None:
        for number, part in enumerate(parts, 1):
            name = _file_name(part) or f"attachment-{number}{_SUFFIX_OF_TYPE.get(part.get_content_type(), '')}"
            if reason := self._attach(part, name):
                self._unread.append(f"{name} ({reason})")
        if self._unread:
            shown = "; ".join(self._unread[:20]) + ("; \u2026" if len(self._unread) > 20 else "")
            self._builder.notice(DocumentNotice("attachment", f"Not read: {shown}."))

    def _attach(self, part: Message, name: str) -> str:
        """Why it was not read; empty where it was."""
        options, budget = self._builder.options, self._builder.budget
        if self._builder.depth >= options.deepest_attachment:
            return f"attached more than {options.deepest_attachment} deep"
        if budget.attachments_left <= 0:
            return f"more than {options.most_attachments} attachments"
        budget.attachments_left -= 1
        try:
            content = _content(part)
            self._builder.attach(self._read(content, name, options, budget, self._builder.depth + 1))
        except DocumentTooMuchMemory:  # the process is at its end, not only this attachment
            raise
        except DocumentError as error:
            return _reason(error)
        except (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError):
            return "it is broken"
        return ""


def _reason(error: DocumentError) -> str:
    """The cause without the name, which stands before it already."""
    return str(getattr(error, "reason", "")) or error.message.partition(": ")[2]


def _content(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):  # a message, or parts that were named as an attachment
        is_message = part.get_content_type() == "message/rfc822" and len(payload) == 1
        inner = payload[0] if is_message and isinstance(payload[0], Message) else part
        return inner.as_bytes()
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        charset = part.get_content_charset() or ""
    except (LookupError, ValueError):
        charset = ""
    return decode(content, charset)


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, TypeError):  # RFC 2231 with a charset that does not exist
        return "unnamed"
    return title_of(re.split(r"[/\\]", _decoded(name))[-1])


def _header(message: Message, name: str) -> str:
    wanted = name.lower()
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == wanted), "")
    return one_line(_decoded(raw))


def _decoded(raw: str) -> str:
    """RFC 2047 words decoded, raw 8-bit text as UTF-8, whatever cannot be read replaced."""
    unfolded = one_line(raw[:_LONGEST_HEADER]).encode(errors="surrogateescape").decode(errors="replace")
    try:
        words = decode_header(unfolded)
    except (MessageError, ValueError):
        return unfolded
    return "".join(word if isinstance(word, str) else decode(word, charset or "") for word, charset in words)
