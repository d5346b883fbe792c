"""Saving what came of drafting.

A result is saved only under the lease that it was made under, so a process that was thought dead changes nothing when
it comes back, and the unique draft number stands behind that.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.actions.leasing import ENGINE_DOWN_PAUSE
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Draft, DraftProgress, Item, ItemState, Release
from graftwork.core.errors import (
    EngineKeyMissing,
    EngineRefused,
    EngineSurprise,
    EngineTimeout,
    EngineUnavailable,
    GraftworkError,
    ModelNotPulled,
)
from graftwork.core.types import DraftResult
from graftwork.core.usecase import UseCase

# Refusals that any item would get: a wrong key, no credit, no right, no such model or address.
_NOT_THE_ITEMS_FAULT = (401, 402, 403, 404)
_ENGINE_DOWN = (EngineUnavailable, EngineKeyMissing, ModelNotPulled)


def save_finished(
    actor_name: str, use_case: UseCase, lease: Lease, finished: Sequence[Finished], now: datetime
) -> set[UUID]:
    """Store drafts and failures in one transaction; returns the items it was for. What was leased away is dropped."""
    with transaction.atomic():
        ids = [one.item.item_id for one in finished]
        rows = Item.objects.filter(pk__in=ids, lease_owner=lease.owner, state=ItemState.DRAFTING)
        held = {row.pk: row for row in rows.select_for_update(of=("self",)).select_related("scope_key")}
        mine = [one for one in finished if one.item.item_id in held]
        drafted = [(held[one.item.item_id], one.outcome) for one in mine if isinstance(one.outcome, DraftResult)]
        failed = [(held[one.item.item_id], one.outcome) for one in mine if isinstance(one.outcome, GraftworkError)]
        DraftProgress.objects.filter(item__in=list(held)).delete()
        events = _save_drafts(use_case, drafted, now) + _save_failures(use_case, failed, now)
        record(actor_name, events, now)
    return set(held)


def _save_drafts(use_case: UseCase, drafted: list[tuple[Item, DraftResult]], now: datetime) -> list[Event]:
    if not drafted:
        return []
    release = _release(use_case, now)
    ring = keyring()
    rows = []
    numbers = _next_numbers([item for item, _ in drafted])
    for item, result in drafted:
        generation = result.generation
        row = Draft(
            item=item,
            number=numbers[item.pk],
            release=release,
            notices=[asdict(notice) for notice in result.notices],
            engine=generation.engine,
            model=generation.model,
            zone=generation.zone,
            finish_reason=generation.finish_reason,
            prompt_tokens=generation.prompt_tokens,
            completion_tokens=generation.completion_tokens,
            cached_tokens=generation.cached_tokens,
            first_token_ms=generation.first_token_ms,
            total_ms=generation.total_ms,
            cost=generation.cost,
            currency=generation.currency or "",
            created_at=now,
        )
        row.text_sealed = unwrap(item.scope_key, ring).seal(result.text, row.text_label)
        rows.append(row)
    Draft.objects.bulk_create(rows)
    Item.objects.filter(pk__in=[item.pk for item, _ in drafted]).update(
        state=ItemState.READY, lease_owner="", lease_expires_at=None, error_code="", error_message="", not_before=None
    )
    return [Event("draft.made", f"item:{row.item_id}", {"draft": str(row.pk), "release": release.pk}) for row in rows]


def _save_failures(use_case: UseCase, failed: list[tuple[Item, GraftworkError]], now: datetime) -> list[Event]:
    events = []
    for item, error in failed:
        down = engine_is_down(error)
        again = is_tried_again(error, item.attempts, use_case)
        item.attempts += 0 if down else 1
        item.state = ItemState.WAITING if again else ItemState.FAILED
        item.not_before = now + ENGINE_DOWN_PAUSE if again else None
        item.error_code, item.error_message = error.code, error.message[:500]
        item.lease_owner, item.lease_expires_at = "", None
        events.append(Event("draft.failed", f"item:{item.pk}", {"code": error.code, "again": again}))
    Item.objects.bulk_update(
        [item for item, _ in failed],
        ["attempts", "state", "not_before", "error_code", "error_message", "lease_owner", "lease_expires_at"],
    )
    return events


def engine_is_down(error: object) -> bool:
    """Whether `error` says something about the engine rather than about the item."""
    if isinstance(error, EngineRefused):
        return error.http_status in _NOT_THE_ITEMS_FAULT
    return isinstance(error, _ENGINE_DOWN)


def is_tried_again(error: object, attempts_before: int, use_case: UseCase) -> bool:
    """Whether the item waits for another try after this outcome, or for a person."""
    if isinstance(error, EngineTimeout | EngineSurprise):
        return attempts_before + 1 < use_case.limits.attempts
    return engine_is_down(error)


def _next_numbers(items: list[Item]) -> dict[UUID, int]:
    last = Draft.objects.filter(item__in=items).values_list("item").annotate(Max("number"))
    return {item.pk: 1 for item in items} | {item_id: number + 1 for item_id, number in last}


def _release(use_case: UseCase, now: datetime) -> Release:
    release, _ = Release.objects.get_or_create(
        digest=use_case.release,
        defaults={"use_case": use_case.name, "manifest": use_case.release_manifest, "first_used_at": now},
    )
    return release
