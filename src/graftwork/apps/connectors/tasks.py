"""The jobs of this app, and when they are put into the queue: each turn schedules the next one."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from graftwork.apps.connectors.actions.lanes import is_early, is_leased, leave_lanes_of
from graftwork.apps.connectors.files import all_connectors, get_connector
from graftwork.apps.connectors.models import Direction, Lane
from graftwork.apps.connectors.queries import waiting_connectors
from graftwork.apps.jobs.actions import enqueue_at, enqueue_once
from graftwork.apps.jobs.compat import task
from graftwork.apps.jobs.process import CONNECTORS, WorkerProcess, current
from graftwork.core.errors import GraftworkError

logger = logging.getLogger(__name__)


@task(queue_name=CONNECTORS)
def pull_connector(name: str) -> None:
    """Bring in what is new, and see to the next time. Whoever was first is at it; the others find nothing to do."""
    from graftwork.apps.connectors.pulling import pull_turn  # noqa: PLC0415 - loads what reads documents

    try:
        pull_turn(current(), name)
    except GraftworkError as error:  # its file is broken or gone: the next sweep looks again
        logger.warning("connector %s was not pulled: %s", name, error.code)
        return
    if (when := next_pull(name, timezone.now())) is not None:
        enqueue_at(pull_connector, when, name)


@task(queue_name=CONNECTORS)
def push_connector(name: str) -> None:
    """Deliver what is due."""
    from graftwork.apps.connectors.pushing import push_turn  # noqa: PLC0415 - as above

    try:
        push_turn(current(), name)
    except GraftworkError as error:
        logger.warning("connector %s was not pushed: %s", name, error.code)


def wake_pulling(name: str) -> None:
    """The system says that there is something new."""
    Lane.objects.filter(connector=name, direction=Direction.IN, failures=0).update(not_before=None)
    enqueue_once(pull_connector, name)


def wake_pushing(name: str, when: datetime) -> None:
    """See to it that a worker looks at the outbox of `name` at that time. Call it where the delivery is written."""
    enqueue_at(push_connector, when, name)


def next_pull(name: str, now: datetime) -> datetime | None:
    """When the connector is to be pulled again; `None` where it is not."""
    file = get_connector(name)
    if file.pull is None or not file.enabled:
        return None
    lane = Lane.objects.filter(connector=name, direction=Direction.IN).first()
    if lane is not None and lane.stopped_at is not None:
        return None
    if lane is not None and is_leased(lane, now, settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds):
        return lane.lease_expires_at  # another worker is at it
    if lane is None or lane.not_before is None:
        return now if lane is None or lane.succeeded_at is None else now + timedelta(seconds=file.pull.every_seconds)
    return lane.not_before if is_early(lane, now) else now


def sweep(process: WorkerProcess) -> None:
    """Wake what is due and has no job, as after a crash, a new file, or a person's word."""
    now = timezone.now()
    if CONNECTORS in process.queues:
        _tell_broken()
    for name in pulls_due(now):
        enqueue_once(pull_connector, name)
    for name in pushes_due(now):
        enqueue_once(push_connector, name)


_told: set[str] = set()


def _tell_broken() -> None:
    """Each fault of a file once: the sweep comes every few seconds."""
    found = {f"connector {name} is left out: {error}" for name, error in all_connectors()[1].items()}
    for line in sorted(found - _told):
        logger.warning("%s", line)
    _told.clear()
    _told.update(found)


def pulls_due(now: datetime) -> list[str]:
    busy = _not_now(Direction.IN, now)
    return [
        file.name for file in all_connectors()[0] if file.enabled and file.pull is not None and file.name not in busy
    ]


def pushes_due(now: datetime) -> list[str]:
    busy = _not_now(Direction.OUT, now)
    ready = {file.name for file in all_connectors()[0] if file.enabled and file.push is not None}
    return [name for name in waiting_connectors(now) if name in ready and name not in busy]


def _not_now(direction: Direction, now: datetime) -> set[str]:
    seconds = settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds
    return {
        lane.connector
        for lane in Lane.objects.filter(direction=direction)
        if lane.stopped_at is not None or is_leased(lane, now, seconds) or is_early(lane, now)
    }


def recover(process: WorkerProcess) -> None:
    """What an earlier life of this very worker held can be taken up at once: it cannot be alive."""
    leave_lanes_of(process.name)
    sweep(process)
