"""The jobs of this app, and when they are put into the queue."""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.jobs.compat import task
from graftwork.apps.jobs.process import WorkerProcess, current
from graftwork.apps.pilots.models import Due, Pilot, PilotState

logger = logging.getLogger(__name__)

# A worker also drafts: after this long it lets the other jobs have their turn.
TURN = timedelta(seconds=20)
BALANCE_EVERY = timedelta(days=1)


@task()
def fold_pilot(name: str) -> None:
    """Bring what is due into the sums. Two workers at once take turns."""
    from graftwork.apps.pilots.folding.actions import fold  # noqa: PLC0415 - loads numpy

    pilot = Pilot.objects.filter(name=name).first()
    if pilot is None:
        return
    until = timezone.now() + TURN
    while fold(pilot, timezone.now()):
        if current().stopping.is_set():
            return
        if timezone.now() >= until:
            enqueue_once(fold_pilot, name)
            return


@task()
def check_pilot_balance(name: str) -> None:
    """Whether units fell into the arms as they should. Looked at once a day, and told once."""
    from graftwork.apps.pilots.folding.actions import check_balance  # noqa: PLC0415 - loads scipy

    pilot = Pilot.objects.filter(name=name, state=PilotState.RUNNING).first()
    if pilot is not None and check_balance(pilot, timezone.now()):
        logger.warning("pilot %s: the arms are not as large as they were drawn (sample ratio mismatch)", name)


def sweep(process: WorkerProcess) -> None:
    """Wake whoever folds where something is due, and whoever looks at the arms where a day has passed."""
    del process
    now = timezone.now()
    for name in due_pilots(now):
        enqueue_once(fold_pilot, name)
    for name in unchecked_pilots(now):
        enqueue_once(check_pilot_balance, name)


def due_pilots(now: datetime) -> list[str]:
    """Those with items to fold, but for those whose sums are being made anew."""
    from graftwork.apps.pilots.folding.rebuilding import is_rebuilding  # noqa: PLC0415 - loads numpy

    due = Due.objects.filter(pilot=OuterRef("pk"), due_at__lte=now)
    started = Pilot.objects.filter(Exists(due), started_at__isnull=False).order_by("name")
    return [pilot.name for pilot in started if not is_rebuilding(pilot, now)]


def unchecked_pilots(now: datetime) -> list[str]:
    old = Q(balance_checked_at=None) | Q(balance_checked_at__lte=now - BALANCE_EVERY)
    return list(Pilot.objects.filter(old, state=PilotState.RUNNING).order_by("name").values_list("name", flat=True))
