"""The worker: runs jobs of the durable queue until it is told to stop, and looks for lost work in between."""

import logging
import signal
import threading
from types import FrameType

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django_tasks_db.management.commands.db_worker import Worker

from graftwork.apps.audit.queries import ANCHOR_FILE, advance_anchor
from graftwork.apps.jobs import hooks
from graftwork.apps.jobs.actions import delete_finished_jobs, forget_jobs_of
from graftwork.apps.jobs.process import WorkerProcess

logger = logging.getLogger(__name__)


class _StoppableWorker(Worker):
    """The library's worker, with a job that can be asked to stop instead of being waited for."""

    process: WorkerProcess

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        self.process.stopping.set()
        self.running = False


def run_worker(process: WorkerProcess) -> None:
    """Run until SIGTERM or SIGINT. What was begun and not finished is given back before it returns."""
    config = settings.GRAFTWORK_WORKSPACE.settings.worker
    worker = _StoppableWorker(
        queue_names=list(process.queues),
        excluded_queue_names=[],
        interval=config.poll_seconds,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=process.name,
    )
    worker.process = process
    signal.signal(signal.SIGTERM, worker.shutdown)
    signal.signal(signal.SIGINT, worker.shutdown)
    forget_jobs_of(process.name)
    for recover in hooks.recoveries:
        recover(process)
    sweeper = threading.Thread(
        target=_sweep_until_stopped, args=(process, config.sweep_seconds), name="sweeper", daemon=True
    )
    sweeper.start()
    try:
        worker.run()
    finally:
        process.stopping.set()
        sweeper.join(timeout=5)
        for close in hooks.closers:
            close()


def _sweep_until_stopped(process: WorkerProcess, pause_seconds: float) -> None:
    while not process.stopping.is_set():
        try:
            for sweep in hooks.sweeps:
                sweep(process)
            delete_finished_jobs()
            advance_anchor(settings.GRAFTWORK_WORKSPACE.data_folder / ANCHOR_FILE)
        except (DatabaseError, OSError, ValueError) as error:
            logger.warning("the sweep was put off by %s", type(error).__name__)
        finally:
            connection.close()
        process.stopping.wait(pause_seconds)
