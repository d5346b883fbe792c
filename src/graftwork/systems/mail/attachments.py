"""The text of what is attached to a mail. What cannot be read is named with the reason; no mail is lost for it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentError
from graftwork.systems.mail.headers import decoded

DEEPEST_PART = 30
MOST_PAGES = 2_000

_SUFFIX_OF_TYPE = {
    "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/markdown": ".md",
    "application/pdf": ".pdf", "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
_PATH = re.compile(r"[/\\]")

ReadDocument = Callable[[bytes, str], Document]


@dataclass(frozen=True, slots=True)
class Limits:
    count: int
    each_bytes: int
    characters: int


@dataclass
class AttachedText:
    """`pages` are the characters at which pages begin, in the first and only document that was read, else none."""

    text: str = field(default="", repr=False)
    pages: list[int] = field(default_factory=list)


def read_attachments(message: Message, read_document: ReadDocument, limits: Limits) -> AttachedText:
    """The texts of all attachments, each under a line with its name, cut where the limit of characters says."""
    texts, pages, read = [], [], 0
    length = 0
    for number, part in enumerate(_attached(message, DEEPEST_PART), 1):
        name = _name(part, number)
        heading, document, problem = f"[{name}]", None, ""
        if number > limits.count:
            problem = "too many attachments"
        elif length >= limits.characters:
            problem = "too much text"
        else:
            document, problem = _read(part, name, read_document, limits)
        if document is None:
            # A picture in the text itself, such as a logo in a signature, is none that anybody sent.
            if not _is_inline_picture(part):
                texts.append(f"[{name}: not read, {problem}]")
                length += len(texts[-1]) + 2
            continue
        read += 1
        body = _whole_text(document).rstrip()
        room = max(limits.characters - length, 0)
        if len(body) > room:
            body = f"{body[:room]}\n[{name}: cut here]"
        start = length + len(heading) + 1
        pages = [start + page.start for page in document.pages[:MOST_PAGES] if page.start <= len(body)]
        texts.append(f"{heading}\n{body}")
        length = start + len(body) + 2
    return AttachedText("\n\n".join(texts), pages if read == 1 else [])


def _attached(part: Message, depth: int) -> Iterator[Message]:
    """What `graftwork.core.intake.mail` names as attachments, by the same rules."""
    kind, payload = part.get_content_type(), part.get_payload()
    if kind.startswith("multipart/") and isinstance(payload, list):
        for child in payload if depth else ():
            if isinstance(child, Message):
                yield from _attached(child, depth - 1)
        return
    is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
    if not is_text or part.get_content_disposition() == "attachment" or _file_name(part):
        yield part


def _read(part: Message, name: str, read_document: ReadDocument, limits: Limits) -> tuple[Document | None, str]:
    """The document, or why there is none."""
    try:
        content = _content(part)
    except (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError):
        return None, "document.broken"
    if len(content) > limits.each_bytes:
        return None, "document.too_large"
    try:
        return read_document(content, name), ""
    except DocumentError as error:
        return None, error.code


def _whole_text(document: Document) -> str:
    """With what is attached to it in turn, where it is a mail."""
    return "\n\n".join((document.text, *(f"[{inner.name}]\n{_whole_text(inner)}" for inner in document.attachments)))


def _content(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):
        is_message = part.get_content_type() == "message/rfc822" and len(payload) == 1
        inner = payload[0] if is_message and isinstance(payload[0], Message) else part
        return inner.as_bytes()
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_inline_picture(part: Message) -> bool:
    if part.get_content_maintype() != "image":
        return False
    return part.get_content_disposition() == "inline" or (
        part.get_content_disposition() is None and part.get("Content-ID") is not None
    )


def _name(part: Message, number: int) -> str:
    """One line without folders, for people and for telling the format: never a place on a disk."""
    name = _PATH.split(_file_name(part))[-1].strip(". ")[:150]
    return name or f"attachment-{number}{_SUFFIX_OF_TYPE.get(part.get_content_type(), '')}"


def _file_name(part: Message) -> str:
    try:
        return decoded(part.get_filename() or "")
    except (LookupError, ValueError, TypeError):  # RFC 2231 with a charset that does not exist
        return "unnamed"
