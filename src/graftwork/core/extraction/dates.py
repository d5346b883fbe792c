"""Calendar dates in their usual spellings, English, German, French and Spanish."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

_MONTHS = (
    "january jan januar jänner janvier janv enero ene",
    "february feb februar février févr fevrier febrero",
    "march mar märz mrz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug août aout agosto ago",
    "september sept sep septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre déc decembre diciembre dic",
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAME = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})(?!\d)"
_LINK = r"[\s,.\-/]*(?:(?:of|de|del)\s+)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)",
        r"(?<![\d.])(?P<one>\d{1,2})(?P<sign>\s?[-/.]\s?)(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})(?!\d)",
        rf"(?<!\d){_DAY}{_LINK}(?P<name>{_NAME})\b{_LINK}{_YEAR}",
        rf"\b(?P<name>{_NAME})\b[\s.]*{_DAY}(?!\d){_LINK}{_YEAR}",
    )
)

Doubt = Literal["", "no such day", "two-digit year", "day or month first"]


@dataclass(frozen=True, slots=True)
class DateRead:
    """One date of a text. `days` are its readings: one, or two where day and month may change places, or none.

    `doubt` says why it is not one certain day; with a two-digit year the readings are those of both centuries.
    """

    days: tuple[date, ...]
    doubt: Doubt = ""

    @property
    def day(self) -> date | None:
        """The one certain day."""
        return self.days[0] if not self.doubt else None


def read_date(text: str) -> DateRead | None:
    """The date that `text` is, a weekday or a time beside it at most; `None` where it is none."""
    found = [*_found(text)]
    if len(found) != 1:
        return None
    (start, end), read = found[0]
    rest = re.sub(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?|Z\b|[+-]\d{2}:?\d{2}", " ", text[:start] + " " + text[end:])
    return read if len(re.findall(r"\w+", rest)) <= 1 and not re.search(r"\d", rest) else None


def dates_in(text: str) -> list[DateRead]:
    """Every date of `text` that names day, month and year."""
    return [read for _, read in _found(text)]


def _found(text: str) -> Iterator[tuple[tuple[int, int], DateRead]]:
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if all(end <= a or b <= start for a, b in taken):
                taken.append((start, end))
                yield (start, end), _read(match)


def _read(match: re.Match[str]) -> DateRead:
    parts = match.groupdict()
    if parts.get("one"):
        orders = [(int(parts["one"]), int(parts["two"]))]
        # With dots the day is always first; with other signs either may be, as the country has it.
        if "." not in parts["sign"]:
            orders.append((int(parts["two"]), int(parts["one"])))
    elif parts.get("name"):
        orders = [(int(parts["day"]), _MONTH_OF[parts["name"].lower()])]
    else:
        orders = [(int(parts["day"]), int(parts["month"]))]
    year = parts["year"].lstrip("'")
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    days = [found for number in years for day, month in orders if (found := _day(number, month, day))]
    readings = tuple(dict.fromkeys(days))
    if not readings:
        return DateRead((), "no such day")
    if len(year) != 4:
        return DateRead(readings, "two-digit year")
    return DateRead(readings, "day or month first" if len(readings) > 1 else "")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
