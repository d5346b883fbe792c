"""How an item passed to its engine, in words for the reviewer: what was masked, who answered, where, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.apps.work.models import Draft

_KIND_WORDS = {
    "mail": ("mail address", "mail addresses"),
    "address": ("address", "addresses"),
    "iban": ("IBAN", "IBANs"),
    "national_id": ("national id", "national ids"),
    "health_id": ("health id", "health ids"),
    "ip": ("IP address", "IP addresses"),
    "mac": ("MAC address", "MAC addresses"),
    "url": ("web address", "web addresses"),
    "date_of_birth": ("date of birth", "dates of birth"),
    "id": ("other id", "other ids"),
    "literal": ("text in brackets", "texts in brackets"),
}


@dataclass(frozen=True, slots=True)
class PassageShown:
    """`left` is whether anything left the house; `counts` are the masked values as words, the most frequent first."""

    left: bool
    masked: int | None
    said: str
    engine: str
    zone: str
    counts: Sequence[str]
    classes: Sequence[str]
    reason: str


def passage_of(draft: Draft) -> PassageShown:
    masked = None if draft.masked is None else sum(draft.masked.values())
    counts = sorted((draft.masked or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return PassageShown(
        left=draft.zone != "local",
        masked=masked,
        said=_said(draft, masked),
        engine=draft.engine,
        zone=draft.zone,
        counts=[f"{number} {kind_words(kind, number)}" for kind, number in counts],
        classes=draft.route.get("classes", []),
        reason=draft.route.get("reason", ""),
    )


def kind_words(kind: str, number: int) -> str:
    """A kind of value as people call it."""
    singular = kind.replace("_", " ")
    one, many = _KIND_WORDS.get(kind, (singular, f"{singular}s"))
    return one if number == 1 else many


def _said(draft: Draft, masked: int | None) -> str:
    if draft.zone == "local":
        return f"nothing left the house · {draft.engine}"
    if masked is None:
        told = "sent as it is"
    elif masked == 0:
        told = "nothing to mask was found"
    else:
        told = f"masked {masked} value{'' if masked == 1 else 's'}"
    return f"{told} · answered by {draft.engine} in zone {draft.zone}"
