"""What of a sentence must stand in its source as it is: numbers, dates, names, codes, and words in quotation marks."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from graftwork.core.citing.dates import Moment, moments
from graftwork.core.citing.names import Named, bare_code, codes, names
from graftwork.core.citing.numbers import Number, numbers
from graftwork.core.citing.words import Word, squeezed, words

_QUOTE = re.compile(r"[\"“”„]([^\"“”„\n]{3,600})[\"“”]|«\s?([^»\n]{3,600})\s?»|»([^«\n]{3,600})«|‘([^’\n]{12,600})’")  # noqa: RUF001
_GAP = re.compile(r"\[?(?:\.\.\.|…)\]?")
QUOTE_WORDS = 3
_DURATIONS = frozenset({"time", "workday", "months"})
_CURRENCIES = frozenset({"eur", "usd", "gbp", "chf"})

Fact = Number | Moment | Named


def facts(text: str, *, german: bool = False) -> list[Fact]:
    """The facts of `text` in their order. No two of them overlap: a date holds no number, a code no name."""
    taken: list[Fact] = []
    for found in (codes(text), moments(text), numbers(text), names(text, german=german)):
        spans = sorted((fact.start, fact.end) for fact in taken)
        taken += [fact for fact in found if not _overlaps(fact, spans)]
    return sorted(taken, key=lambda fact: fact.start)


def _overlaps(fact: Fact, spans: list[tuple[int, int]]) -> bool:
    place = bisect_left(spans, (fact.start, fact.start))
    before = place > 0 and spans[place - 1][1] > fact.start
    return before or (place < len(spans) and spans[place][0] < fact.end)


def kind_of(fact: Fact) -> str:
    match fact:
        case Number():
            return "number"
        case Moment(kind="date" | "weekday"):
            return "date"
        case Moment():
            return "time"
        case Named():
            return fact.kind


def rival_kind(fact: Fact) -> str:
    """What two facts must share to contradict each other: "5 days" and "5 working days" can, "5 days" and "5 %" not."""
    match fact:
        case Number(unit=unit) if unit in _DURATIONS:
            return "duration"
        case Number(unit=unit) if unit in _CURRENCIES:
            return "money"
        case Number(unit=unit):
            return f"number {unit}"
        case Moment(kind=kind):
            return kind
        case Named():
            return "name"


def parts_of(fact: Fact) -> frozenset[object]:
    """What two facts must have in common, in any part, to agree."""
    match fact:
        case Number():
            return frozenset[object](fact.values | fact.base)
        case Moment():
            return frozenset[object](fact.parts)
        case Named():
            return frozenset[object](fact.parts)


def without_measures(text: str, found: Iterable[Fact]) -> str:
    """`text` with spaces in the place of its numbers and dates, so that all offsets stay."""
    pieces: list[str] = []
    place = 0
    for fact in found:
        if isinstance(fact, Number | Moment):
            pieces += (text[place : fact.start], " " * (fact.end - fact.start))
            place = fact.end
    return "".join((*pieces, text[place:]))


def quotes(text: str) -> list[str]:
    """What `text` quotes, each of at least three words; parts left out (...) divide a quote."""
    found = (part for match in _QUOTE.finditer(text) for part in _GAP.split(next(filter(None, match.groups()), "")))
    return [part for part in found if len(words(part)) >= QUOTE_WORDS]


@dataclass(frozen=True)
class Source:
    """A text that facts are looked for in, such as one passage or all fields of an item."""

    text: str
    headings: str = ""

    @cached_property
    def own_facts(self) -> list[Fact]:
        return facts(self.text)

    @cached_property
    def facts(self) -> list[Fact]:
        return [*self.own_facts, *facts(self.headings)]

    @cached_property
    def without_measures(self) -> str:
        return without_measures(self.text, self.own_facts)

    @cached_property
    def words(self) -> list[Word]:
        return words(f"{self.text}\n{self.headings}")

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(word.key for word in self.words) | frozenset(word.folded for word in self.words)

    @cached_property
    def _squeezed(self) -> tuple[str, frozenset[int], frozenset[int]]:
        joined, starts, ends = squeezed(self.words)
        return joined, frozenset(starts), frozenset(ends)

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(part for fact in self.facts if isinstance(fact, Named) for part in fact.parts)

    @cached_property
    def _numbers(self) -> dict[Decimal, list[Number]]:
        table: dict[Decimal, list[Number]] = {}
        for number in self.facts:
            if isinstance(number, Number):
                for value in number.values | number.base:
                    table.setdefault(value, []).append(number)
        return table

    @cached_property
    def _bare_numbers(self) -> frozenset[Decimal]:
        """The parts of dates and times, for a draft that names the year alone."""
        dates = (value for moment in self._moments if moment.kind == "date" for part in moment.parts for value in part)
        hours = (part[0] // 60 for moment in self._moments if moment.kind == "time" for part in moment.parts)
        return frozenset(Decimal(value).normalize() for value in (*dates, *hours))

    @cached_property
    def _moments(self) -> list[Moment]:
        return [fact for fact in self.facts if isinstance(fact, Moment)]

    @cached_property
    def _initials(self) -> frozenset[str]:
        return frozenset("".join(part[0] for part in fact.parts) for fact in self.facts if isinstance(fact, Named))

    def holds(self, fact: Fact) -> bool:
        match fact:
            case Number():
                near = (number for value in fact.values | fact.base for number in self._numbers.get(value, ()))
                in_a_date = not fact.unit and not fact.values.isdisjoint(self._bare_numbers)
                return in_a_date or any(fact.agrees_with(number) for number in near)
            case Moment():
                return any(fact.agrees_with(moment) for moment in self._moments)
            case Named(kind="code"):
                return fact.parts[0] in self._codes or self.says(fact.parts[0], as_code=True)
            case Named():
                return self._holds_name(fact)

    def _holds_name(self, name: Named) -> bool:
        if all(part in self.keys or _key(part) in self.keys for part in name.parts):
            return True
        return len(name.parts) == 1 and 2 <= len(name.parts[0]) <= 5 and name.parts[0] in self._initials

    def says(self, quoted: str, *, as_code: bool = False) -> bool:
        """Whether the words of `quoted` stand here one after the other; case, spaces and hyphenation do not count."""
        needle = bare_code(quoted) if as_code else squeezed(words(quoted))[0]
        joined, starts, ends = self._squeezed
        place = joined.find(needle) if needle else -1
        while place >= 0:
            if place in starts and place + len(needle) in ends:
                return True
            place = joined.find(needle, place + 1)
        return False


def _key(part: str) -> str:
    found = words(part)
    return found[0].key if len(found) == 1 else part


def missing_facts(wanted: Sequence[Fact], sources: Iterable[Source]) -> list[Fact]:
    """Those of `wanted` that stand in none of `sources`."""
    held = list(sources)
    return [fact for fact in wanted if not _is_implied(fact) and not any(source.holds(fact) for source in held)]


def _is_implied(fact: Fact) -> bool:
    return isinstance(fact, Number) and fact.implied
