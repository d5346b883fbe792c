"""Reading uploads. Every read of one upload goes through `access_upload`; only who brought a file may see into it."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import Upload, UploadState
from graftwork.apps.connectors.uploads.matching import Matching
from graftwork.apps.connectors.uploads.table import Table
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.errors import NotAllowed, NotFound
from graftwork.core.usecase import UseCase

NAMES_SCOPE = "uploads/names"  # no thread of a use case is called so: those have a colon
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How an upload is read, and what becomes of its columns."""

    table: Table
    matching: Matching


def may_import(actor: Actor, use_case: UseCase) -> bool:
    """Whether this person may bring items of `use_case`: what `create_items` asks for, and that they may see them."""
    return any(actor.may_act_as(role) for role in ("ops", "owner", use_case.review.role))


def importable_usecases(actor: Actor) -> list[UseCase]:
    return [use_case for use_case in visible_usecases(actor) if may_import(actor, use_case)]


def importable_usecase(actor: Actor, name: str) -> UseCase:
    """Raises `NotAllowed` where it is not there, or not for this person."""
    for use_case in importable_usecases(actor):
        if use_case.name == name:
            return use_case
    raise NotAllowed(f"a role that may bring items of {name[:63]}")


def own_uploads(actor: Actor) -> QuerySet[Upload]:
    return Upload.objects.filter(uploader=actor.user_id) if actor.user_id is not None else Upload.objects.none()


def recent_uploads(actor: Actor) -> list[tuple[Upload, str]]:
    """The last few that this person brought, each with the name of its file."""
    return [(upload, file_name(upload)) for upload in own_uploads(actor).order_by("-pk")[:MOST_SHOWN]]


def access_upload(actor: Actor, upload_id: UUID) -> Upload:
    """The one door to an upload. Raises `NotFound` where it is not there or not this person's."""
    upload = own_uploads(actor).select_related("scope_key").filter(pk=upload_id).first()
    if upload is None:
        raise NotFound("upload", str(upload_id))
    return upload


def file_name(upload: Upload) -> str:
    key = unwrap(scope_keys([NAMES_SCOPE])[NAMES_SCOPE], keyring())
    return key.unseal(upload.name_sealed, upload.label("name"))


def plan_of(upload: Upload) -> Plan | None:
    """`None` once the import is through."""
    if upload.plan_sealed is None:
        return None
    stored: dict[str, Any] = json.loads(upload_key(upload).unseal(upload.plan_sealed, upload.label("plan")))
    table: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored["table"].items()
    }
    return Plan(Table(**table), Matching(**stored["matching"]))


def content_of(upload: Upload) -> bytes:
    """The file itself. Raises `NotFound` once it is deleted."""
    file = getattr(upload, "file", None)
    if file is None:
        raise NotFound("the file of upload", str(upload.pk))
    return upload_key(upload).unseal_bytes(file.content_sealed, upload.label("content"))


def upload_key(upload: Upload) -> DataKey:
    if upload.scope_key is None:
        raise NotFound("the file of upload", str(upload.pk))
    return unwrap(upload.scope_key, keyring())


def id_prefix(content: bytes) -> str:
    """Names rows without an id: the same file again brings the same items, so nothing is doubled."""
    return f"{sha256(content).hexdigest()[:12]}-"


def unfinished_imports(now: datetime) -> list[UUID]:
    """Uploads that are to be imported and that no worker is at."""
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lte=now)
    return list(Upload.objects.filter(free, state=UploadState.IMPORTING).values_list("pk", flat=True))
