"""A value that the search missed, as a reviewer reports it: where it stands, what it seems to be, its form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graftwork.core.privacy.finding import Kind
from graftwork.core.types import ItemContent

CONTEXT_CHARACTERS = 60
MAX_VALUE_CHARACTERS = 200
VALUE_MARK = "{value}"

_GUESSES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("mail", re.compile(r"[^\s@]+@[^\s@]+")),
    ("url", re.compile(r"(?:https?://|www\.)\S+")),
    ("handle", re.compile(r"@\w+")),
    ("ip", re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")),
    ("iban", re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")),
    ("date", re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")),
    ("phone", re.compile(r"\+?[\d(][\d ()/.-]{6,20}")),
    ("id", re.compile(r"(?=\S*\d)[A-Za-z0-9#/_.-]+")),
    ("person", re.compile(r"[^\W\d_]\S*(?: [^\W\d_]\S*){0,4}")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A value as it stands in an item, and its surroundings with `{value}` in its place."""

    value: str
    context: str


def locate(content: ItemContent, wanted: str) -> Place | None:
    """Where `wanted` stands in the item, white space aside: a selection in a page has its own line breaks."""
    words = wanted.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    for text in _texts(content):
        if match := pattern.search(text):
            sides = (_before(text, match.start()), _after(text, match.end()))
            # It may stand there more than once.
            before, after = (pattern.sub(VALUE_MARK, side) for side in sides)
            return Place(match[0], f"{before}{VALUE_MARK}{after}")
    return None


def guess_kind(value: str) -> Kind:
    """What a value seems to be, by its form alone; the reviewer can say better."""
    return next((kind for kind, form in _GUESSES if form.fullmatch(value)), "term")


def shape(value: str) -> str:
    """The form of a value without the value: `Aa-9` characters stand for letters and digits, the rest stays."""
    return "".join("9" if one.isdigit() else ("A" if one.isupper() else "a") if one.isalpha() else one for one in value)


def _before(text: str, end: int) -> str:
    """Whole words only: half a name is one that no search knows."""
    start = max(0, end - CONTEXT_CHARACTERS)
    while 0 < start < end and not text[start - 1].isspace():
        start += 1
    return text[start:end]


def _after(text: str, start: int) -> str:
    end = min(len(text), start + CONTEXT_CHARACTERS)
    while start < end < len(text) and not text[end].isspace():
        end -= 1
    return text[start:end]


def _texts(content: ItemContent) -> Iterator[str]:
    for value in content.fields.values():
        if isinstance(value, tuple):
            for turn in value:
                yield turn.text
                yield turn.speaker
        elif value is not None and not isinstance(value, bool):
            yield str(value)
