"""The reply to a mail, as it goes over the line (RFC 5322, MIME). Nothing of a person's text can become a header."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from typing import Any

from graftwork.core.intake.row import clean
from graftwork.systems.contract import Delivery
from graftwork.systems.errors import Rejected
from graftwork.systems.mail.automatic import Ours
from graftwork.systems.mail.file import MailPush
from graftwork.systems.mail.headers import DELIVERY_HEADER, is_address, own_id
from graftwork.systems.mail.reading import shortened

# Folded here: the library would put a long message id on a line of its own, which some servers take for an empty one.
_ON_THE_LINE = compat32.clone(linesep="\r\n", max_line_length=None)
_NOT_IN_IDS = frozenset("<> ")
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


@dataclass(frozen=True, slots=True)
class Reply:
    """`message_id` is without brackets, and the same on each try of a delivery."""

    message_id: str
    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)


def compose(delivery: Delivery, push: MailPush, sender: str, ours: Ours, now: datetime) -> Reply:
    """Raises `Rejected` where there is nothing to send, or nobody to send it to."""
    if not delivery.text.strip():
        raise Rejected("there is no text to send")
    origin = delivery.origin
    to, cc = _recipients(origin, push, ours)
    if not to:
        raise Rejected("the mail names no address that can be written to, or did not come from this mailbox")
    if len(to) + len(cc) > push.max_recipients:
        raise Rejected(f"it would go to {len(to) + len(cc)} addresses, over the limit of {push.max_recipients}")
    message_id = own_id(delivery.key, delivery.thread, sender)
    message = MIMENonMultipart("text", "plain")
    message["From"] = _mailbox(push.name, sender)
    message["To"] = _mailboxes(to)
    if cc:
        message["Cc"] = _mailboxes(cc)
    message["Subject"] = _words(_subject(str(origin.get("subject", "")), push.subject_prefix))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}>"
    _set_thread(message, origin)
    # A person approved it, so it is not auto-submitted (RFC 3834); but no machine shall answer it.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message[DELIVERY_HEADER] = f"{message_id.split('.')[1]} {sender}"
    message.set_payload(_body(delivery.text, push, origin), _UTF8)
    return Reply(message_id, sender, tuple(address for _, address in (*to, *cc)), _bytes(message))


def _recipients(
    origin: Mapping[str, Any], push: MailPush, ours: Ours
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Only addresses from the mail's own headers, and never our own."""
    asked_for = _pairs(origin, "reply_to") if push.reply_to == "follow" else []
    to = _others(asked_for or _pairs(origin, "from"), ours.addresses)
    if push.cc == "none":
        return to, []
    already = ours.addresses | {address.lower() for _, address in to}
    return to, _others([*_pairs(origin, "to"), *_pairs(origin, "cc")], already)


def _pairs(origin: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    """Checked again: what lies in the store may come from an older version of us."""
    listed = origin.get(name)
    pairs = [pair for pair in listed if isinstance(pair, list | tuple) and len(pair) == 2] if listed else []
    return [(str(name), str(address)) for name, address in pairs if is_address(str(address))]


def _others(pairs: Sequence[tuple[str, str]], ours: frozenset[str]) -> list[tuple[str, str]]:
    known = {address.lower(): (name, address) for name, address in reversed(pairs) if address.lower() not in ours}
    return list(known.values())[::-1]


def _subject(subject: str, prefix: str) -> str:
    one_line = " ".join(subject.split())
    if one_line.lower().startswith(("re:", prefix.strip().lower() or "re:")):
        return one_line
    return f"{prefix}{one_line}".strip()


def _set_thread(message: Message, origin: Mapping[str, Any]) -> None:
    """RFC 5322, section 3.6.4."""
    parent = str(origin.get("message_id") or "")
    if not _is_id(parent):
        return
    earlier = [known for known in origin.get("references") or () if _is_id(known) and known != parent]
    message["In-Reply-To"] = f"<{parent}>"
    message["References"] = "\n ".join(f"<{known}>" for known in shortened([*earlier, parent]))


def _is_id(text: object) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= 500
        and text.isascii()
        and text.isprintable()
        and _NOT_IN_IDS.isdisjoint(text)
    )


def _body(text: str, push: MailPush, origin: Mapping[str, Any]) -> str:
    parts = [clean(text).strip()]
    if push.signature.strip():
        parts.append("-- \n" + push.signature.strip("\n"))  # RFC 3676, section 4.3
    quoted = str(origin.get("text") or "").strip()
    if push.quote and quoted:
        # Where the signature's line stands above, programs cut off all that follows, the quote too: as it should be.
        parts.append(
            _intro(push.quote_intro, origin) + "\n" + "\n".join(_quoted_line(line) for line in quoted.split("\n"))
        )
    return "\n\n".join(parts).replace("\r\n", "\n").replace("\r", "\n") + "\n"


def _quoted_line(line: str) -> str:
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()


def _intro(pattern: str, origin: Mapping[str, Any]) -> str:
    """Replaced, not formatted: a name may hold braces."""
    sender = next(iter(_pairs(origin, "from")), ("", ""))
    words = {"{from}": sender[0] or sender[1], "{date}": str(origin.get("date") or "")[:10]}
    for place, word in words.items():
        pattern = pattern.replace(place, " ".join(word.split()))
    return pattern


def _mailboxes(pairs: Sequence[tuple[str, str]]) -> str:
    return ",\n ".join(_mailbox(name, address) for name, address in pairs)


def _mailbox(name: str, address: str) -> str:
    """The name as a quoted string or as encoded words, so that nothing in it is read as an address."""
    plain = "".join(c for c in " ".join(name.split()) if c.isprintable())
    if not plain:
        return address
    if not plain.isascii():
        return f"{Header(plain, _UTF8, maxlinelen=70).encode()} <{address}>"
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _words(text: str) -> str:
    plain = "".join(c for c in text if c.isprintable())
    return plain if plain.isascii() and "=?" not in plain else Header(plain, "utf-8", maxlinelen=70).encode()


def _bytes(message: Message) -> bytes:
    out = io.BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=_ON_THE_LINE).flatten(message)
    return out.getvalue()
