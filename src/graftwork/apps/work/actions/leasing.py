"""Leasing items to draft, and letting them wait again. The lease is the truth of who drafts; the queue only wakes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work import content as stored
from graftwork.apps.work.actions.seeding import forget_open
from graftwork.apps.work.drafter import LeasedItem
from graftwork.apps.work.grounds import mentions
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.locking import lock_free_rows
from graftwork.apps.work.models import CONTROL, Draft, DraftProgress, Item, ItemState
from graftwork.core.errors import GraftworkError, KeyMissing, SealBroken
from graftwork.core.usecase import UseCase

# An engine that is down says nothing about the item: it waits this long, as often as it takes.
ENGINE_DOWN_PAUSE = timedelta(seconds=20)


def lease_items(
    use_case: str, lease: Lease, now: datetime, *, at_most: int, ids: Sequence[UUID] | None = None
) -> list[LeasedItem]:
    """Take up to `at_most` waiting items, oldest first (or those of `ids`); no two callers get the same one."""
    with transaction.atomic():
        waiting = Item.objects.filter(use_case=use_case, state=ItemState.WAITING)
        if ids is None:
            waiting = waiting.filter(Q(not_before=None) | Q(not_before__lte=now))
        else:
            waiting = waiting.filter(pk__in=ids)
        rows = list(lock_free_rows(waiting.select_related("scope_key").order_by("pk"))[:at_most])
        Item.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=ItemState.DRAFTING, lease_owner=lease.owner, lease_expires_at=lease.expires_at(now)
        )
    return _opened(rows, lease, now)


def _opened(rows: list[Item], lease: Lease, now: datetime) -> list[LeasedItem]:
    """The content of what was leased. An item that does not open is put aside, so that it holds up no other."""
    ring, items, broken = keyring(), [], []
    try:
        for row in rows:
            try:
                text = unwrap(row.scope_key, ring).unseal(row.content_sealed, row.content_label)
            except SealBroken as error:
                broken.append((row, error))
            else:
                items.append(LeasedItem(row.pk, row.external_id, stored.parse(text), row.attempts, row.scope_key.scope))
    except KeyMissing:  # nothing is wrong with the items: they wait until the key is back
        release_leases(lease, [row.pk for row in rows])
        raise
    if broken:
        _put_aside(broken, lease, now)
    return items


def _put_aside(broken: list[tuple[Item, SealBroken]], lease: Lease, now: datetime) -> None:
    with transaction.atomic():
        for row, error in broken:
            Item.objects.filter(pk=row.pk, lease_owner=lease.owner).update(
                state=ItemState.FAILED,
                lease_owner="",
                lease_expires_at=None,
                error_code=error.code,
                error_message=error.message[:500],
            )
        events = [
            Event("draft.failed", f"item:{row.pk}", {"code": error.code, "again": False}) for row, error in broken
        ]
        record(f"worker:{lease.owner}", events, now)


def renew_leases(lease: Lease, ids: Sequence[UUID], texts: Mapping[UUID, str], now: datetime) -> None:
    """A sign of life for the items in flight, and what their drafts say so far."""
    with transaction.atomic():
        held = Item.objects.filter(pk__in=ids, lease_owner=lease.owner, state=ItemState.DRAFTING)
        held.update(lease_expires_at=lease.expires_at(now))
        ring = keyring()
        progress = []
        for row in held.filter(pk__in=list(texts)).select_related("scope_key"):
            line = DraftProgress(item=row, updated_at=now)
            line.text_sealed = unwrap(row.scope_key, ring).seal(texts[row.pk], line.text_label)
            progress.append(line)
        DraftProgress.objects.bulk_create(
            progress, update_conflicts=True, unique_fields=["item"], update_fields=["text_sealed", "updated_at"]
        )


def release_leases(lease: Lease, ids: Sequence[UUID]) -> None:
    """Give back what will not be finished, as if it had never been taken."""
    with transaction.atomic():
        DraftProgress.objects.filter(item__in=ids, item__lease_owner=lease.owner).delete()
        Item.objects.filter(pk__in=ids, lease_owner=lease.owner, state=ItemState.DRAFTING).update(
            state=ItemState.WAITING, lease_owner="", lease_expires_at=None
        )


def return_lost_leases(now: datetime, *, of_worker: str | None = None) -> list[str]:
    """Put items back whose lease ended, or that an earlier life of `of_worker` held; the use cases to wake."""
    with transaction.atomic():
        lost = Item.objects.filter(state=ItemState.DRAFTING)
        lost = (
            lost.filter(lease_owner__startswith=f"{of_worker}/") if of_worker else lost.filter(lease_expires_at__lt=now)
        )
        use_cases = sorted(set(lost.values_list("use_case", flat=True)))
        if use_cases:
            DraftProgress.objects.filter(item__in=lost.values("pk")).delete()
            lost.update(state=ItemState.WAITING, lease_owner="", lease_expires_at=None)
    return use_cases


def retry_failed(actor: Actor, ids: Sequence[UUID], now: datetime) -> int:
    """Let items that failed wait for a draft again, unless a person has taken them up; returns how many."""
    actor.require_role("ops")
    with transaction.atomic():
        failed = list(lock_free_rows(Item.objects.filter(_unclaimed(now), pk__in=ids, state=ItemState.FAILED)))
        pks = [item.pk for item in failed]
        Item.objects.filter(pk__in=pks).update(
            state=ItemState.WAITING, attempts=0, not_before=None, error_code="", error_message=""
        )
        forget_open(pks, now)
        record(actor.name, [Event("draft.retried", f"item:{pk}", {}) for pk in pks], now)
    return len(pks)


def _unclaimed(now: datetime) -> Q:
    return Q(claimed_by=None) | Q(claim_expires_at__lte=now)


def redraft(actor: Actor, use_case: UseCase, ids: Sequence[UUID], now: datetime) -> int:
    """Let drafted items wait for a draft of today's release, where no person has begun with them; returns how many.

    The earlier draft stays in the store.
    """
    actor.require_role("ops")
    with transaction.atomic():
        ready = Item.objects.filter(_unclaimed(now), pk__in=ids, state=ItemState.READY, reviews=None)
        ready = ready.exclude(arm=CONTROL)
        older = list(lock_free_rows(ready.exclude(drafts__release__base=use_case.release)))
        pks = [item.pk for item in older]
        Item.objects.filter(pk__in=pks).update(state=ItemState.WAITING, attempts=0, not_before=None)
        forget_open(pks, now)
        record(actor.name, [Event("draft.again", f"item:{pk}", {"release": use_case.release}) for pk in pks], now)
    return len(pks)


def redraft_without(source: str, now: datetime) -> None:
    """Have drafts that draw on `source`, and that nobody has decided on, made again: fewer people may read it now.

    Whoever has one of them open loses it. For the action that withdraws the source, in its transaction.
    """
    drawing = Draft.objects.filter(item__state=ItemState.READY, drew_on__contains=mentions(source))
    ids = set(drawing.values_list("item_id", flat=True))
    ready = list(Item.objects.filter(pk__in=ids, state=ItemState.READY).select_for_update().order_by("pk"))
    latest = dict(Draft.objects.filter(item__in=ready).order_by("number").values_list("item_id", "drew_on"))
    pks = [item.pk for item in ready if mentions(source) in latest[item.pk]]
    Item.objects.filter(pk__in=pks).update(
        state=ItemState.WAITING, attempts=0, not_before=None, claimed_by=None, claim_expires_at=None
    )
    forget_open(pks, now)
    record("knowledge", [Event("draft.again", f"item:{pk}", {"withdrawn": source}) for pk in pks], now)


def postpone(use_case: str, error: GraftworkError, now: datetime) -> None:
    """The engine is down: everything that waits for it waits a little longer, and says why."""
    with transaction.atomic():
        Item.objects.filter(use_case=use_case, state=ItemState.WAITING).update(
            not_before=now + ENGINE_DOWN_PAUSE, error_code=error.code, error_message=error.message[:500]
        )
