"""The jobs of uploads. A job names its upload only: where it goes on is in the store."""

from uuid import UUID

from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.connectors.models import Upload, UploadState
from graftwork.apps.connectors.uploads.forgetting import forget_old_uploads
from graftwork.apps.connectors.uploads.queries import unfinished_imports
from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.jobs.compat import task
from graftwork.apps.jobs.process import CONNECTORS, WorkerProcess, current


@task(queue_name=CONNECTORS)
def import_upload(upload_id: str) -> None:
    """Import for a while, then let others have their turn."""
    from graftwork.apps.connectors.uploads.importing import import_in_turn  # noqa: PLC0415 - loads engines

    if import_in_turn(current(), UUID(upload_id)):
        enqueue_once(import_upload, upload_id)


def sweep(process: WorkerProcess) -> None:
    """Wake the workers for imports that nobody is at, and drop what nobody wants any more."""
    now = timezone.now()
    for upload_id in unfinished_imports(now):
        enqueue_once(import_upload, str(upload_id))
    forget_old_uploads(worker_actor(process.name), now)


def recover(process: WorkerProcess) -> None:
    """What an earlier life of this very worker was at can be taken up at once: it cannot be alive."""
    held = Upload.objects.filter(state=UploadState.IMPORTING, lease_owner__startswith=f"{process.name}/")
    held.update(lease_owner="", lease_expires_at=None)
    sweep(process)
