"""The numbers in square brackets by which a text names its passages: [1], [1, 2], [1][3], [1-3], [passage 2]."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Four figures are a year or an amount. What a round bracket follows is a link.
_NUMBERS = r"\d{1,3}+(?:[ \t]?[,;\u2013-][ \t]?\d{1,3}+){0,20}+"
MARKER = re.compile(
    rf"\[\^?(?:(?:passage|source|excerpt|document|doc|quelle|abschnitt|extrait)s?[ \t]?)?({_NUMBERS})\](?!\()",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)(?:[ \t]?[\u2013-][ \t]?(\d+))?")
_WIDEST_RANGE = 40


@dataclass(frozen=True, slots=True)
class Marker:
    """One bracket, `start` to `end` in the text, and the numbers in it."""

    start: int
    end: int
    numbers: tuple[int, ...]


def markers(text: str) -> Iterator[Marker]:
    for match in MARKER.finditer(text):
        yield Marker(match.start(), match.end(), tuple(_numbers(match[1])))


def _numbers(inside: str) -> Iterator[int]:
    for match in _RANGE.finditer(inside):
        first, last = int(match[1]), int(match[2] or match[1])
        yield from range(first, min(last, first + _WIDEST_RANGE) + 1) if first <= last else (first, last)


def written(numbers: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, numbers))}]"


def without_markers(text: str) -> str:
    """`text` with spaces in the place of markers, so that all offsets stay."""
    return MARKER.sub(lambda match: " " * len(match[0]), text)
