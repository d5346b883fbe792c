"""Marks of time or number by which a system says what is new: read from a record, kept in the cursor, sent again.

A mark is a UTC time, a number or a text. Writing one never rounds up, so that nothing between two marks is missed.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Mark = datetime | int | float | str

TIMES = frozenset({"iso", "epoch", "epoch_ms", "odata"})
KINDS = TIMES | {"number", "text"}

# OData 2: milliseconds since 1970, with an offset in minutes that says how it was meant and changes nothing.
_ODATA = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{1,4})?\)/")


class MarkUnreadable(Exception):
    """Internal: what stands there is no mark of the kind that the file names."""


def is_time(kind: str) -> bool:
    return kind in TIMES or "%" in kind


def read_mark(kind: str, value: Any, zone: str = "UTC") -> Mark:
    """Raises `MarkUnreadable`."""
    try:
        return _read(kind, value, zone)
    except (ValueError, TypeError, OverflowError, OSError):
        raise MarkUnreadable from None


def _read(kind: str, value: Any, zone: str) -> Mark:
    if isinstance(value, bool) or value is None or value == "":
        raise MarkUnreadable
    if kind == "text":
        return str(value)
    if kind == "number":
        return _number(value)
    if kind in ("epoch", "epoch_ms"):
        return _since_1970(_number(value), 1000 if kind == "epoch_ms" else 1)
    if kind == "odata" and (found := _ODATA.fullmatch(str(value))):
        return _since_1970(int(found[1]), 1000)
    text = str(value)
    moment = datetime.strptime(text, kind) if "%" in kind else datetime.fromisoformat(text)  # noqa: DTZ007 - next line
    return (moment if moment.tzinfo else moment.replace(tzinfo=_zone(zone))).astimezone(UTC)


def _number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return value
    return int(value) if re.fullmatch(r"-?\d{1,30}", str(value)) else float(value)


def _since_1970(units: float, per_second: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(units * (1_000_000 // per_second)))


def write_mark(kind: str, mark: Mark, zone: str = "UTC") -> str | int | float:
    if not isinstance(mark, datetime):
        return mark
    if kind in ("epoch", "epoch_ms"):
        passed = mark - datetime(1970, 1, 1, tzinfo=UTC)
        return passed // timedelta(seconds=1) if kind == "epoch" else passed // timedelta(milliseconds=1)
    if "%" in kind:
        return mark.astimezone(_zone(zone)).strftime(kind)
    timespec = "milliseconds" if mark.microsecond else "seconds"
    return mark.isoformat(timespec=timespec).replace("+00:00", "Z")


def store_mark(mark: Mark) -> str | int | float:
    """As plain JSON, for the cursor."""
    return mark.isoformat() if isinstance(mark, datetime) else mark


def stored_mark(kind: str, stored: Any) -> Mark | None:
    """Back from the cursor; `None` where it is not of this kind, since the file may have been edited meanwhile."""
    try:
        return read_mark("iso" if is_time(kind) else kind, stored)
    except MarkUnreadable:
        return None


def newest(first: Mark | None, second: Mark | None) -> Mark | None:
    if first is None or second is None:
        return second if first is None else first
    return first if is_after(first, second) else second


def is_after(first: Mark, second: Mark) -> bool:
    if isinstance(first, datetime) and isinstance(second, datetime):
        return first > second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first > second
    return str(first) > str(second)


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
