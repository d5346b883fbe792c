"""Writing to the durable queue."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graftwork.apps.jobs.compat import Task, TaskResultStatus

PERIOD_SECONDS = 2


def enqueue_once(task: "Task[Any, Any]", *args: Any) -> None:
    """Put a job into the queue unless the same one waits there. One that runs does not count: it may be past it."""
    waiting: QuerySet[DBTaskResult[Any, Any]] = DBTaskResult.objects.ready().filter(
        task_path=task.module_path, args_kwargs={"args": list(args), "kwargs": {}}
    )
    if not waiting.exists():
        task.enqueue(*args)


def enqueue_at(task: "Task[Any, Any]", when: datetime, *args: Any) -> None:
    """Put a job into the queue for later, unless the same one waits for that time or for one shortly before it.

    Times are rounded up to whole periods, so that many wishes for nearly the same moment become one job.
    """
    periods = math.ceil(when.timestamp() / PERIOD_SECONDS)
    run_after = datetime.fromtimestamp(periods * PERIOD_SECONDS, UTC)
    waiting: QuerySet[DBTaskResult[Any, Any]] = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY,
        task_path=task.module_path,
        run_after=run_after,
        args_kwargs={"args": list(args), "kwargs": {}},
    )
    if not waiting.exists():
        task.using(run_after=run_after).enqueue(*args)


def forget_jobs_of(worker_name: str) -> int:
    """Delete the jobs that an earlier life of this worker left running: the library keeps those for ever.

    What they worked on is found again through its leases.
    """
    dead = [
        job.pk
        for job in DBTaskResult.objects.running().only("id", "worker_ids")
        if job.worker_ids and job.worker_ids[-1] == worker_name
    ]
    return DBTaskResult.objects.filter(pk__in=dead).delete()[0]


def delete_finished_jobs(keep_hours: float = 24.0) -> int:
    """Finished jobs are of no further use: what they did is in the audit log."""
    before = timezone.now() - timedelta(hours=keep_hours)
    return DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()[0]
