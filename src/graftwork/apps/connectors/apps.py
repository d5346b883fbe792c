from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

from graftwork.apps.jobs.hooks import on_close, on_recovery, on_sweep
from graftwork.apps.jobs.process import WorkerProcess

if TYPE_CHECKING:
    from graftwork.apps.work.models import Review


class ConnectorsConfig(AppConfig):
    name = "graftwork.apps.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from graftwork.apps.work.hooks import on_decision  # noqa: PLC0415 - models are there only now

        on_decision(_decided, undone=_undone)
        on_sweep(_sweep)
        on_recovery(_recover)
        on_sweep(_sweep_uploads)
        on_recovery(_recover_uploads)
        on_close(_close)


# Loaded by whoever works, so not with the models.


def _decided(review: "Review", now: datetime) -> None:
    from graftwork.apps.connectors.actions.outbox import put_into_outbox  # noqa: PLC0415 - as above

    put_into_outbox(review, now)


def _undone(review: "Review", now: datetime) -> None:
    from graftwork.apps.connectors.actions.outbox import take_out_of_outbox  # noqa: PLC0415 - as above

    take_out_of_outbox(review, now)


def _sweep(worker: WorkerProcess) -> None:
    from graftwork.apps.connectors.tasks import sweep  # noqa: PLC0415 - as above
    from graftwork.apps.connectors.watching import keep_watching  # noqa: PLC0415 - as above

    sweep(worker)
    keep_watching(worker)


def _recover(worker: WorkerProcess) -> None:
    from graftwork.apps.connectors.tasks import recover  # noqa: PLC0415 - as above

    recover(worker)


def _sweep_uploads(worker: WorkerProcess) -> None:
    from graftwork.apps.connectors.uploads.tasks import sweep  # noqa: PLC0415 - as above

    sweep(worker)


def _recover_uploads(worker: WorkerProcess) -> None:
    from graftwork.apps.connectors.uploads.tasks import recover  # noqa: PLC0415 - as above

    recover(worker)


def _close() -> None:
    from graftwork.apps.connectors.opening import close_systems  # noqa: PLC0415 - as above
    from graftwork.apps.connectors.watching import stop_watching  # noqa: PLC0415 - as above

    stop_watching()
    close_systems()
