"""Which mail must not become an item, lest it go in circles: what machines send, bounces, and what we sent ourselves.

Judged by headers alone: RFC 3834 (automatic answers), RFC 3464 and RFC 8098 (reports), RFC 2919 (lists), and the
headers that mail programs used before there was a standard.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message

from graftwork.systems.mail.headers import DELIVERY_HEADER, addresses, ids, thread_in, value, values

# Gives up on mail long after every server on the way would have (RFC 5321, section 6.3 asks for at least 100).
MOST_HOPS = 100

_SYSTEM_SENDERS = frozenset(("mailer-daemon", "postmaster"))
_AUTOREPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply")
_SUPPRESSED = frozenset(("all", "oof", "autoreply"))


@dataclass(frozen=True, slots=True)
class Ours:
    """Our addresses, in lower case."""

    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """`take_automatic`: what machines send is work here, such as invoices. `lists`: List-Ids of people's mail."""

    ours: Ours
    take_automatic: bool = False
    lists: frozenset[str] = frozenset()


def why_skipped(message: Message, rules: Rules) -> str:
    """The reason in one word, for the log; empty where the mail is somebody's. Reasons hold no content."""
    checks = _ALWAYS if rules.take_automatic else (*_ALWAYS, *_AUTOMATIC)
    return next((reason for reason, holds in checks if holds(message, rules)), "")


def _is_our_delivery(message: Message, rules: Rules) -> bool:
    """By the address beside its key. Another company's Graftwork writes what a person there approved, to us as well."""
    senders = {text.rpartition(" ")[2].lower() for text in values(message, DELIVERY_HEADER)}
    own_ids = (thread_in(own, rules.ours.addresses) for own in ids(message, "Message-ID"))
    return not senders.isdisjoint(rules.ours.addresses) or any(thread is not None for thread in own_ids)


def _is_from_us(message: Message, rules: Rules) -> bool:
    """A contact form writes in our name with the customer's Reply-To: that one is the customer's."""
    senders = [address.lower() for _, address in addresses(message, "From")]
    if not senders or senders[0] not in rules.ours.addresses:
        return False
    answered_to = [address.lower() for _, address in addresses(message, "Reply-To")]
    return all(address in rules.ours.addresses for address in answered_to)


def _was_here(message: Message, rules: Rules) -> bool:
    passed = {text.strip("<> \t").lower() for text in values(message, "X-Loop")}
    return not passed.isdisjoint(rules.ours.addresses) or len(values(message, "Received")) > MOST_HOPS


def _is_a_report(message: Message, rules: Rules) -> bool:
    del rules
    return message.get_content_type() in ("multipart/report", "message/delivery-status")


def _came_from_nowhere(message: Message, rules: Rules) -> bool:
    """RFC 5321, section 4.5.5: the path back of notices is empty. Only the last server's line counts."""
    del rules
    return value(message, "Return-Path").replace(" ", "") == "<>"


def _is_from_a_server(message: Message, rules: Rules) -> bool:
    del rules
    raw = addresses(message, "From")
    local = raw[0][1].partition("@")[0].lower() if raw else value(message, "From").strip("<> ").lower()
    return local in _SYSTEM_SENDERS


def _is_auto_submitted(message: Message, rules: Rules) -> bool:
    del rules
    said = [text.partition(";")[0].partition("(")[0].strip().lower() for text in values(message, "Auto-Submitted")]
    return any(word != "no" for word in said)


def _is_an_auto_reply(message: Message, rules: Rules) -> bool:
    del rules
    if any(values(message, name) for name in _AUTOREPLY_HEADERS):
        return True
    return value(message, "Precedence").lower() in ("auto_reply", "auto-reply")


def _wants_no_answers(message: Message, rules: Rules) -> bool:
    """Exchange's header. `DR`, `RN` and `NRN` are about receipts, which people's mail may ask not to get."""
    del rules
    words = {word.strip().lower() for text in values(message, "X-Auto-Response-Suppress") for word in text.split(",")}
    return not words.isdisjoint(_SUPPRESSED)


def _is_in_bulk(message: Message, rules: Rules) -> bool:
    return value(message, "Precedence").lower() in ("bulk", "junk") and not _is_on_a_known_list(message, rules)


def _is_from_a_list(message: Message, rules: Rules) -> bool:
    names = ("List-Id", "List-Unsubscribe", "List-Post")
    listed = any(values(message, name) for name in names) or value(message, "Precedence").lower() == "list"
    return listed and not _is_on_a_known_list(message, rules)


def _is_on_a_known_list(message: Message, rules: Rules) -> bool:
    own_id = value(message, "List-Id").rpartition("<")[2].strip("<> ").lower()
    return "*" in rules.lists or own_id in rules.lists


_Check = tuple[str, Callable[[Message, Rules], bool]]
_ALWAYS: tuple[_Check, ...] = (
    ("own_delivery", _is_our_delivery),
    ("own_address", _is_from_us),
    ("loop", _was_here),
    ("report", _is_a_report),
    ("empty_return_path", _came_from_nowhere),
    ("mail_server", _is_from_a_server),
)
_AUTOMATIC: tuple[_Check, ...] = (
    ("auto_submitted", _is_auto_submitted),
    ("auto_reply", _is_an_auto_reply),
    ("auto_response_suppress", _wants_no_answers),
    ("bulk", _is_in_bulk),
    ("list", _is_from_a_list),
)
