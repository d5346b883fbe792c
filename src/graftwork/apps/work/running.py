"""`graftwork run`: the rows of a file through the journey, in order, in bounded memory, able to go on after a crash."""

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from graftwork.apps.actors import operator
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.actions.drafting import engine_is_down, is_tried_again, save_finished
from graftwork.apps.work.actions.items import Created, create_items, scope_of
from graftwork.apps.work.actions.leasing import (
    lease_items,
    redraft,
    release_leases,
    renew_leases,
    retry_failed,
    return_lost_leases,
)
from graftwork.apps.work.drafter import Drafter, LeasedItem
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import ItemState
from graftwork.apps.work.queries import items_with_drafts
from graftwork.apps.work.run_output import Checkpoint, Counts, RunOutput
from graftwork.apps.work.run_window import Entry, Window, record_of, rejected, stored_record
from graftwork.core.document_rows import DocumentRows
from graftwork.core.errors import GraftworkError, RowRejected
from graftwork.core.intake.row import Row
from graftwork.core.intake.rows import fingerprint, open_rows, total_bytes
from graftwork.core.items import NewItem, read_row
from graftwork.core.usecase import UseCase

TICK_SECONDS = 0.5
GATHER_SECONDS = 0.05
CHECKPOINT_SECONDS = 1.0
# Rows that may be read ahead of the oldest unfinished one, as a multiple of what the engine takes at once.
WINDOW_FACTOR = 4


@dataclass(frozen=True)
class RunRequest:
    """What to run. `limit` counts rows of the input; `resume` goes on where an earlier run of it stopped.

    `redraft` replaces drafts of earlier releases that nobody has begun to review.
    """

    use_case: UseCase
    input: Path
    output: Path
    format: str | None = None
    resume: bool = False
    limit: int | None = None
    redraft: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """A look at a run. `rows` are done, if not all written; `tokens` counts this session's, unfinished drafts included.

    `share` is how much of the input lies behind, 0 to 1, by its bytes: the number of rows is not known in advance.
    """

    rows: int
    in_flight: int
    share: float
    tokens: int
    seconds: float


