"""Dates, weekdays and times of day in a form in which they can be compared: 3 May 2024 is 2024-05-03."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from graftwork.core.citing.word_lists import listed

_MONTHS = (
    "january jan januar janvier janv", "february feb februar février févr", "march mar märz mär mars",
    "april apr avril avr", "may mai", "june jun juni juin", "july jul juli juillet juil", "august aug août",
    "september sept sep septembre", "october oct oktober okt octobre", "november nov novembre",
    "december dec dezember dez décembre déc",
)  # fmt: skip
_WEEKDAYS = (
    "monday montag lundi", "tuesday dienstag mardi", "wednesday mittwoch mercredi", "thursday donnerstag jeudi",
    "friday freitag vendredi", "saturday samstag sonnabend samedi", "sunday sonntag dimanche",
)  # fmt: skip
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS, 1) for name in names.split()}
# Words of their own, in small letters or at the start of a sentence.
_BEFORE_MONTHS = listed(
    "in of by since until till from to and before after during early late im ab bis seit und von en"
)
_ALSO_WORDS = frozenset(("may", "march", "mars", "august", "mai"))

Parts = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Moment:
    """`parts` are what it may mean: (year, month, day), 0 for what is not said; (weekday, 0, 0), (minutes, 0, 0)."""

    kind: Literal["date", "weekday", "time"]
    start: int
    end: int
    parts: frozenset[Parts]

    def agrees_with(self, other: "Moment") -> bool:
        """Whether `other` says all that this one says. A year that `other` leaves out is held to be the same."""
        if self.kind != other.kind:
            return False
        return any(_covers(mine, theirs) for mine in self.parts for theirs in other.parts)


def _covers(mine: Parts, theirs: Parts) -> bool:
    year, rest = mine[0], tuple(zip(mine[1:], theirs[1:], strict=True))
    if year and theirs[0] and year != theirs[0]:
        return False
    return all(not wanted or wanted == found for wanted, found in rest) and (any(mine[1:]) or year == theirs[0])


def moments(text: str) -> list[Moment]:
    """The dates, weekdays and times of `text`. 05/03/2024 is read both ways; what is no date at all is left out."""
    return [moment for match in _pattern().finditer(text) if (moment := _read(text, match)) is not None]


def _read(text: str, match: re.Match[str]) -> Moment | None:
    if match["weekday"]:
        number = _WEEKDAY_OF[match["weekday"].casefold()]
        return Moment("weekday", match.start(), match.end(), frozenset({(number, 0, 0)}))
    if match["hour"] or match["clock"]:
        minutes = frozenset((value, 0, 0) for value in _minutes(match))
        return Moment("time", match.start(), match.end(), minutes) if minutes else None
    if match["alone"] and _is_a_word(text, match):
        return None
    parts = frozenset(part for part in _dates(match) if part[1] <= 12 and part[2] <= 31)
    return Moment("date", match.start(), match.end(), parts) if parts else None


def _is_a_word(text: str, match: re.Match[str]) -> bool:
    name = match["alone"]
    before = text[max(0, match.start() - 12) : match.start()].split()
    led = bool(before) and before[-1].casefold().rstrip(",") in _BEFORE_MONTHS
    return name[0].islower() or (name.casefold() in _ALSO_WORDS and not led)


def _dates(match: re.Match[str]) -> Iterator[Parts]:
    if match["iso_year"]:
        yield int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"])
    elif match["one"]:
        one, two, year = int(match["one"]), int(match["two"]), _year(match["year"])
        yield year, two, one
        if match["mark"] != ".":
            yield year, one, two
    elif match["day_first"]:
        yield _year(match["year_1"]), _MONTH_OF[match["month_1"].casefold()], int(match["day_first"])
    elif match["day_last"]:
        yield _year(match["year_2"]), _MONTH_OF[match["month_2"].casefold()], int(match["day_last"])
    elif match["month_3"]:
        yield int(match["year_3"]), _MONTH_OF[match["month_3"].casefold()], 0
    elif match["alone"]:
        yield 0, _MONTH_OF[match["alone"].casefold()], 0


def _year(written: str | None) -> int:
    if not written:
        return 0
    return int(written) + (2000 if int(written) < 70 else 1900) * (len(written) == 2)


def _minutes(match: re.Match[str]) -> Iterator[int]:
    if match["clock"]:
        hour, minute, half = int(match["clock"]), int(match["minute"]), match["half_1"]
    else:
        hour, minute, half = int(match["hour"]), 0, match["half_2"]
    if hour > 24 or minute > 59:
        return
    half = (half or "").casefold().replace(".", "")
    if half in ("am", "pm"):
        yield (hour % 12 + (12 if half == "pm" else 0)) * 60 + minute
    else:
        yield hour * 60 + minute
        if half == "o'clock" and hour < 12:
            yield (hour + 12) * 60 + minute


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    month = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
    long_month = "|".join(
        name for name in _MONTH_OF if len(name) > 4 or name in ("may", "mai", "june", "july", "juni", "juli")
    )
    weekday = "|".join(_WEEKDAY_OF)
    half = r"a\.m\.|p\.m\.|am|pm|uhr|o'clock"
    return re.compile(
        rf"(?<![\w.])(?P<iso_year>\d{{4}})-(?P<iso_month>\d{{2}})-(?P<iso_day>\d{{2}})(?!\d)"
        rf"|(?<![\w.])(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}})(?!\d)"
        rf"|\b(?P<day_first>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s{{0,2}}(?:of\s)?(?P<month_1>{month})\b\.?(?:,?\s(?P<year_1>\d{{4}})\b)?"
        rf"|\b(?P<month_2>{month})\b\.?\s(?P<day_last>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:%])(?:,?\s(?P<year_2>\d{{4}})\b)?"
        rf"|\b(?P<month_3>{month})\b\.?,?\s(?P<year_3>\d{{4}})\b"
        rf"|\b(?P<weekday>{weekday})(?:s|e|en)?\b"
        rf"|(?<![\d.:])(?P<clock>\d{{1,2}})[:h](?P<minute>\d{{2}})(?!\d)(?:\s?(?P<half_1>{half}))?"
        rf"|(?<![\d.,:])(?P<hour>\d{{1,2}})\s?(?P<half_2>{half})(?!\w)"
        rf"|\b(?P<alone>{long_month})\b",
        re.IGNORECASE,
    )
