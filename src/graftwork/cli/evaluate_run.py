"""Drafting and scoring the rows of an evaluation: slots full, progress shown, stoppable at any moment."""

import threading
import time
from collections import Counter, deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID, uuid4

from graftwork.apps.work.actions.drafting import engine_is_down
from graftwork.apps.work.actions.trials import trial_scopes
from graftwork.apps.work.drafter import Drafter, Finished, Ground, LeasedItem
from graftwork.apps.work.engines import close_engines, drafter_for
from graftwork.apps.work.running import Progress
from graftwork.cli.progress import Reporter, reporter
from graftwork.cli.stopping import stoppable
from graftwork.core.errors import GraftworkError
from graftwork.core.evaluating import EvaluationData, EvaluationRow, ScoredRow, all_scores, score_row, scorers_of
from graftwork.core.scoring.registry import Score
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import Scorer

TICK_SECONDS = 0.5
GATHER_SECONDS = 0.05
EXIT_SOME_FAILED = 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Evaluation:
    """An evaluation, whole or as far as it came. `failure` is why it ended before the last row, if an engine's."""

    use_case: UseCase
    data: EvaluationData
    rows: tuple[ScoredRow, ...] = field(repr=False)
    seconds: float
    complete: bool
    failure: GraftworkError | None = None

    @property
    def scorers(self) -> tuple[Scorer, ...]:
        return scorers_of(self.use_case)

    @cached_property
    def scores(self) -> list[Score]:
        return all_scores(self.rows, self.scorers)

    @property
    def drafted(self) -> list[ScoredRow]:
        return [row for row in self.rows if row.draft is not None]

    @property
    def failures(self) -> dict[str, int]:
        """How many rows have no draft, by the code of the error."""
        return dict(Counter(row.error.code for row in self.rows if row.error is not None).most_common())

    @property
    def exit_code(self) -> int:
        if self.failure is not None:
            return self.failure.exit_code
        if not self.complete:
            return EXIT_INTERRUPTED
        return EXIT_SOME_FAILED if self.failures or self.data.rejected else 0


def run_evaluation(use_case: UseCase, data: EvaluationData, lookup: Ground | None) -> Evaluation:
    """Draft and score the rows. The first Ctrl-C ends it with what is scored, the second at once.

    `lookup` finds the passages; that of the workspace's sources where absent. An engine that is down ends the run; the
    error is raised where nothing was scored by then.
    """
    stopping = threading.Event()
    show = reporter()
    try:
        drafter = drafter_for(use_case, lookup)
        with ExitStack() as stack:
            # Only the guard keeps anything by thread, and there is one only before a managed engine.
            threads = [row.thread for row in data.rows] if use_case.has_managed_engine else []
            scopes = stack.enter_context(trial_scopes(threads))
            stack.enter_context(stoppable(stopping, "Stopping; what is scored is shown."))
            stack.enter_context(show)
            return _Trial(use_case, data, drafter, scopes, stopping, show).run()
    finally:
        close_engines()


class _Trial:
    def __init__(
        self,
        use_case: UseCase,
        data: EvaluationData,
        drafter: Drafter,
        scopes: dict[str, str],
        stopping: threading.Event,
        show: Reporter,
    ) -> None:
        self._use_case, self._data, self._drafter = use_case, data, drafter
        self._scopes, self._stopping, self._show = scopes, stopping, show
        self._scorers = scorers_of(use_case)
        self._waiting = deque(data.rows)
        self._drafting: dict[UUID, EvaluationRow] = {}
        self._scored: list[ScoredRow] = []
        self._failure: GraftworkError | None = None
        self._started = time.monotonic()

    def run(self) -> Evaluation:
        while (self._waiting or self._drafting) and not self._stopping.is_set() and self._failure is None:
            self._submit()
            for finished in self._drafter.finished(TICK_SECONDS, GATHER_SECONDS):
                self._take(finished)
            self._report()
        if self._drafting:
            self._drafter.cancel()
        if self._failure is not None and not self._scored:
            raise self._failure
        rows = tuple(sorted(self._scored, key=lambda one: one.row.line))
        complete = len(rows) == len(self._data.rows)
        seconds = time.monotonic() - self._started
        return Evaluation(self._use_case, self._data, rows, seconds, complete, self._failure)

    def _submit(self) -> None:
        room = min(self._drafter.capacity - self._drafter.in_flight, len(self._waiting))
        leased = []
        for row in [self._waiting.popleft() for _ in range(room)]:
            scope = self._scopes.get(row.thread, "")
            leased.append(LeasedItem(uuid4(), row.external_id, row.content, attempts=1, scope=scope))
            self._drafting[leased[-1].item_id] = row
        if leased:
            self._drafter.submit(leased)

    def _take(self, finished: Finished) -> None:
        row = self._drafting.pop(finished.item.item_id)
        if engine_is_down(finished.outcome):
            assert isinstance(finished.outcome, GraftworkError)
            self._failure = finished.outcome
            return
        self._scored.append(score_row(self._use_case, row, finished.outcome, self._data.vocabulary, self._scorers))

    def _report(self) -> None:
        done = len(self._scored)
        seconds = time.monotonic() - self._started
        share = done / len(self._data.rows)
        self._show(Progress(done, len(self._drafting), share, self._drafter.streamed_pieces, seconds))
