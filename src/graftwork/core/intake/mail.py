"""One e-mail message (RFC 5322, MIME) as a row, and the reader of .eml files.

Parsed under the compat32 policy on purpose: the newer policy parses every header by the full grammar, which raises on
many malformed ones and takes about a millisecond each. Real mail is malformed, and no message may be lost for it.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, BinaryIO

from graftwork.core.intake.html_text import html_to_text
from graftwork.core.intake.records import text_start
from graftwork.core.intake.row import Resume, Row, RowMalformed, clean, short_id, too_long

MAX_HEADER_CHARACTERS = 10_000
MAX_DEPTH = 30

_BRACKETED = re.compile(r"<\s*([^<>\s]+)\s*>")
_FOLD = re.compile(r"[\r\n]+[ \t]*|[\r\n]")


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The one message of an .eml file."""
    start_bytes = text_start(file, path)
    file.seek(start_bytes)
    content = file.read(limit_bytes + 1)
    end = Resume(file.seek(0, 2), 1)
    if after.offset_bytes < end.offset_bytes and (len(content) > limit_bytes or content.strip()):
        yield message_row(1, content, "message 1", end, limit_bytes)


def message_row(number: int, content: bytes | None, origin: str, resume: Resume, limit_bytes: int) -> Row:
    try:
        if content is None or len(content) > limit_bytes:
            raise RowMalformed(too_long(limit_bytes))
        return Row(number, parse(content), None, origin, resume)
    except RowMalformed as error:
        return Row(number, None, str(error), origin, resume)


def parse(content: bytes) -> dict[str, Any]:
    """The fields of one message. Raises `RowMalformed` only where it has no header, or its parts nest without end."""
    try:
        message = message_from_bytes(content)
    except RecursionError:
        raise RowMalformed("the parts of the message are nested too deeply") from None
    if not message.keys():
        raise RowMalformed("the message has no header")
    attachments: list[str] = []
    text = _body(message, attachments, MAX_DEPTH).strip()
    own_id = _message_id(message, "Message-ID") or sha256(content.rstrip()).hexdigest()
    return {
        "id": own_id,
        "thread": _message_id(message, "References") or _message_id(message, "In-Reply-To") or own_id,
        "from": _header(message, "From"),
        "subject": _header(message, "Subject"),
        "date": _date(message),
        "text": text,
        "conversation": [{"from": "customer", "text": text}] if text else [],
        "attachments": attachments,
    }


def _header(message: Message, name: str) -> str:
    wanted = name.lower()
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == wanted), "")
    return _decode_words(raw)


def _decode_words(raw: str) -> str:
    """RFC 2047 words decoded, raw 8-bit text taken as UTF-8, whatever cannot be read replaced."""
    unfolded = _FOLD.sub(" ", raw[:MAX_HEADER_CHARACTERS])
    unfolded = unfolded.encode(errors="surrogateescape").decode(errors="replace")
    try:
        words = decode_header(unfolded)
    except (MessageError, ValueError):
        return clean(unfolded).strip()
    decoded = [word if isinstance(word, str) else _decode(word, charset or "") for word, charset in words]
    return clean("".join(decoded)).strip()


def _decode(content: bytes, charset: str) -> str:
    """Text in its declared charset, else UTF-8, else with the broken bytes replaced."""
    for candidate, errors in ((charset, "strict"), ("utf-8", "strict"), (charset, "replace")):
        try:
            return content.decode(candidate, errors)
        except (LookupError, ValueError):  # an unknown charset, or a byte that it does not have
            continue
    return content.decode(errors="replace")


def _message_id(message: Message, name: str) -> str:
    value = _header(message, name)
    bracketed = _BRACKETED.search(value)
    return short_id(bracketed[1] if bracketed else value.split()[0].strip("<>") if value.split() else "")


def _date(message: Message) -> str | None:
    try:
        return parsedate_to_datetime(_header(message, "Date")).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _body(part: Message, attachments: list[str], depth: int) -> str:
    """The readable text of a part; the names of what is not text are added to `attachments`."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind.startswith("multipart/") and isinstance(payload, list):
        children = [child for child in payload if isinstance(child, Message)]
        texts = [_body(child, attachments, depth - 1) for child in _preferred(kind, children)] if depth else []
        readable = [text for text in texts if text.strip()]
        return "\n\n".join(readable[:1] if kind == "multipart/alternative" else readable)
    is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
    file_name = _file_name(part)
    if not is_text or file_name or part.get_content_disposition() == "attachment":
        attachments.append(file_name or kind)
        return ""
    text = _text(part)
    return html_to_text(text) if kind == "text/html" else text


def _preferred(kind: str, children: list[Message]) -> list[Message]:
    if kind != "multipart/alternative":
        return children
    return sorted(children, key=lambda child: child.get_content_type() != "text/plain")


def _file_name(part: Message) -> str:
    try:
        return _decode_words(part.get_filename() or "")
    except (LookupError, ValueError):  # RFC 2231 with a charset that does not exist
        return "unnamed"


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        charset = part.get_content_charset() or ""
    except (LookupError, ValueError):
        charset = ""
    return clean(_decode(content, charset).replace("\r\n", "\n"))
