"""Numbers and times as people export them. What is refused says why, and never quotes the value."""

import re
from datetime import UTC, date, datetime, time

from graftwork.core.appraisal.measuring import MOST_SECONDS
from graftwork.core.typed_numbers import NotANumber, typed_number

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


class ValueRefused(ValueError):
    """Internal: a cell that cannot be used. Its text is what is said of the row."""


def number(value: object) -> float:
    """A finite number (`core.typed_numbers`); yes, no, true and false are 1 and 0."""
    text = str("" if value is None else value).strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return typed_number(text)
    except NotANumber as error:
        raise ValueRefused(str(error)) from None


def seconds(value: object, *, minutes: bool = False) -> float:
    """A handling time, also as h:mm:ss or mm:ss. One below zero or above a day is no handling time."""
    if isinstance(value, time):
        value = value.isoformat()
    clock = _CLOCK.fullmatch(str("" if value is None else value).strip())
    if clock:
        hours, middle, last = clock.groups()
        found = int(hours or 0) * 3600 + int(middle) * 60 + float(last.replace(",", "."))
    else:
        found = number(value) * (60 if minutes else 1)
    if not 0 <= found <= MOST_SECONDS:
        raise ValueRefused("has a time below zero or longer than a day")
    return found


def when(value: object) -> datetime:
    """A moment in ISO 8601, in UTC; without a zone it is taken as UTC, without a time as midnight."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    else:
        try:
            found = datetime.fromisoformat(str("" if value is None else value).strip())
        except ValueError:
            raise ValueRefused("has no date as YYYY-MM-DD, or with a time behind it, where one is needed") from None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:  # in the first or the last hours that there are, and in UTC before or after them
        raise ValueRefused("has a date outside the calendar") from None
