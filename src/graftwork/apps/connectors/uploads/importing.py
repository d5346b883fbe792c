"""Importing an upload, batch by batch: items, refusals and the place to go on from are stored in one transaction.

So a process that is killed at any moment loses nothing and doubles nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import Upload, UploadRefusal, UploadState
from graftwork.apps.connectors.uploads.forgetting import forget_file, record_upload
from graftwork.apps.connectors.uploads.matching import Matching, read_mapped
from graftwork.apps.connectors.uploads.queries import content_of, file_name, id_prefix, importable_usecase, plan_of
from graftwork.apps.connectors.uploads.table import open_table, read_rows
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import GraftworkError, NotAllowed, RowRejected
from graftwork.core.intake.row import Resume, Row
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase

BATCH_ROWS = 500
BATCH_CHARACTERS = 4_000_000
# After this long another job gets its turn, if one waits.
TURN_SECONDS = 20.0
# Of each upload, so that a file of nothing but mistakes does not fill the store; the count goes on.
MOST_REFUSALS = 10_000
OTHER_CONTENT = "an item with this id is there already, with other content; it was left as it is"


class _LeaseLostError(Exception):
    """Somebody else is at it, or it was dropped."""


@dataclass(slots=True)
class Batch:
    """Rows read at once. `lines` are those of `items`; `refused` has a line and a reason each."""

    items: list[NewItem] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    resume: Resume | None = None
    characters: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.items) + len(self.refused) >= BATCH_ROWS or self.characters >= BATCH_CHARACTERS


def import_in_turn(process: WorkerProcess, upload_id: UUID) -> bool:
    """Import until the file ends, an error stops it, or the turn is over; true where there is more to do."""
    lease = Lease(process.owner, settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds)
    upload = _take(upload_id, lease, timezone.now())
    if upload is None:
        return False
    try:
        return _import(process, upload, lease)
    except GraftworkError as error:
        _stop(upload, lease, error, timezone.now())
    except _LeaseLostError:
        pass
    return False


def _import(process: WorkerProcess, upload: Upload, lease: Lease) -> bool:
    actor = _uploader(upload)
    get_usecase(upload.use_case)  # says what is wrong with a file that cannot be read
    use_case = importable_usecase(actor, upload.use_case)
    plan, content, name = plan_of(upload), content_of(upload), file_name(upload)
    assert plan is not None, "an upload that is being imported has its plan"
    file, size_bytes = open_table(plan.table, content, name)
    after = Resume(**upload.cursor) if upload.cursor else None
    rows = read_rows(plan.table, file, name, after)
    turn_ends = time.monotonic() + TURN_SECONDS
    for batch in _batches(use_case, plan.matching, rows, id_prefix(content)):
        share = min(1.0, batch.resume.offset_bytes / size_bytes) if batch.resume else 1.0
        _store(actor, use_case, upload.pk, lease, batch, share)
        if process.stopping.is_set() or time.monotonic() > turn_ends:
            _release(upload.pk, lease)
            return not process.stopping.is_set()
    _finish(actor, upload.pk, lease, timezone.now())
    return False


def _uploader(upload: Upload) -> Actor:
    """The person who brought the file, with the rights that they have now."""
    if upload.uploader is None or not upload.uploader.is_active:
        raise NotAllowed("the person who brought the file, whose account is gone")
    return actor_for_user(upload.uploader)


def _batches(use_case: UseCase, matching: Matching, rows: Iterator[Row], prefix: str) -> Iterator[Batch]:
    batch = Batch()
    for row in rows:
        _add(batch, row, use_case, matching, prefix)
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.resume is not None:
        yield batch


def _add(batch: Batch, row: Row, use_case: UseCase, matching: Matching, prefix: str) -> None:
    batch.resume = row.resume
    try:
        item = read_mapped(use_case, matching, row, prefix)
    except RowRejected as error:
        batch.refused.append((row.line, error.reason))
        return
    batch.items.append(item)
    batch.lines.append(row.line)
    batch.characters += sum(len(str(value)) for value in item.content.fields.values())


def _store(actor: Actor, use_case: UseCase, pk: UUID, lease: Lease, batch: Batch, share: float) -> None:
    now = timezone.now()
    with transaction.atomic():
        upload = _held(pk, lease)
        answers = create_items(actor, use_case, batch.items, now)
        differing = [line for line, one in zip(batch.lines, answers, strict=True) if one.differs]
        refused = sorted([*batch.refused, *((line, OTHER_CONTENT) for line in differing)])
        room = max(0, MOST_REFUSALS - upload.refused)
        UploadRefusal.objects.bulk_create(
            [UploadRefusal(upload=upload, line=line, reason=reason[:500]) for line, reason in refused[:room]]
        )
        made = sum(one.created and not one.differs for one in answers)
        upload.created += made
        upload.known += len(answers) - made - len(differing)
        upload.refused += len(refused)
        upload.cursor = asdict(batch.resume) if batch.resume else None
        upload.share = share
        upload.lease_expires_at = lease.expires_at(now)
        upload.save(update_fields=["created", "known", "refused", "cursor", "share", "lease_expires_at"])


def _take(pk: UUID, lease: Lease, now: datetime) -> Upload | None:
    """The upload, leased to us; `None` where it is not to be imported, or somebody is at it."""
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lte=now) | Q(lease_owner=lease.owner)
    taken = Upload.objects.filter(free, pk=pk, state=UploadState.IMPORTING).update(
        lease_owner=lease.owner, lease_expires_at=lease.expires_at(now)
    )
    return Upload.objects.select_related("scope_key", "uploader").get(pk=pk) if taken else None


def _held(pk: UUID, lease: Lease) -> Upload:
    ours = Upload.objects.select_for_update().filter(pk=pk, lease_owner=lease.owner, state=UploadState.IMPORTING)
    upload = ours.first()
    if upload is None:
        raise _LeaseLostError
    return upload


def _release(pk: UUID, lease: Lease) -> None:
    Upload.objects.filter(pk=pk, lease_owner=lease.owner).update(lease_owner="", lease_expires_at=None)


def _finish(actor: Actor, pk: UUID, lease: Lease, now: datetime) -> None:
    with transaction.atomic():
        upload = _held(pk, lease)
        upload.state, upload.finished_at, upload.share = UploadState.DONE, now, 1.0
        upload.lease_owner, upload.lease_expires_at, upload.cursor = "", None, None
        upload.save()
        forget_file(upload)
        record_upload(actor, "upload.imported", upload, now)


def _stop(upload: Upload, lease: Lease, error: GraftworkError, now: datetime) -> None:
    """The file stays for a day, so that the import can go on once the cause is mended."""
    with transaction.atomic():
        try:
            held = _held(upload.pk, lease)
        except _LeaseLostError:
            return
        held.state, held.lease_owner, held.lease_expires_at = UploadState.FAILED, "", None
        held.error_code, held.error_message = error.code, error.message[:500]
        held.save()
        record_upload(_name_of(upload), "upload.stopped", held, now, code=error.code)


def _name_of(upload: Upload) -> Actor:
    return Actor(f"user:{upload.uploader_id}" if upload.uploader_id else "worker", None, frozenset())
