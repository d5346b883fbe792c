"""Where quoted words stand in a text: as they are, in another spelling, or with a slip of the pen.

Rather nowhere than at a wrong place: what is returned delimits exactly the words that match.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from graftwork.core.extraction.normalising import (
    Normalised,
    has_broken_words,
    is_bounded,
    normalise,
    normalised,
    numbers_in,
)

FUZZY_CUTOFF = 90.0
# Each word must be its counterpart with one slip at most: "hypotension" is no slip of "hypertension".
WORD_SLIPS = 1
FUZZY_MIN_CHARACTERS = 8
FUZZY_MAX_CHARACTERS = 2_000
# Of a word that stands everywhere, the first occurrences are enough to choose from.
MAX_OCCURRENCES = 1_000

_WORD = re.compile(r"\w+")
_MARGIN = 30


@dataclass(frozen=True, slots=True)
class Place:
    """`start` to `end` of the original text `field`, and how the words were matched there."""

    field: str
    start: int
    end: int
    how: Literal["exact", "normalised", "fuzzy"] = "exact"


def locate(quote: str, texts: Mapping[str, str], *, near: int | None = None) -> Place | None:
    """The place of `quote` in one of `texts`: the occurrence nearest to offset `near`, else the first.

    Exact words go before words that are equal after normalisation, those before words that are nearly equal (rapidfuzz
    partial alignment of at least 90 of 100, at least 8 characters, the same numbers, word for word).
    """
    return Finder(texts).find(quote, near=near)


class Finder:
    """Finds many quotes in the same texts: what is costly is done once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {name: _Searched(text) for name, text in texts.items() if text}

    def text_at(self, place: Place) -> str:
        """The words at `place`, as the original has them."""
        return self._texts[place.field].text[place.start : place.end]

    def find(self, quote: str, *, near: int | None = None, field: str = "", fuzzy: bool = True) -> Place | None:
        """As `locate`; text `field` is looked at first, and `near` counts there only if it is given."""
        quote = quote.strip()
        if not any(char.isalnum() for char in quote):
            return None
        names = sorted(self._texts, key=lambda name: name != field)
        steps: list[Callable[[_Searched, str], Iterator[tuple[int, int]]]] = [_Searched.exact, _Searched.normalised]
        hows: tuple[Literal["exact", "normalised", "fuzzy"], ...] = ("exact", "normalised", "fuzzy")
        if fuzzy:
            steps.append(_Searched.nearly)
        for how, step in zip(hows, steps, strict=False):
            for name in names:
                found = list(step(self._texts[name], quote))
                if found:
                    aim = near if near is not None and field in ("", name) else None
                    start, end = found[0] if aim is None else min(found, key=lambda span: abs(span[0] - aim))
                    return Place(name, start, end, how)
        return None


class _Searched:
    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _forms(self) -> tuple[Normalised, ...]:
        as_is = normalise(self.text)
        return (as_is, normalise(self.text, joined=True)) if has_broken_words(self.text) else (as_is,)

    def exact(self, quote: str) -> Iterator[tuple[int, int]]:
        yield from _occurrences(quote, self.text)

    def normalised(self, quote: str) -> Iterator[tuple[int, int]]:
        wanted = normalise(quote).text, normalise(quote, joined=True).text
        # With the punctuation around it first, so that brackets and quotation marks stay in pairs.
        needles = dict.fromkeys((*wanted, *map(normalised, wanted)))
        for form, needle in product(self._forms, needles):
            found = [(form.starts[a], form.ends[b - 1]) for a, b in _occurrences(needle, form.text)] if needle else []
            bounded = [span for span in found if is_bounded(self.text, *span)]
            if bounded:
                yield from bounded
                return

    def nearly(self, quote: str) -> Iterator[tuple[int, int]]:
        needle = normalised(quote)
        if not FUZZY_MIN_CHARACTERS <= len(needle) <= FUZZY_MAX_CHARACTERS:
            return
        for form in self._forms:
            if len(needle) > len(form.text):
                continue  # rapidfuzz would look for the text in the quote
            match = fuzz.partial_ratio_alignment(needle, form.text, score_cutoff=FUZZY_CUTOFF)
            if match is None:
                continue
            start, end = _to_words(form.text, match.dest_start, match.dest_end, needle)
            if start < end and _is_near(needle, form.text[start:end]):
                span = form.starts[start], form.ends[end - 1]
                if is_bounded(self.text, *span):
                    yield span
                    return


def _occurrences(needle: str, text: str) -> Iterator[tuple[int, int]]:
    place = -1
    for _ in range(MAX_OCCURRENCES):
        place = text.find(needle, place + 1)
        if place < 0:
            return
        if is_bounded(text, place, place + len(needle)):
            yield place, place + len(needle)


def _to_words(text: str, start: int, end: int, quote: str) -> tuple[int, int]:
    """The whole words at `start` to `end` that are most like `quote`: as many as it has, a word to either side at most.

    An alignment is as long as the quote, so a letter that is missing there pushes it off the last or the first word.
    """
    spans = [match.span() for match in _WORD.finditer(text, max(0, start - _MARGIN), end + _MARGIN)]
    count = len(_WORD.findall(quote))
    runs = [(spans[n][0], spans[n + count - 1][1]) for n in range(len(spans) - count + 1)]
    return max(runs, key=lambda run: fuzz.ratio(quote, text[run[0] : run[1]]), default=(0, 0))


def _is_near(quote: str, found: str) -> bool:
    if numbers_in(quote) != numbers_in(found) or fuzz.ratio(quote, found) < FUZZY_CUTOFF:
        return False
    wanted, there = _WORD.findall(quote), _WORD.findall(found)
    return len(wanted) == len(there) and all(map(_is_like, wanted, there))


def _is_like(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 3 and OSA.distance(one, other) <= WORD_SLIPS)
