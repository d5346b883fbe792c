from datetime import datetime

from django.apps import AppConfig

from graftwork.apps.jobs.hooks import on_close, on_recovery, on_sweep
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.knowledge.hooks import on_withdrawal


class WorkConfig(AppConfig):
    name = "graftwork.apps.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        on_withdrawal(_redraft)
        on_sweep(_sweep)
        on_recovery(_recover)
        on_close(_close)


# Loaded by whoever works, so not with the models: engines bring some 15 MB with them that a gateway does not need.


def _redraft(source: str, now: datetime) -> None:
    from graftwork.apps.work.actions.leasing import redraft_without  # noqa: PLC0415 - as above

    redraft_without(source, now)


def _sweep(worker: WorkerProcess) -> None:
    from graftwork.apps.work.tasks import sweep  # noqa: PLC0415 - as above

    sweep(worker)


def _recover(worker: WorkerProcess) -> None:
    from graftwork.apps.work.tasks import recover  # noqa: PLC0415 - as above

    recover(worker)


def _close() -> None:
    from graftwork.apps.work.engines import close_engines  # noqa: PLC0415 - as above

    close_engines()
