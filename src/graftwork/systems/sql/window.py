"""Which rows a pull looks at, by a watermark, so that none is passed over and none is read for ever.

A row gets its watermark when it is written and shows only once its transaction ends, so rows come up *behind* those
that were read already. Reading goes in sweeps. A sweep notes the greatest watermark (`newest`) as it begins, and reads
up to there, in pages that follow each other by (watermark, key). The next one begins `overlap` before that mark: what
was still open when this sweep began can lie no farther back. No clock of the database is needed for it.

Once no newer mark has come for as long as a transaction may stay open, everything up to it is `settled` and is not read
again. So a million rows of one second cost one sweep more, not one each minute.

Rows whose watermark is beyond tomorrow, or no date, must not hold up the others: they do not count as the newest, and
where there are some a sweep has no upper end.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from graftwork.systems.contract import Cursor
from graftwork.systems.sql.file import SqlPull
from graftwork.systems.sql.values import from_json, parsed_time, to_json

DAY = timedelta(days=1)
# Local times of any zone are less than a day ahead of UTC; clocks go wrong by a little.
AHEAD = timedelta(hours=26)

Position = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """From `lower` to `upper`, both with their rows; `None` has no end. `at` is the last row that was read."""

    lower: Any = None
    upper: Any = None
    open_ended: bool = False
    began: datetime | None = None
    at: Position | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where reading stands. `newest_since` is when, by our clock, `newest` was first seen."""

    newest: Any = None
    newest_since: datetime | None = None
    settled: Position | None = None
    sweep: Sweep | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> "State":
        if not cursor:
            return cls()
        sweep = cursor.get("sweep")
        return cls(
            from_json(cursor.get("newest")), _time(cursor.get("since")), _position(cursor.get("settled")),
            None if sweep is None else Sweep(
                from_json(sweep["lower"]), from_json(sweep["upper"]), sweep["open"], _time(sweep["began"]),
                _position(sweep["at"]),
            ),
        )  # fmt: skip

    def cursor(self) -> Cursor:
        sweep = self.sweep
        return {
            "newest": to_json(self.newest),
            "since": self.newest_since and self.newest_since.isoformat(),
            "settled": self.settled and [to_json(part) for part in self.settled],
            "sweep": sweep and {
                "lower": to_json(sweep.lower), "upper": to_json(sweep.upper), "open": sweep.open_ended,
                "began": sweep.began and sweep.began.isoformat(),
                "at": sweep.at and [to_json(part) for part in sweep.at],
            },
        }  # fmt: skip


def begin(state: State, pull: SqlPull, newest: Any, now: datetime, *, open_ended: bool) -> State:
    """The state with a sweep that begins now. `newest` is the greatest watermark there is that can be believed."""
    newest = state.newest if newest is None else newest
    went_back = _went_back(state.newest, newest)
    known = newest if went_back else state.newest
    lower = pull.since if known is None else _earlier(known, pull)
    settled = None if went_back else state.settled
    since = state.newest_since if newest == state.newest and state.newest_since else now
    upper = None if open_ended else newest
    return State(newest, since, settled, Sweep(lower, upper, open_ended, now, None))


def after_page(state: State, pull: SqlPull, last: Position | None, *, full: bool) -> State:
    """The state once a page was read whose last row is `last`; a page that is not full ends the sweep."""
    sweep = state.sweep
    assert sweep is not None
    at = last or sweep.at
    if full:
        return replace(state, sweep=replace(sweep, at=at))
    settled = at if at and _has_come_to_rest(state, pull) else state.settled
    return replace(state, settled=settled, sweep=None)


def ceiling(pull: SqlPull, sample: Any, now: datetime) -> Any:
    """The greatest watermark that can be believed, in the form that `sample` has; `None` where any can."""
    latest = now.replace(tzinfo=None) + AHEAD
    match sample:
        case datetime():
            return (now + AHEAD) if sample.tzinfo else latest
        case date():
            return latest.date()
        case str() if pull.watermark_kind != "number":
            return _written(latest, pull, sample)
    return None


def is_believable(pull: SqlPull, value: Any, now: datetime) -> bool:
    if pull.watermark_kind == "number" or value is None:
        return value is not None
    found = _time_of(value, pull)
    if found is None:
        return False
    return found <= (now + AHEAD if found.tzinfo else now.replace(tzinfo=None) + AHEAD)


def _has_come_to_rest(state: State, pull: SqlPull) -> bool:
    sweep = state.sweep
    if sweep is None or sweep.open_ended or sweep.began is None or state.newest_since is None:
        return False
    wait = timedelta(seconds=pull.overlap_seconds) + _resolution(state.newest, pull)
    return sweep.began >= state.newest_since + wait


def _went_back(before: Any, newest: Any) -> bool:
    """Rows were deleted, a table was emptied, a backup came back: what was settled says nothing of the rows now."""
    try:
        return before is not None and newest < before
    except TypeError:
        return True


def _earlier(newest: Any, pull: SqlPull) -> Any:
    if pull.watermark_kind == "number":
        number = newest if isinstance(newest, int | float | Decimal) else Decimal(str(newest))
        return number - pull.overlap_numbers
    back = timedelta(seconds=pull.overlap_seconds) + _resolution(newest, pull)
    if isinstance(newest, date) and not isinstance(newest, datetime):
        return newest - timedelta(days=math.ceil(back / DAY))
    found = _time_of(newest, pull)
    if found is None:
        return newest
    earlier = found - back
    return earlier if isinstance(newest, datetime) else _written(earlier, pull, str(newest))


def _resolution(newest: Any, pull: SqlPull) -> timedelta:
    """Rows within one unit of the watermark cannot be told apart by it."""
    if isinstance(newest, date) and not isinstance(newest, datetime):
        return DAY
    form = pull.watermark_format
    for directive, unit in (("%H", DAY), ("%M", timedelta(hours=1)), ("%S", timedelta(minutes=1))):
        if form and directive not in form:
            return unit
    return DAY if isinstance(newest, str) and len(newest) == len("2026-11-22") and not form else timedelta(seconds=1)


def _time_of(value: Any, pull: SqlPull) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = str(value).rstrip(" ")
    try:
        return parsed_time(text, pull.watermark_format)
    except ValueError:
        return None


def _written(when: datetime, pull: SqlPull, sample: str) -> str:
    """A time as the database writes its own, so that texts compare as times do. Cut, never rounded up."""
    if pull.watermark_format:
        return when.strftime(pull.watermark_format)
    if len(sample.rstrip(" ")) == len("2026-11-22"):
        return when.date().isoformat()
    return when.replace(microsecond=0, tzinfo=None).isoformat("T" if "T" in sample else " ")


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _position(parts: Sequence[Any] | Mapping[str, Any] | None) -> Position | None:
    return tuple(from_json(part) for part in parts) if parts else None
