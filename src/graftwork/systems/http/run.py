"""Where a pull stands: what was brought in, and how far the listing at hand has been read. Kept in the cursor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from graftwork.systems.http.marks import Mark, newest, store_mark, stored_mark, write_mark
from graftwork.systems.http.paging import BEGINNING, Position
from graftwork.systems.http.tables import Since

# Digests of what was listed last. Enough for the records that one look has in common with the next.
MOST_SEEN = 300


@dataclass(frozen=True, slots=True)
class Run:
    """`since` is what is brought in wholly; `at` what the listing at hand asks for, where it is under way.

    `high` is the newest mark that this listing showed, `skip` how many entries of the page at hand are done, `seen`
    the digests of those read last.
    """

    since: Mark | None = None
    at: Mark | None = None
    high: Mark | None = None
    position: Position = field(default_factory=dict)
    pages: int = 0
    skip: int = 0
    seen: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        return bool(self.pages or self.skip or self.position or self.at is not None)


def begun(run: Run, since: Since | None) -> Run:
    """`run` with what its listing asks for."""
    if since is None or run.under_way:
        return run
    start = run.since if run.since is not None else since.first()
    if isinstance(start, datetime) and run.since is not None:
        start -= timedelta(seconds=since.overlap_seconds)
    return replace(run, at=start)


def written(since: Since | None, mark: Mark | None) -> str | int | float | None:
    """The mark as it stands in a request."""
    return None if since is None or mark is None else write_mark(since.write or since.read, mark, since.zone)


def moved_on(run: Run, since: Since) -> Run | None:
    """The listing from the newest mark on, instead of its next page; `None` where that would be the same page."""
    if run.high is None or written(since, run.high) == written(since, run.at) or newest(run.high, run.at) != run.high:
        return None
    return replace(run, at=run.high, since=newest(run.since, run.high), position=BEGINNING, skip=0)


def ended(run: Run, position: Position | None, *, forget: bool) -> Run:
    """What the next look begins with. `forget`: what it lists again is to be brought in again."""
    return Run(newest(run.since, run.high), position=position or BEGINNING, seen=() if forget else run.seen)


def with_seen(run: Run, digests: list[str], page_items: int) -> Run:
    kept = dict.fromkeys((*run.seen, *digests))
    for one in digests:  # to the end, where the newest stand
        kept[one] = kept.pop(one)
    return replace(run, seen=tuple(one for one in kept if one)[-max(MOST_SEEN, page_items) :])


def store_run(run: Run) -> dict[str, Any]:
    marks = {name: store_mark(mark) for name in ("since", "at", "high") if (mark := getattr(run, name)) is not None}
    rest = {"position": dict(run.position), "pages": run.pages, "skip": run.skip, "seen": list(run.seen)}
    return {**marks, **{name: value for name, value in rest.items() if value}}


def stored_run(cursor: Mapping[str, Any] | None, since: Since | None) -> Run:
    """A cursor of another shape, such as after an edit of the file, counts as what can be read of it."""
    cursor = cursor or {}
    kind = since.read if since else "text"
    marks = {name: stored_mark(kind, cursor.get(name)) for name in ("since", "at", "high")}
    position, seen = cursor.get("position", {}), cursor.get("seen", [])
    return Run(
        marks["since"],
        marks["at"],
        marks["high"],
        position if isinstance(position, dict) else BEGINNING,
        _count(cursor.get("pages")),
        _count(cursor.get("skip")),
        tuple(one for one in seen if isinstance(one, str)) if isinstance(seen, list) else (),
    )


def _count(stored: Any) -> int:
    return stored if type(stored) is int and stored > 0 else 0
