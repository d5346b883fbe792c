"""The numbers in square brackets by which a text names its passages: [1], [1, 2], [1][3], [1-3], [passage 2]."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

# Four figures are a year or an amount. What a round bracket follows is a link.
_NUMBERS = r"\d{1,3}+(?:[ \t]?[,;\u2013-][ \t]?\d{1,3}+){0,20}+"
MARKER = re.compile(
    rf"\[\^?(?:(?:passage|source|excerpt|document|doc|quelle|abschnitt|extrait)s?[ \t]?)?({_NUMBERS})\](?!\()",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)(?:[ \t]?[\u2013-][ \t]?(\d+))?")
_WIDEST_RANGE = 40
_BRACKET = re.compile(r"[\[\]]")


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


def only_known(text: str, known: Container[int]) -> tuple[str, int]:
    """`text` without the numbers that are not `known`, and how many markers these were in.

    A cut can put a marker together, as in `[9[99]]`. Brackets are therefore closed from the inside, which takes one
    pass however deep they are nested.
    """
    done: list[str] = []
    opened: list[str] = []  # each the text from one open bracket to the next
    place = count = 0
    for bracket in _BRACKET.finditer(text):
        between = text[place : bracket.start()]
        if opened:
            opened[-1] += between
        else:
            done.append(between)
        place = bracket.end()
        if bracket[0] == "[":
            opened.append("[")
            continue
        group = f"{opened.pop() if opened else ''}]"
        kept = group if text.startswith("(", place) else _only_known(group, known)
        count += kept != group
        before = opened or done
        if not kept and before:
            before[-1] = _closed_up(before[-1], text[place : place + 1])
        if kept:  # a bracket that holds a bracket is no marker
            done += (*opened, kept)
            opened.clear()
    return "".join((*done, *opened, text[place:])), count


def _closed_up(before: str, after: str) -> str:
    """What stands before a cut, as it should end: "5[9]0" must not become 50."""
    if before.endswith(" "):
        return before if after.isalnum() else before[:-1]
    return f"{before} " if before[-1:].isalnum() and after.isalnum() else before


def _only_known(group: str, known: Container[int]) -> str:
    marker = next(markers(group), None) if MARKER.fullmatch(group) else None
    if marker is None:
        return group
    kept = tuple(dict.fromkeys(number for number in marker.numbers if number in known))
    if len(kept) == len(set(marker.numbers)):
        return group
    return written(kept) if kept else ""