class Run:
    """One run. `process` names its leases; when it is asked to stop, what is written can be resumed."""

    def __init__(
        self,
        request: RunRequest,
        drafter: Drafter,
        process: WorkerProcess,
        *,
        lease_seconds: float,
        batch_items: int,
        on_progress: Callable[[Progress], None],
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._request = request
        self._use_case = request.use_case
        self._drafter = drafter
        self._process = process
        self._lease = Lease(process.owner, lease_seconds)
        self._batch_items = batch_items
        self._on_progress = on_progress
        self._clock = clock
        self._identity = fingerprint(request.input)
        self._total_bytes = total_bytes(request.input)
        self._output = RunOutput(request.output, request.input)
        self._checkpoint = Checkpoint(self._identity, self._use_case.name, self._use_case.release)
        self._window = Window()
        self._others: set[UUID] = set()
        self._rows: Iterator[Row] = iter(())
        self._documents = DocumentRows()
        self._input_ended = False
        self._read_bytes = 0
        self._started = time.monotonic()
        self._ended: float | None = None
        self._ticked_at = self._saved_at = self._renewed_at = 0.0
        self._rows_before = self._tokens_before = 0

    def run(self) -> None:
        """Draft everything. Raises what stops a whole run: a broken file, an engine that is down, a full disk."""
        try:
            self._checkpoint = self._output.open(self._checkpoint, resume=self._request.resume)
            self._rows_before = self._checkpoint.counts.rows
            self._tokens_before = self._checkpoint.counts.completion_tokens
            rows = open_rows(self._request.input, format=self._request.format, after=self._checkpoint.resume)
            self._rows = self._documents.read(rows)
            self._output.begin(self._checkpoint)
            return_lost_leases(self._clock(), of_worker=self._process.name)
            while not self._process.stopping.is_set():
                self._fill()
                self._collect()
                self._emit()
                if self.complete:
                    break
                self._tick()
            self._output.save(self._checkpoint)
            if self.complete:
                self._output.finish()
            self._on_progress(self._progress())
        finally:
            try:
                release_leases(self._lease, self._drafter.cancel())
            finally:
                self._documents.close()
                self._output.close()
                self._ended = time.monotonic()

    @property
    def complete(self) -> bool:
        """Whether every row of the input has left."""
        return self._input_ended and not self._window

    @property
    def counts(self) -> Counts:
        """Of all sessions of this run."""
        return self._checkpoint.counts

    @property
    def rows_this_session(self) -> int:
        return self._checkpoint.counts.rows - self._rows_before

    @property
    def tokens(self) -> int:
        """Tokens written in this session."""
        return self._checkpoint.counts.completion_tokens - self._tokens_before

    @property
    def seconds(self) -> float:
        """How long this session has lasted."""
        return (self._ended or time.monotonic()) - self._started

    @property
    def rejected_path(self) -> Path:
        return self._output.rejected_path

    def _fill(self) -> None:
        """Read as many rows as the engine has room for, store them as items, and hand on what is to be drafted."""
        room = min(self._drafter.capacity - self._drafter.in_flight, self._batch_items)
        too_few = self._drafter.in_flight and room < max(1, self._drafter.capacity // 5)
        if self._input_ended or too_few or len(self._window) >= self._drafter.capacity * WINDOW_FACTOR:
            return
        entries, new_items = self._read(room)
        created = create_items(operator(), self._use_case, list(new_items.values()), self._clock(), lease=self._lease)
        fresh = []
        for (position, item), made in zip(new_items.items(), created, strict=True):
            entries[position] = self._entry(entries[position].row, item, made)
            if made.created:
                scope = scope_of(self._use_case, item)
                fresh.append(LeasedItem(made.item_id, made.external_id, item.content, 0, scope))
        self._window.extend(entries)
        self._drafter.submit(fresh, self._renew)
        known = {made.item_id for made in created if made.item_id in self._window} - set(self._drafter.item_ids)
        self._take_known(known)

    def _read(self, room: int) -> tuple[list[Entry], dict[int, NewItem]]:
        """Up to `room` rows, and the items among them by their position."""
        entries: list[Entry] = []
        new_items: dict[int, NewItem] = {}
        while len(entries) < room and not self._input_ended:
            row = None if self._limit_reached(len(entries)) else next(self._rows, None)
            if row is None:
                self._input_ended = True
                break
            self._read_bytes = row.resume.read_bytes
            try:
                if row.data is None:
                    raise RowRejected(row.line, row.problem or "cannot be read")
                item = read_row(self._use_case, row.data, line=row.line, id_prefix=f"{self._identity[:12]}-")
            except RowRejected as error:
                entries.append(rejected(row, error.reason))
            else:
                new_items[len(entries)] = item
                entries.append(Entry(row))
        return entries, new_items

    def _limit_reached(self, just_read: int) -> bool:
        taken = self._checkpoint.counts.rows + len(self._window) + just_read
        return self._request.limit is not None and taken >= self._request.limit

    def _entry(self, row: Row, item: NewItem, made: Created) -> Entry:
        if made.differs:
            return rejected(
                row, f"there is another item `{item.external_id}` of {self._use_case.name}, with other content"
            )
        return Entry(row, made.item_id, item.external_id, item.thread)

    def _take_known(self, item_ids: set[UUID]) -> None:
        """Items that the store held before: take their draft, or draft them, or wait for whoever does."""
        if not item_ids:
            return
        retry_failed(operator(), list(item_ids), self._clock())
        if self._request.redraft:
            redraft(operator(), self._use_case, list(item_ids), self._clock())
        leased = lease_items(self._use_case.name, self._lease, self._clock(), at_most=len(item_ids), ids=list(item_ids))
        self._drafter.submit(leased, self._renew)
        left = item_ids - {item.item_id for item in leased}
        self._others = (self._others | left) - {item.item_id for item in leased}
        for item, draft in items_with_drafts(left):
            if item.state not in (ItemState.WAITING, ItemState.DRAFTING):
                self._others.discard(item.pk)
                earlier = draft is not None and draft.release.base != self._use_case.release
                self._window.resolve(
                    item.pk, stored_record(item, draft), reused=draft is not None, of_earlier_release=earlier
                )

    def _collect(self) -> None:
        """Save what the engine finished. An engine that is down ends the run: the items wait in the store."""
        if not self._drafter.in_flight:
            return
        finished = self._drafter.finished(TICK_SECONDS, GATHER_SECONDS, self._batch_items)
        if not finished:
            return
        saved = save_finished(operator().name, self._use_case, self._lease, finished, self._clock())
        for one in finished:
            if engine_is_down(one.outcome) and isinstance(one.outcome, GraftworkError):
                raise one.outcome
            leased_away = one.item.item_id not in saved
            if leased_away or is_tried_again(one.outcome, one.item.attempts, self._use_case):
                self._others.add(one.item.item_id)
            else:
                self._window.resolve(one.item.item_id, record_of(one.outcome, self._use_case))

    def _emit(self) -> None:
        counts = self._checkpoint.counts
        for entry in self._window.pop_done():
            counts.rows += 1
            self._checkpoint.resume = entry.row.resume
            if entry.reject is not None:
                counts.rejected += 1
                self._output.reject(entry.reject)
            elif entry.record is not None:
                self._count(counts, entry)
                self._output.write(entry.record)
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self._output.save(self._checkpoint)
            self._saved_at = time.monotonic()

    def _count(self, counts: Counts, entry: Entry) -> None:
        record = entry.record or {}
        if record["error"] is not None:
            counts.failed += 1
            return
        counts.drafted += 1
        counts.truncated += any(notice["code"] == "truncated" for notice in record["notices"])
        if entry.reused:
            counts.reused += 1
            counts.of_earlier_release += entry.of_earlier_release
        else:
            counts.completion_tokens += record["completion_tokens"] or 0

    def _tick(self) -> None:
        if time.monotonic() - self._ticked_at < TICK_SECONDS:
            return
        self._ticked_at = time.monotonic()
        now = self._clock()
        self._renew()
        if self._others:
            return_lost_leases(now)
            self._take_known(set(self._others))
            if not self._drafter.in_flight:
                time.sleep(TICK_SECONDS)
        self._on_progress(self._progress())

    def _renew(self) -> None:
        if self._drafter.in_flight and time.monotonic() - self._renewed_at >= TICK_SECONDS:
            self._renewed_at = time.monotonic()
            renew_leases(self._lease, self._drafter.item_ids, self._drafter.partial_texts(), self._clock())

    def _progress(self) -> Progress:
        done = self._window.done
        rows = self._checkpoint.counts.rows + done
        return Progress(rows, self._drafter.in_flight, self._share(done), self._drafter.streamed_pieces, self.seconds)

    def _share(self, done_in_window: int) -> float:
        resume = self._checkpoint.resume
        written_bytes = resume.read_bytes if resume else 0
        if self._request.limit is not None:
            return min(1.0, (self._checkpoint.counts.rows + done_in_window) / self._request.limit)
        ahead = (self._read_bytes - written_bytes) * done_in_window / max(1, len(self._window))
        return min(1.0, (written_bytes + ahead) / max(1, self._total_bytes))


def process_name(output: Path) -> str:
    """The same for every run to `output` on this host, so that a resumed one takes over what the last one held."""
    place = f"{socket.gethostname()}:{output.resolve()}"
    return f"run-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
