"""Doing a request once: a repeat under the same key gets the stored answer and changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.work.models import IdempotentRequest
from graftwork.core.errors import IdempotencyMismatch

KEEP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    body: dict[str, Any]
    replayed: bool


def once(actor: Actor, key: str, request_sha256: str, now: datetime, work: Callable[[], dict[str, Any]]) -> Answer:
    """Run `work` and store its answer in one transaction, or give the answer that is stored under `key` already.

    The row is inserted first, so a duplicate at the same moment waits for it: on PostgreSQL at the unique constraint,
    on SQLite at the write lock. Where `work` fails, the row goes with it and the key is free again. Raises
    `IdempotencyMismatch` where the key was used for another request.
    """
    with transaction.atomic():
        row, new = IdempotentRequest.objects.get_or_create(
            actor=actor.name, key=key, defaults={"request_sha256": request_sha256, "response": {}, "created_at": now}
        )
        if not new:
            if row.request_sha256 != request_sha256:
                raise IdempotencyMismatch(key)
            return Answer(row.response, replayed=True)
        row.response = work()
        row.save(update_fields=["response"])
        return Answer(row.response, replayed=False)


def forget_old_requests(now: datetime) -> int:
    """Delete the answers that are older than a day; returns how many. Cheap to call often: one row tells."""
    oldest = IdempotentRequest.objects.order_by("pk").values_list("created_at", flat=True).first()
    if oldest is None or oldest > now - KEEP - timedelta(hours=1):
        return 0
    return IdempotentRequest.objects.filter(created_at__lt=now - KEEP).delete()[0]
