"""Bringing a file, saying what its columns are, importing it, dropping it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import Upload, UploadFile, UploadState
from graftwork.apps.connectors.uploads.forgetting import delete_upload, record_upload
from graftwork.apps.connectors.uploads.matching import Matching, chosen_columns, matched
from graftwork.apps.connectors.uploads.queries import (
    NAMES_SCOPE,
    Plan,
    access_upload,
    content_of,
    file_name,
    importable_usecase,
    own_uploads,
    plan_of,
    upload_key,
)
from graftwork.apps.connectors.uploads.table import Table, recognise
from graftwork.apps.connectors.uploads.tasks import import_upload
from graftwork.apps.jobs.actions import enqueue_once
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import unwrap
from graftwork.core.errors import InputError, RequestInvalid
from graftwork.core.intake.row import clean
from graftwork.core.usecase import UseCase

MOST_WAITING = 10
_NAME_CHARACTERS = 150


def store_upload(actor: Actor, use_case_name: str, name: str, content: bytes, now: datetime) -> Upload:
    """Keep a file, sealed, until its import is through; nothing is imported yet.

    Raises what `recognise` does, `NotAllowed`, and `RequestInvalid` where too many of this person's wait already.
    """
    use_case = importable_usecase(actor, use_case_name)
    actor.require_scope("items:write")
    shown = clean(PurePath(name.replace("\\", "/")).name)[-_NAME_CHARACTERS:] or "file"
    table = recognise(content, shown)
    with transaction.atomic():
        if own_uploads(actor).exclude(state=UploadState.DONE).count() >= MOST_WAITING:
            raise RequestInvalid("file", f"{MOST_WAITING} of your files wait already; import or drop one of them first")
        upload = Upload(
            uploader_id=actor.user_id, use_case=use_case.name, form=table.form, size_bytes=len(content), stored_at=now
        )
        scope = f"uploads/{upload.pk}"
        keys = scope_keys([scope, NAMES_SCOPE])
        upload.scope_key = keys[scope]
        upload.name_sealed = unwrap(keys[NAMES_SCOPE], keyring()).seal(shown, upload.label("name"))
        _set_plan(upload, Plan(table, matched(use_case, table.columns)))
        upload.save(force_insert=True)
        sealed = upload_key(upload).seal_bytes(content, upload.label("content"))
        UploadFile.objects.create(upload=upload, content_sealed=sealed)
        record_upload(actor, "upload.stored", upload, now)
    return upload


def choose_reading(actor: Actor, upload_id: UUID, now: datetime, *, encoding: str, sheet: str) -> Upload:
    """Read the file anew in another encoding, or another sheet of it, and match its columns anew.

    Raises `RequestInvalid` where it cannot be read so.
    """
    with transaction.atomic():
        upload, use_case = _waiting(actor, upload_id)
        plan = plan_of(upload)
        if plan is None or use_case is None:
            return upload
        try:
            table = recognise(content_of(upload), file_name(upload), encoding=encoding, sheet=sheet)
        except InputError as error:
            raise RequestInvalid("file", f"it cannot be read so: {error.message}; it stays as it was") from None
        if table != plan.table:
            kept = plan.matching if table.columns == plan.table.columns else matched(use_case, table.columns)
            _change_plan(actor, upload, Plan(table, kept), now)
    return upload


def choose_columns(actor: Actor, upload_id: UUID, posted: Mapping[str, str], now: datetime) -> Upload:
    """Say which column is which field. Raises `RequestInvalid` for a column that is not there."""
    with transaction.atomic():
        upload, use_case = _waiting(actor, upload_id)
        plan = plan_of(upload)
        if plan is None or use_case is None:
            return upload
        chosen = chosen_columns(use_case, plan.table.columns, posted)
        if chosen != plan.matching:
            _change_plan(actor, upload, Plan(plan.table, chosen), now)
    return upload


def start_import(actor: Actor, upload_id: UUID, now: datetime) -> Upload:
    """Have the workers import the file, or go on where an error stopped them. Asked for again, it changes nothing.

    Raises `RequestInvalid` where a field that the use case requires comes from no column.
    """
    with transaction.atomic():
        upload = _locked(actor, upload_id)
        plan = plan_of(upload)
        if plan is None or upload.state not in (UploadState.STORED, UploadState.FAILED):
            return upload
        _check_required(importable_usecase(actor, upload.use_case), plan.matching)
        upload.state, upload.started_at = UploadState.IMPORTING, now
        upload.error_code = upload.error_message = ""
        upload.save(update_fields=["state", "started_at", "error_code", "error_message"])
        enqueue_once(import_upload, str(upload.pk))
        record_upload(actor, "upload.started", upload, now)
    return upload


def drop_upload(actor: Actor, upload_id: UUID, now: datetime) -> None:
    """Forget an upload with its file; what was imported of it by then stays."""
    with transaction.atomic():
        upload = _locked(actor, upload_id)
        delete_upload(upload)
        record_upload(actor, "upload.dropped", upload, now)


def _locked(actor: Actor, upload_id: UUID) -> Upload:
    access_upload(actor, upload_id)
    return Upload.objects.select_for_update().get(pk=upload_id)


def _waiting(actor: Actor, upload_id: UUID) -> tuple[Upload, UseCase | None]:
    """Nothing is changed on one whose import has begun: its page then says so."""
    upload = _locked(actor, upload_id)
    return upload, importable_usecase(actor, upload.use_case) if upload.state == UploadState.STORED else None


def _check_required(use_case: UseCase, matching: Matching) -> None:
    for name, spec in use_case.input.fields.items():
        if spec.required and not matching.fields.get(name):
            raise RequestInvalid(name, f"choose the column that holds the field {spec.label or name}: it is required")


def _change_plan(actor: Actor, upload: Upload, plan: Plan, now: datetime) -> None:
    _set_plan(upload, plan)
    upload.save(update_fields=["plan_sealed"])
    record_upload(actor, "upload.columns_chosen", upload, now)


def _set_plan(upload: Upload, plan: Plan) -> None:
    table: Table = plan.table
    text = json.dumps({"table": asdict(table), "matching": asdict(plan.matching)}, ensure_ascii=False)
    upload.plan_sealed = upload_key(upload).seal(text, upload.label("plan"))
