"""Drafting all that waits for one use case: lease, draft, save, until nothing is left."""

import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.actions.drafting import engine_is_down, save_finished
from graftwork.apps.work.actions.leasing import lease_items, postpone, release_leases, renew_leases
from graftwork.apps.work.drafter import Drafter, Finished
from graftwork.apps.work.engines import drafter_for
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import EngineError, GraftworkError, PrivacyError, UseCaseError
from graftwork.core.usecase import UseCase

SIGN_OF_LIFE_SECONDS = 0.7
GATHER_SECONDS = 0.05
# After this long another use case gets its turn, if one waits.
TURN_SECONDS = 60.0


def drain(process: WorkerProcess, use_case_name: str) -> bool:
    """Draft the items that wait for `use_case_name`; true where the turn ended before they did."""
    try:
        use_case = get_usecase(use_case_name)
        drafter = drafter_for(use_case)
    except (UseCaseError, EngineError, PrivacyError) as error:
        postpone(use_case_name, error, timezone.now())
        return False
    config = settings.GRAFTWORK_WORKSPACE.settings.worker
    lease = Lease(process.owner, config.lease_seconds)
    return DrainLoop(process, use_case, drafter, lease, batch_items=config.batch_items).run()


class DrainLoop:
    """One turn of draining, step by step."""

    def __init__(
        self,
        process: WorkerProcess,
        use_case: UseCase,
        drafter: Drafter,
        lease: Lease,
        *,
        batch_items: int,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._process = process
        self._use_case = use_case
        self._drafter = drafter
        self._lease = lease
        self._batch_items = batch_items
        self._clock = clock
        self._actor = worker_actor(process.name)
        self._accepting = True
        self._alive_at = time.monotonic()
        self._turn_ends = time.monotonic() + TURN_SECONDS
        self._cut_short = False

    def run(self) -> bool:
        try:
            while not self._process.stopping.is_set():
                self._refill()
                if not self._drafter.in_flight:
                    return self._cut_short
                self._save(self._drafter.finished(SIGN_OF_LIFE_SECONDS, GATHER_SECONDS, self._batch_items))
                self._give_sign_of_life()
            return False
        finally:  # told to stop, or the database failed: the engine must not go on for nobody
            abandoned = self._drafter.cancel()
            if abandoned:
                release_leases(self._lease, abandoned)

    def _refill(self) -> None:
        room = self._drafter.capacity - self._drafter.in_flight
        if self._accepting and time.monotonic() > self._turn_ends:
            self._accepting, self._cut_short = False, True
        if not self._accepting or (self._drafter.in_flight and room < max(1, self._drafter.capacity // 5)):
            return
        leased = lease_items(self._use_case.name, self._lease, self._clock(), at_most=min(room, self._batch_items))
        self._drafter.submit(leased, self._give_sign_of_life)

    def _save(self, finished: list[Finished]) -> None:
        if not finished:
            return
        save_finished(self._actor.name, self._use_case, self._lease, finished, self._clock())
        down = next((one.outcome for one in finished if engine_is_down(one.outcome)), None)
        if self._accepting and isinstance(down, GraftworkError):
            self._accepting = False
            postpone(self._use_case.name, down, self._clock())

    def _give_sign_of_life(self) -> None:
        if self._drafter.in_flight and time.monotonic() - self._alive_at >= SIGN_OF_LIFE_SECONDS:
            renew_leases(self._lease, self._drafter.item_ids, self._drafter.partial_texts(), self._clock())
            self._alive_at = time.monotonic()
