"""Saving what came of drafting.

A result is saved only under the lease that it was made under, so a process that was thought dead changes nothing when
it comes back, and the unique draft number stands behind that.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work import grounds, hooks
from graftwork.apps.work.actions.leasing import ENGINE_DOWN_PAUSE
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Draft, DraftProgress, Item, ItemState, Release
from graftwork.apps.work.withdrawn import withdrawn_meanwhile
from graftwork.core.errors import (
    DetectorFailed,
    DetectorTimeout,
    EngineKeyMissing,
    EngineRefused,
    EngineSurprise,
    EngineTimeout,
    EngineUnavailable,
    GraftworkError,
    KeyFileInvalid,
    KeyMissing,
    ModelNotPulled,
    NerUnavailable,
    PlaceholdersChanged,
)
from graftwork.core.flow import NOT_THE_ITEMS_FAULT
from graftwork.core.types import DraftResult, Passage
from graftwork.core.usecase import UseCase

# A key or a model that is not there says nothing about the item either: it waits until they are back.
_ENGINE_DOWN = (EngineUnavailable, EngineKeyMissing, ModelNotPulled, KeyMissing, KeyFileInvalid, NerUnavailable)


def save_finished(
    actor_name: str, use_case: UseCase, lease: Lease, finished: Sequence[Finished], now: datetime
) -> set[UUID]:
    """Store drafts and failures in one transaction; returns the items it was for.

    What was leased away is dropped, and what drew on a source that was withdrawn meanwhile waits for another draft.
    """
    with transaction.atomic():
        ids = [one.item.item_id for one in finished]
        rows = Item.objects.filter(pk__in=ids, lease_owner=lease.owner, state=ItemState.DRAFTING)
        held = {row.pk: row for row in rows.select_for_update(of=("self",)).select_related("scope_key")}
        mine = [one for one in finished if one.item.item_id in held]
        drafted = [(held[one.item.item_id], one.outcome) for one in mine if isinstance(one.outcome, DraftResult)]
        failed = [(held[one.item.item_id], one.outcome) for one in mine if isinstance(one.outcome, GraftworkError)]
        DraftProgress.objects.filter(item__in=list(held)).delete()
        withdrawn = withdrawn_meanwhile(use_case, [result for _, result in drafted])
        again = [(item, source) for (item, _), source in zip(drafted, withdrawn, strict=True) if source]
        kept = [one for one, source in zip(drafted, withdrawn, strict=True) if not source]
        events = [*_returned(again), *_save_drafts(use_case, kept, now), *_save_failures(use_case, failed, now)]
        record(actor_name, events, now)
    return held.keys() - {item.pk for item, _ in again}


def _returned(finished: Sequence[tuple[Item, str]]) -> list[Event]:
    """Have items drafted again whose draft drew on a source that was withdrawn meanwhile."""
    ids = [item.pk for item, _ in finished]
    Item.objects.filter(pk__in=ids).update(state=ItemState.WAITING, lease_owner="", lease_expires_at=None)
    return [Event("draft.again", f"item:{item.pk}", {"withdrawn": source}) for item, source in finished]


def _save_drafts(use_case: UseCase, drafted: list[tuple[Item, DraftResult]], now: datetime) -> list[Event]:
    if not drafted:
        return []
    releases = {snapshot: _release(use_case, snapshot, now) for snapshot in {_snapshot(one) for _, one in drafted}}
    ring = keyring()
    rows = []
    numbers = _next_numbers([item for item, _ in drafted])
    for item, result in drafted:
        generation = result.generation
        row = Draft(
            item=item,
            number=numbers[item.pk],
            release=releases[_snapshot(result)],
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
        key = unwrap(item.scope_key, ring)
        row.text_sealed = key.seal(result.text, row.text_label)
        if result.passage is not None:
            _add_passage(row, result.passage, key)
        if result.grounds is not None:
            row.grounds_sealed = key.seal(grounds.dump(result.grounds), row.grounds_label)
            row.drew_on = grounds.drew_on(result.grounds)
        rows.append(row)
    Draft.objects.bulk_create(rows)
    hooks.drafted(use_case, rows, now)
    Item.objects.filter(pk__in=[item.pk for item, _ in drafted]).update(
        state=ItemState.READY, lease_owner="", lease_expires_at=None, error_code="", error_message="", not_before=None
    )
    return [Event("draft.made", f"item:{row.item_id}", _made(row)) for row in rows]


def _add_passage(row: Draft, passage: Passage, key: DataKey) -> None:
    row.route = {"treatment": passage.treatment, "classes": list(passage.classes), "reason": passage.reason}
    if passage.masked is None:
        return
    row.masked = dict(passage.masked)
    row.masked_item_sealed = key.seal(passage.item_text, row.masked_label("item"))
    row.masked_text_sealed = key.seal(passage.draft_text, row.masked_label("text"))


def _made(row: Draft) -> dict[str, Any]:
    """What the audit log says of a draft: where the item went, where that was a question at all."""
    detail: dict[str, Any] = {"draft": str(row.pk), "release": row.release_id}
    if row.route:
        detail |= {"zone": row.zone, "engine": row.engine, "treatment": row.route["treatment"]}
    return detail


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
        return error.http_status in NOT_THE_ITEMS_FAULT
    return isinstance(error, _ENGINE_DOWN)


def is_tried_again(error: object, attempts_before: int, use_case: UseCase) -> bool:
    """Whether the item waits for another try after this outcome, or for a person."""
    if isinstance(error, EngineTimeout | EngineSurprise | DetectorFailed | DetectorTimeout | PlaceholdersChanged):
        return attempts_before + 1 < use_case.limits.attempts
    return engine_is_down(error)


def _next_numbers(items: list[Item]) -> dict[UUID, int]:
    last = Draft.objects.filter(item__in=items).values_list("item").annotate(Max("number"))
    return {item.pk: 1 for item in items} | {item_id: number + 1 for item_id, number in last}


def _snapshot(result: DraftResult) -> str:
    return result.grounds.snapshot if result.grounds else ""


def _release(use_case: UseCase, snapshot: str, now: datetime) -> Release:
    release, _ = Release.objects.get_or_create(
        digest=use_case.release_with(snapshot),
        defaults={
            "base": use_case.release,
            "use_case": use_case.name,
            "manifest": use_case.manifest_with(snapshot),
            "first_used_at": now,
        },
    )
    return release
