"""The jobs of this app, and when they are put into the queue."""

from django.utils import timezone

from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.jobs.compat import task
from graftwork.apps.jobs.process import WorkerProcess, current
from graftwork.apps.vault.placeholders import forget_expired_books
from graftwork.apps.work.actions.idempotency import forget_old_requests
from graftwork.apps.work.actions.leasing import return_lost_leases
from graftwork.apps.work.draining import drain
from graftwork.apps.work.queries import waiting_usecases


@task()
def draft_waiting_items(use_case: str) -> None:
    """Draft what waits. The job carries no items: which ones are free is decided by their leases, when it runs."""
    if drain(current(), use_case):
        wake_drafting(use_case)


def wake_drafting(use_case: str) -> None:
    """See to it that a worker looks at `use_case`. Call it in the transaction that made the items."""
    enqueue_once(draft_waiting_items, use_case)


def sweep(process: WorkerProcess) -> None:
    """Take back what a dead worker held, and wake the workers for whatever waits."""
    del process
    now = timezone.now()
    return_lost_leases(now)
    forget_old_requests(now)
    forget_expired_books(now)
    for use_case in waiting_usecases(now):
        wake_drafting(use_case)


def recover(process: WorkerProcess) -> None:
    """What an earlier life of this very worker held can be taken back at once: it cannot be alive."""
    return_lost_leases(timezone.now(), of_worker=process.name)
    sweep(process)
