"""Deleting uploads: the file with its key once it is of no use, all of it once nobody wants the report."""

from datetime import datetime, timedelta

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.models import Upload, UploadFile, UploadState

KEEP_HOURS = 24.0
KEEP_REPORT_DAYS = 30.0


def forget_old_uploads(actor: Actor, now: datetime) -> int:
    """Drop files that nobody imported within a day, and reports of old imports; returns how many."""
    waiting = Upload.objects.filter(
        state__in=(UploadState.STORED, UploadState.FAILED), stored_at__lt=now - timedelta(hours=KEEP_HOURS)
    )
    reports = Upload.objects.filter(state=UploadState.DONE, finished_at__lt=now - timedelta(days=KEEP_REPORT_DAYS))
    old = [*waiting.values_list("pk", flat=True), *reports.values_list("pk", flat=True)]
    for pk in old:
        with transaction.atomic():
            upload = Upload.objects.select_for_update().filter(pk=pk).exclude(state=UploadState.IMPORTING).first()
            if upload is not None:
                delete_upload(upload)
                record_upload(actor, "upload.dropped", upload, now)
    return len(old)


def forget_file(upload: Upload) -> None:
    """Delete the file of an upload, how it was read, and the key of both. The caller saves nothing of these."""
    UploadFile.objects.filter(pk=upload.pk).delete()
    key, upload.scope_key, upload.plan_sealed = upload.scope_key, None, None
    upload.save(update_fields=["scope_key", "plan_sealed"])
    if key is not None:
        key.delete()  # what a backup still holds of the file cannot be read without it


def delete_upload(upload: Upload) -> None:
    """Its `pk` stays, for the audit entry."""
    pk = upload.pk
    forget_file(upload)
    upload.delete()
    upload.pk = pk


def record_upload(actor: Actor, action: str, upload: Upload, now: datetime, **more: str) -> None:
    """An audit entry of one upload: what it is and how far it came, never what it says or is called."""
    detail = {
        "use_case": upload.use_case, "format": upload.form, "bytes": upload.size_bytes,
        "created": upload.created, "known": upload.known, "refused": upload.refused, **more,
    }  # fmt: skip
    record(actor.name, [Event(action, f"upload:{upload.pk}", detail)], now)
