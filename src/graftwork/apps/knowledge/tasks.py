"""The job of this app: looking for changed files in the folders of sources, now and then."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.jobs.compat import task
from graftwork.apps.jobs.process import WorkerProcess, current
from graftwork.apps.knowledge.models import Source, SourceKind
from graftwork.core.errors import GraftworkError

logger = logging.getLogger(__name__)

# A worker also drafts: after this long it lets the other jobs have their turn, and goes on with the next one.
TURN_SECONDS = 60.0


@task()
def refresh_source(name: str) -> None:
    """Read what changed in one source. Whoever was first in this period does it; the others find nothing to do."""
    from graftwork.apps.knowledge.actions.refreshing import refresh_in_turn  # noqa: PLC0415 - loads every reader

    try:
        if refresh_in_turn(worker_actor(current().name), name, current().stopping.is_set, TURN_SECONDS):
            enqueue_once(refresh_source, name)
    except GraftworkError as error:
        # A folder that is gone for now, or a model that is not here: tried again in the next period, not at once.
        logger.warning("source %s was not refreshed: %s", name, error.code)
        Source.objects.filter(name=name).update(tried_at=timezone.now())


def sweep(process: WorkerProcess) -> None:
    """Have the sources refreshed that have waited for `knowledge.refresh_minutes`."""
    del process
    for name in due_sources(timezone.now()):
        enqueue_once(refresh_source, name)


def due_sources(now: datetime) -> list[str]:
    """Those that are read from disk, and were not looked at for a period."""
    minutes = settings.GRAFTWORK_WORKSPACE.settings.knowledge.refresh_minutes
    if not minutes:
        return []
    before = now - timedelta(minutes=minutes)
    due = Q(tried_at__lte=before) | Q(tried_at=None, created_at__lte=before)
    return list(
        Source.objects.filter(due).exclude(kind=SourceKind.FEED).order_by("name").values_list("name", flat=True)
    )
