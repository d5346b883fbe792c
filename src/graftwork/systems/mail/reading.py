"""One mail as a record: the row that an mbox file gives too, the thread, and what a reply needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from typing import Any

from graftwork.core.intake.mail import parse
from graftwork.core.intake.row import RowMalformed, clean, short_id
from graftwork.systems.contract import Record
from graftwork.systems.mail.attachments import Limits, ReadDocument, read_attachments
from graftwork.systems.mail.automatic import Ours
from graftwork.systems.mail.file import MailPull
from graftwork.systems.mail.headers import MAX_REFERENCES, addresses, decoded, ids, thread_in, value

MAX_SUBJECT_CHARACTERS = 500
MAX_QUOTED_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies. Means nothing once the folder's UIDVALIDITY is another."""

    folder: str
    validity: int
    uid: int

    @classmethod
    def of(cls, origin: Mapping[str, Any]) -> "Place | None":
        folder, validity, uid = (origin.get(name) for name in ("folder", "validity", "uid"))
        if isinstance(folder, str) and isinstance(validity, int) and isinstance(uid, int):
            return cls(folder, validity, uid)
        return None


class Reader:
    def __init__(self, pull: MailPull, ours: Ours, read_document: ReadDocument, *, keep_text: bool) -> None:
        self._pull, self._ours, self._read_document, self._keep_text = pull, ours, read_document, keep_text
        self._limits = Limits(pull.max_attachments, pull.max_attachment_bytes, pull.max_attachment_characters)

    def record(self, content: bytes, place: Place) -> Record:
        """The whole mail; one that cannot be read becomes a record with a problem."""
        try:
            return self._record(content, place)
        except RowMalformed as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - the library raises anything on malformed mail; one must not stop all
            problem = f"the mail cannot be read ({type(error).__name__})"
        return _unreadable(sha256(content.rstrip()).hexdigest(), problem, place)

    def _record(self, content: bytes, place: Place) -> Record:
        row = parse(content)
        message = message_from_bytes(content)
        thread = self._thread(message) or row["thread"]
        row = {**row, "thread": thread, **self._attached(message, row)}
        return Record(row["id"], row, thread, self._origin(message, row, place))

    def too_large(self, header: bytes, size_bytes: int, place: Place) -> Record:
        """Of a mail over the limit the header is enough to name it."""
        own = ids(message_from_bytes(header), "Message-ID")
        key = short_id(own[0]) if own else sha256(header + str(size_bytes).encode()).hexdigest()
        limit = self._pull.max_mail_bytes
        return _unreadable(key, f"the mail has {size_bytes:,} bytes, over the limit of {limit:,}", place)

    def _thread(self, message: Message) -> str:
        """The thread that an id of ours names: some programs answer with In-Reply-To alone, or cut the references."""
        for known in ids(message, "References", "In-Reply-To"):
            thread = thread_in(known, self._ours.addresses)
            if thread is None and known == next(iter(ids(message, "References")), ""):
                return ""
            if thread:
                return thread
        return ""

    def _attached(self, message: Message, row: Mapping[str, Any]) -> dict[str, Any]:
        if self._pull.attachments == "names" or not row["attachments"]:
            return {}
        found = read_attachments(message, self._read_document, self._limits)
        if self._pull.attachments == "field":
            return {"attachments_text": found.text, "attachments_text:pages": found.pages}
        text = "\n\n".join(part for part in (row["text"], clean(found.text)) if part)
        return {"text": text, "conversation": [{"from": "customer", "text": text}] if text else []}

    def _origin(self, message: Message, row: Mapping[str, Any], place: Place) -> dict[str, Any]:
        origin: dict[str, Any] = {
            "folder": place.folder,
            "validity": place.validity,
            "uid": place.uid,
            "message_id": next(iter(ids(message, "Message-ID")), ""),
            "references": shortened(ids(message, "References") or ids(message, "In-Reply-To")[:1]),
            "subject": clean(decoded(value(message, "Subject")))[:MAX_SUBJECT_CHARACTERS],
            "date": row["date"] or "",
        }
        for name in ("From", "Reply-To", "To", "Cc"):
            origin[name.lower().replace("-", "_")] = [list(pair) for pair in addresses(message, name)]
        return {**origin, "text": row["text"][:MAX_QUOTED_CHARACTERS]} if self._keep_text else origin


def shortened(references: Sequence[str]) -> list[str]:
    """The root and the newest: what threading needs (RFC 5322, section 3.6.4 allows to leave out the middle)."""
    found = list(references)
    return found if len(found) <= MAX_REFERENCES else [found[0], *found[-MAX_REFERENCES + 1 :]]


def _unreadable(key: str, problem: str, place: Place) -> Record:
    origin = {"folder": place.folder, "validity": place.validity, "uid": place.uid}
    return Record(key, {}, "", origin, problem)
