"""One turn of pulling: read, store with the cursor, settle, until the system has no more or the turn is over."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.connectors.actions.lanes import LaneLost, held, keep_lane, leave_lane, note_failure, take_lane
from graftwork.apps.connectors.actions.storing import Stored, store_pulled
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.connectors.models import Direction, Lane
from graftwork.apps.connectors.opening import system_of
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Cursor, Pulled, System
from graftwork.systems.errors import TryFailed
from graftwork.systems.file import ConnectorFile, Pull

logger = logging.getLogger(__name__)

# After this long another connector gets its turn, if one waits.
TURN_SECONDS = 30.0


def pull_turn(
    process: WorkerProcess, name: str, *, clock: Callable[[], datetime] = timezone.now, at_once: bool = False
) -> Stored:
    """Bring in what is new in the system of the connector `name`. Nothing where it is not its time, or it is stopped.

    What fails is noted on the lane, which then waits; it is raised only where somebody is there to read it (`at_once`).
    """
    file = get_connector(name)
    if file.pull is None or not file.enabled:
        return Stored()
    seconds = settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds
    lane = take_lane(name, Direction.IN, process.owner, clock(), seconds, at_once=at_once)
    if lane is None:
        return Stored()
    try:
        with ThreadPoolExecutor(1, thread_name_prefix=f"pull-{name}") as thread:
            return _Turn(process, file, file.pull, lane, clock, seconds, thread).run()
    except LaneLost:
        return Stored()
    except GraftworkError as error:
        fail_lane(lane, error, file, clock())
        if at_once:
            raise
        return Stored()
    finally:
        leave_lane(lane)


class _Turn:
    def __init__(
        self,
        process: WorkerProcess,
        file: ConnectorFile,
        rules: Pull,
        lane: Lane,
        clock: Callable[[], datetime],
        lease_seconds: float,
        thread: ThreadPoolExecutor,
    ) -> None:
        self._process = process
        self._file = file
        self._rules = rules
        self._lane = lane
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._thread = thread
        self._actor = worker_actor(process.name)
        self._ends = time.monotonic() + TURN_SECONDS

    def run(self) -> Stored:
        system, total = system_of(self._file), Stored()
        while True:
            pulled = self._pull(system)
            now = self._clock()
            again = now if pulled.more else now + timedelta(seconds=self._rules.every_seconds)
            total += store_pulled(self._actor, self._file, self._lane, pulled, again, now)
            if pulled.records:
                with foreign():
                    system.settle(pulled.records)
            if not pulled.more or self._process.stopping.is_set() or time.monotonic() > self._ends:
                return total

    def _pull(self, system: System) -> Pulled:
        """In a thread of its own, so that signs of life go on while a slow system is read."""
        running = self._thread.submit(_pull, system, self._lane.cursor, self._rules.batch_items)
        while not wait([running], timeout=self._lease_seconds / 4).done:
            keep_lane(self._lane, self._clock(), self._lease_seconds)
        return running.result()


def _pull(system: System, cursor: Cursor | None, limit: int) -> Pulled:
    with foreign():
        return system.pull(cursor, limit)


def fail_lane(lane: Lane, error: GraftworkError, file: ConnectorFile, now: datetime) -> None:
    if not isinstance(error, TryFailed):
        logger.warning("connector %s: %s", lane.connector, error.code)
    with transaction.atomic():
        try:
            note_failure(held(lane), error, file, now)
        except LaneLost:
            return
