"""The text of what is attached to a mail. What cannot be read is named with the reason; no mail is lost for it."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentError
from graftwork.systems.mail.headers import decoded

DEEPEST_PART = 30
MOST_PAGES = 2_000
# Beyond the number that is read; then they are only counted.
MOST_NAMED = 20
# Of one mail: the worker that reads it holds the mailbox meanwhile.
MOST_SECONDS = 30.0

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


@dataclass(frozen=True, slots=True)
class AttachedText:
    """`pages` are the characters at which pages begin, where one document alone was read."""

    text: str = field(repr=False)
    pages: list[int]


def read_attachments(
    message: Message, read_document: ReadDocument, limits: Limits, clock: Callable[[], float] = time.monotonic
) -> AttachedText:
    """The texts of all attachments, each under a line with its name, within the limits. `clock` counts seconds."""
    joined = _Joined(read_document, limits, clock)
    for number, part in enumerate(_attached(message, DEEPEST_PART), 1):
        joined.add(part, number)
    return joined.result()


class _Joined:
    def __init__(self, read_document: ReadDocument, limits: Limits, clock: Callable[[], float]) -> None:
        self._read_document, self._limits, self._clock = read_document, limits, clock
        self._ends = clock() + MOST_SECONDS
        self._texts: list[str] = []
        self._length = self._not_named = 0
        self._pages: list[list[int]] = []

    def add(self, part: Message, number: int) -> None:
        name = _name(part, number)
        document, problem = self._read(part, name, number)
        if document is not None:
            self._add_document(name, document)
        elif _is_inline_picture(part):
            return  # such as a logo in a signature: nothing that anybody sent
        elif number > self._limits.count + MOST_NAMED:
            self._not_named += 1
        else:
            self._append(f"[{name}: not read, {problem}]")

    def result(self) -> AttachedText:
        if self._not_named:
            self._append(f"[{self._not_named} further attachments: not read, too many attachments]")
        return AttachedText("\n\n".join(self._texts), self._pages[0] if len(self._pages) == 1 else [])

    def _read(self, part: Message, name: str, number: int) -> tuple[Document | None, str]:
        """The document, or why there is none."""
        if number > self._limits.count:
            return None, "too many attachments"
        if self._length >= self._limits.characters:
            return None, "too much text"
        if self._clock() > self._ends:
            return None, "the others took too long"
        try:
            content = _content(part)
        except (RecursionError, MessageError, ValueError, LookupError, TypeError, AttributeError):
            return None, "document.broken"
        if len(content) > self._limits.each_bytes:
            return None, "document.too_large"
        try:
            return self._read_document(content, name), ""
        except DocumentError as error:
            return None, error.code

    def _add_document(self, name: str, document: Document) -> None:
        body = _whole_text(document).rstrip()
        room = self._limits.characters - self._length
        if len(body) > room:
            body = f"{body[:room]}\n[{name}: cut here]"
        start = self._length + len(f"[{name}]\n")
        self._pages.append([start + page.start for page in document.pages[:MOST_PAGES] if page.start <= len(body)])
        self._append(f"[{name}]\n{body}")

    def _append(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text) + 2


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
