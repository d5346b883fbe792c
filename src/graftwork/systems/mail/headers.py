"""Headers of mail (RFC 5322, RFC 2047) as plain values. Real mail is malformed; nothing here raises for it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from graftwork.core.intake.row import clean

DELIVERY_HEADER = "X-Graftwork-Delivery"

MAX_HEADER_CHARACTERS = 10_000
MAX_ADDRESSES = 100
MAX_REFERENCES = 30
# RFC 5322, section 2.1.1 allows lines of 998; ids near that length are broken by many systems.
MAX_ID_CHARACTERS = 500
MAX_THREAD_IN_ID = 120

_ID = re.compile(rf"<([\x21-\x3b\x3d\x3f-\x7e]{{1,{MAX_ID_CHARACTERS}}})>")
_FOLD = re.compile(r"[\r\n]+[ \t]*")
# RFC 5322's dot-atom on both sides: no quoted local parts, no comments, no literals, nothing that could be a line.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")
_OWN_ID = re.compile(r"gw\.([A-Za-z0-9_-]{1,80})\.([0-9a-f]{8})\.([A-Za-z0-9_-]{0,200})@[A-Za-z0-9.-]+")


def is_address(text: str) -> bool:
    """Whether `text` is one bare address of ASCII that may stand in an SMTP command."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None and len(text.partition("@")[0]) <= 64


def values(message: Message, name: str) -> list[str]:
    """All headers of that name, unfolded and not decoded; raw 8-bit text as UTF-8, where it is."""
    wanted = name.lower()
    found = [str(value)[:MAX_HEADER_CHARACTERS] for key, value in message.raw_items() if key.lower() == wanted]
    return [_readable(_FOLD.sub(" ", value)).strip() for value in found]


def value(message: Message, name: str) -> str:
    return next(iter(values(message, name)), "")


def decoded(text: str) -> str:
    """One line for people: encoded words decoded, what cannot be read replaced, control characters blanked."""
    try:
        words = decode_header(text)
    except (MessageError, ValueError):
        return _one_line(text)
    return _one_line("".join(word if isinstance(word, str) else _word(word, charset or "") for word, charset in words))


def ids(message: Message, *names: str) -> list[str]:
    """The message ids in these headers, without brackets, in order, each once."""
    found = [match for name in names for text in values(message, name) for match in _ID.findall(text)]
    return list(dict.fromkeys(found))


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Name and address of each that could be written to; the domain in lower case. The first of each address."""
    pairs = _parsed([text for name in names for text in values(message, name)])
    usable = [(decoded(name)[:100], reachable) for name, address in pairs if (reachable := _reachable(address))]
    return list({address.lower(): (name, address) for name, address in reversed(usable)}.values())[::-1][:MAX_ADDRESSES]


def own_id(key: str, thread: str, sender: str) -> str:
    """The message id of a delivery from the address `sender`: the same on each try.

    The thread stands in it, so that an answer that names only this id is known to belong there, though nothing is kept.
    """
    domain = sender.rpartition("@")[2].lower()
    safe = key if _KEY.fullmatch(key) else sha256(key.encode(errors="replace")).hexdigest()
    inner = urlsafe_b64encode(thread.encode(errors="replace")).decode().rstrip("=")
    return f"gw.{safe}.{_tag(sender)}.{inner if len(thread) <= MAX_THREAD_IN_ID else ''}@{domain}"


def _tag(sender: str) -> str:
    """Others may use Graftwork with addresses of the same provider."""
    return sha256(sender.lower().encode()).hexdigest()[:8]


def thread_in(message_id: str, senders: Iterable[str]) -> str | None:
    """The thread that an id of ours belongs to, empty where it does not say; `None` where it is none of ours."""
    found = _OWN_ID.fullmatch(message_id)
    if found is None or found[2] not in {_tag(sender) for sender in senders}:
        return None
    try:
        return clean(urlsafe_b64decode(found[3] + "=" * (-len(found[3]) % 4)).decode(errors="replace"))
    except ValueError:
        return ""


def _parsed(texts: list[str]) -> list[tuple[str, str]]:
    try:
        return getaddresses(texts)
    except (ValueError, IndexError, TypeError, RecursionError):
        return []


def _reachable(address: str) -> str:
    """The address with its domain in ASCII; empty where no SMTP server takes it without extensions."""
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        return ""
    whole = f"{local}@{ascii_domain.lower()}"
    return whole if is_address(whole) else ""


def _readable(text: str) -> str:
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _word(content: bytes, charset: str) -> str:
    for candidate, errors in ((charset, "strict"), ("utf-8", "strict"), (charset, "replace")):
        try:
            return content.decode(candidate, errors)
        except (LookupError, ValueError):
            continue
    return content.decode(errors="replace")


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in clean(text)).split())
