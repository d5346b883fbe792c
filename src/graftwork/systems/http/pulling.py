"""Bringing records in: one page of the listing at a time, so that what was read is stored before more is asked for."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graftwork.systems.contract import Cursor, Pulled, Record, Surroundings
from graftwork.systems.errors import Conflict, Rejected, TargetDown, TryFailed
from graftwork.systems.expressions import ExpressionFailed, evaluate
from graftwork.systems.http.client import Client
from graftwork.systems.http.file import HttpPull
from graftwork.systems.http.marks import Mark, MarkUnreadable, newest, read_mark
from graftwork.systems.http.paging import BEGINNING, Position, entries, fill_page, kept_cursor, next_position
from graftwork.systems.http.records import Mapper, digest
from graftwork.systems.http.run import Run, begun, ended, moved_on, store_run, stored_run, with_seen, written

# One call gives back what it has after this long: its lease must not run out over slow further requests.
BUDGET_SECONDS = 15.0
# A record whose further requests fail this often is handed over as a problem, so that it does not hold up the others.
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class _Page:
    """What was made of a page: `done` of its entries are handled, which may be fewer than it has."""

    records: Sequence[Record]
    done: int
    run: Run


class Puller:
    def __init__(self, pull: HttpPull, client: Client, around: Surroundings) -> None:
        self._pull, self._client, self._around = pull, client, around
        self._mapper = Mapper(pull, client, around)
        self._failures: Counter[str] = Counter()

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        """The listing and its first record are asked for together, so that each call brings something."""
        with self._client.together(1 + len(self._pull.each)):
            return self._listed(cursor, limit)

    def _listed(self, cursor: Cursor | None, limit: int) -> Pulled:
        run = begun(stored_run(cursor, self._pull.since), self._pull.since)
        page_items = min(self._pull.page_items, limit)
        values = {"since": written(self._pull.since, run.at)}
        filled = fill_page(self._client, self._pull, self._pull.pages, run.position, values, page_items)
        try:
            data, answer = self._client.get_json(self._pull, filled)
        except Rejected:
            if not run.position:
                raise
            return self._begin_anew(run)
        found = entries(self._pull.items, data)
        page = self._read(run, found, limit)
        if page.done < len(found):
            return Pulled(page.records, store_run(self._interrupted(page)), more=True)
        following = next_position(self._client, self._pull.pages, run.position, data, answer, len(found), page_items)
        return self._turned(
            page, replace(page.run, pages=run.pages + 1, skip=0), following, data, full=len(found) >= page_items
        )

    def _turned(self, page: _Page, run: Run, following: Position | None, data: Any, *, full: bool) -> Pulled:
        """What comes after a page that was read wholly."""
        may_go_on = following is not None or (full and self._pull.pages.kind == "none")
        if may_go_on and self._advances and (moved := self._moved_on(run)) is not None:
            return Pulled(page.records, store_run(moved), more=True)
        if following is None:
            position = kept_cursor(self._pull.pages, data)
            return Pulled(page.records, store_run(ended(run, position, forget=self._forgets)))
        if run.pages >= self._pull.pages.most:
            raise TryFailed(f"the listing has more than {self._pull.pages.most} pages, see `pages.most`")
        return Pulled(page.records, store_run(replace(run, position=following)), more=True)

    def _moved_on(self, run: Run) -> Run | None:
        return moved_on(run, self._pull.since) if self._pull.since else None

    @property
    def _forgets(self) -> bool:
        """Whether the next look brings in again what it lists again, though it is the same.

        So that it is settled; or because nothing in a listing of everything shows that, say, a comment was added.
        """
        return self._pull.settle is not None or (self._pull.since is None and bool(self._pull.each))

    @property
    def _advances(self) -> bool:
        since = self._pull.since
        if since is None or since.paging:
            return since is not None and since.paging == "advance"
        return since.ascending and self._pull.pages.kind in ("page", "offset", "none")

    def _begin_anew(self, run: Run) -> Pulled:
        """Links and cursors of a listing go stale. What was listed oldest first need not be listed again."""
        since = self._pull.since
        reached = newest(run.since, run.high) if since and since.ascending else run.since
        return Pulled((), store_run(Run(reached, seen=run.seen)))

    def _interrupted(self, page: _Page) -> Run:
        run = replace(page.run, skip=page.done)
        return (self._moved_on(run) if self._advances else None) or run

    def _read(self, run: Run, found: Sequence[Any], limit: int) -> _Page:
        """Up to `limit` records, until the time is up, or a further request fails and there is something to give."""
        records: list[Record] = []
        digests: list[str] = []
        until, place = time.monotonic() + BUDGET_SECONDS, run.skip
        for place, entry in enumerate(found[run.skip :], run.skip):
            if len(records) >= limit or (place > run.skip and (time.monotonic() > until or self._around.stopping())):
                break
            sign = digest(entry)
            if sign not in run.seen:
                try:
                    record = self._record(sign, entry)
                except (TargetDown, TryFailed):
                    if place == run.skip:
                        raise
                    break
                records += [record] if record else []
            digests.append(sign)
            run = replace(run, high=newest(run.high, self._mark(entry)))
        else:
            place = len(found)
        return _Page(records, place, with_seen(run, digests, self._pull.page_items))

    def _record(self, sign: str, entry: Any) -> Record | None:
        try:
            with self._client.together(len(self._pull.each)):
                record = self._mapper.record(entry)
        except TryFailed as error:
            self._failures[sign] += 1
            if self._failures[sign] < MOST_FAILURES:
                raise
            record = self._mapper.refused(entry, f"what belongs to it cannot be read: {error.reason}")
        self._failures.pop(sign, None)
        if record is not None and not record.problem and self._pull.since and self._mark(entry) is None:
            return self._mapper.refused(entry, "`since.mark` cannot be read as `since.read` says")
        return record

    def _mark(self, entry: Any) -> Mark | None:
        since = self._pull.since
        if since is None:
            return None
        try:
            return read_mark(since.read, evaluate(since.mark, entry), since.zone)
        except (ExpressionFailed, MarkUnreadable):
            return None

    def settle(self, records: Sequence[Record]) -> None:
        """One record that is gone meanwhile, or changed, does not keep the others from being settled."""
        settle = self._pull.settle
        if settle is None:
            return
        for record in records:
            values = {"key": record.key, "thread": record.thread, "origin": record.origin}
            try:
                self._client.send(settle, self._client.fill(settle, values))
            except (Rejected, Conflict):
                continue

    def check(self) -> str:
        filled = fill_page(self._client, self._pull, self._pull.pages, BEGINNING, {"since": self._first_mark()}, 1)
        data, answer = self._client.get_json(self._pull, filled)
        count = len(entries(self._pull.items, data))
        # A path that leads nowhere would look like a system with nothing new, for ever.
        found = f"{count} on its first page, asked for one" if count else "nothing where `items` says"
        return f"the listing answers HTTP {answer.exchange.status}: {found}"

    def _first_mark(self) -> str | int | float | None:
        since = self._pull.since
        return written(since, since.first()) if since else None
