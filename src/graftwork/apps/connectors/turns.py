"""One turn at a lane: taken, kept by signs of life, left; what fails is noted on the lane, which then waits."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction

from graftwork.apps.connectors.actions.lanes import LaneLost, held, keep_lane, leave_lane, note_failure, take_lane
from graftwork.apps.connectors.foreign import as_bug
from graftwork.apps.connectors.models import Direction, Lane
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.core.errors import GraftworkError
from graftwork.systems.file import ConnectorFile

logger = logging.getLogger(__name__)

# After this long another connector gets its turn, if one waits.
TURN_SECONDS = 30.0

Done = TypeVar("Done")


@dataclass
class Turn:
    process: WorkerProcess
    file: ConnectorFile
    lane: Lane
    clock: Callable[[], datetime]
    lease_seconds: float
    ends: float = field(default_factory=lambda: time.monotonic() + TURN_SECONDS)
    alive_at: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        return self.process.stopping.is_set() or time.monotonic() > self.ends

    @property
    def is_stopped(self) -> bool:
        """Whether a person has stopped the lane meanwhile."""
        return Lane.objects.filter(pk=self.lane.pk, stopped_at__isnull=False).exists()

    def await_result(self, running: "Future[Done]") -> Done:
        """What a thread gives, with signs of life until then."""
        while not wait([running], timeout=self.between_signs_seconds).done:
            self.give_sign_of_life()
        return running.result()

    @property
    def between_signs_seconds(self) -> float:
        return self.lease_seconds / 4

    def give_sign_of_life(self) -> None:
        """Cheap to call often: the database is told now and then. Raises `LaneLost`."""
        if time.monotonic() - self.alive_at >= self.between_signs_seconds:
            keep_lane(self.lane, self.clock(), self.lease_seconds)
            self.alive_at = time.monotonic()


def take_turn(
    process: WorkerProcess,
    file: ConnectorFile,
    direction: Direction,
    work: Callable[[Turn], Done],
    nothing: Done,
    *,
    clock: Callable[[], datetime],
    at_once: bool,
) -> Done:
    """What `work` did; `nothing` where it is not the lane's time, it is stopped, or another worker is at it.

    What fails is noted on the lane; it is raised only where somebody is there to read it (`at_once`).
    """
    seconds = settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds
    lane = take_lane(file.name, direction, process.owner, clock(), seconds, at_once=at_once)
    if lane is None:
        return nothing
    try:
        return work(Turn(process, file, lane, clock, seconds))
    except LaneLost:
        return nothing
    except GraftworkError as error:
        logger.warning("connector %s: %s", file.name, error.code)
        _note(lane, error, file, clock())
        if at_once:
            raise
        return nothing
    except Exception as error:  # noqa: BLE001 - noted like any failure, or it would come again at once
        bug = as_bug(error)
        _note(lane, bug, file, clock())
        if at_once:
            raise bug from None
        return nothing
    finally:
        leave_lane(lane)


def _note(lane: Lane, error: GraftworkError, file: ConnectorFile, now: datetime) -> None:
    try:
        with transaction.atomic():
            note_failure(held(lane), error, file, now)
    except LaneLost:
        logger.warning("connector %s: another worker went on with it", file.name)
    except DatabaseError as trouble:
        logger.warning("connector %s: %s while its failure was stored", file.name, type(trouble).__name__)
