"""What a reviewer must know about a draft, gathered under a word for each kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# In the order in which they matter to somebody who is about to send.
_WORDS = {
    "nothing_found": "Nothing found",
    "conflict": "Contradiction",
    "unsupported": "Without support",
    "invalid_output": "Not in order",
    "length": "Cut off",
    "truncated": "Shortened",
    "windows": "Long item",
    "removed": "Removed",
    "no_evidence": "No evidence",
    "withheld_value": "Withheld",
    "unknown_placeholder": "Unknown placeholder",
    "language": "Language",
    "document": "Document",
}
_OTHER = "Check"


@dataclass(frozen=True, slots=True)
class NoticesShown:
    """All notices of one kind."""

    word: str
    texts: Sequence[str]


def notices_shown(notices: Iterable[Mapping[str, Any]], *, without: Iterable[str] = ()) -> list[NoticesShown]:
    """The notices of a draft by kind. `without` are kinds that the page tells in another place."""
    texts: dict[str, list[str]] = {}
    for notice in notices:
        if notice["code"] not in without and notice["text"] not in texts.setdefault(notice["code"], []):
            texts[notice["code"]].append(notice["text"])
    order = [*_WORDS, *(code for code in texts if code not in _WORDS)]
    return [NoticesShown(_WORDS.get(code, _OTHER), texts[code]) for code in order if texts.get(code)]
