"""Creating items: once per external id, sealed, with a wake-up for the workers in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work import content as stored
from graftwork.apps.work import hooks
from graftwork.apps.work.hooks import Allocation
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import CONTROL, Item, ItemState
from graftwork.apps.work.tasks import wake_drafting
from graftwork.core.errors import SealBroken
from graftwork.core.ids import uuid7
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase


@dataclass(frozen=True, slots=True)
class Created:
    """`created` is false where an item with this external id was there already; it was left as it is.

    `differs` is true where that item holds other content than the one that was to be stored.
    """

    item_id: UUID
    external_id: str
    created: bool
    differs: bool = False


def create_items(
    actor: Actor, use_case: UseCase, new_items: Sequence[NewItem], now: datetime, *, lease: Lease | None = None
) -> list[Created]:
    """Store `new_items`, in their order. With a `lease` the caller drafts them itself, else the workers are woken.

    A running pilot says which of them get no draft; what a caller drafts itself takes no part in one.
    """
    actor.require_scope("items:write")
    actor.require_role("ops", "owner", use_case.review.role)
    with transaction.atomic():
        wanted = {item.external_id: item for item in reversed(new_items)}
        known = _stored(use_case.name, list(wanted))
        fresh = _in_order(new_items, wanted, known)
        allocated = hooks.allocations(use_case, fresh, now) if lease is None else [None] * len(fresh)
        stored_rows = _insert(use_case, fresh, allocated, now, lease)
        made = {external_id: row.pk for external_id, row in stored_rows.items()}
        lost = [external_id for external_id in wanted if external_id not in known and external_id not in made]
        known |= _stored(use_case.name, lost)
        if any(row.state == ItemState.WAITING for row in stored_rows.values()):
            wake_drafting(use_case.name)
        arms = {item.external_id: to for item, to in zip(fresh, allocated, strict=True)}
        answers = _answer(new_items, wanted, made, known)
        _tell_pilots(stored_rows, arms, now)
        _tell_of_others(use_case, new_items, answers, known, now)
        record(
            actor.name, [Event("item.created", f"item:{pk}", {"use_case": use_case.name}) for pk in made.values()], now
        )
    return answers


def _answer(
    new_items: Sequence[NewItem], wanted: dict[str, NewItem], made: dict[str, UUID], known: dict[str, Item]
) -> list[Created]:
    seen: set[str] = set()
    answers = []
    for item in new_items:
        first = item.external_id not in seen
        seen.add(item.external_id)
        if item.external_id in made:
            differs = wanted[item.external_id].content != item.content
            answers.append(Created(made[item.external_id], item.external_id, first, differs))
        else:
            stands = known[item.external_id]
            answers.append(Created(stands.pk, item.external_id, created=False, differs=_differs(stands, item)))
    return answers


def _in_order(new_items: Sequence[NewItem], wanted: dict[str, NewItem], known: dict[str, Item]) -> list[NewItem]:
    """The first row of each name that is not stored yet, in the order of the input, which the queue keeps."""
    return [item for item in new_items if wanted[item.external_id] is item and item.external_id not in known]


def _differs(stands: Item, item: NewItem) -> bool:
    try:
        stored_text = unwrap(stands.scope_key, keyring()).unseal(stands.content_sealed, stands.content_label)
    except SealBroken:
        return True  # what does not open is not what was given now
    return stored_text != stored.dump(item.content)


def _tell_pilots(stored_rows: dict[str, Item], allocated: dict[str, Allocation | None], now: datetime) -> None:
    enrolled = [(row, to) for name, row in stored_rows.items() if (to := allocated[name]) is not None]
    if enrolled:
        hooks.enrol(enrolled, now)


def _tell_of_others(
    use_case: UseCase, new_items: Sequence[NewItem], answers: list[Created], known: dict[str, Item], now: datetime
) -> None:
    """What came again with other content may now belong to somebody else, which a pilot has to know."""
    for item, answer in zip(new_items, answers, strict=True):
        if answer.differs and item.external_id in known:
            hooks.came_again(use_case, known[item.external_id], item, now)


def _insert(
    use_case: UseCase,
    new_items: list[NewItem],
    allocated: Sequence[Allocation | None],
    now: datetime,
    lease: Lease | None,
) -> dict[str, Item]:
    """Insert what nobody else inserts at the same moment; the rows that are ours."""
    if not new_items:
        return {}
    keys = scope_keys(scope_of(use_case, item) for item in new_items)
    rows = [
        _row(use_case, item, keys[scope_of(use_case, item)], to.arm if to else "", now, lease)
        for item, to in zip(new_items, allocated, strict=True)
    ]
    Item.objects.bulk_create(rows, ignore_conflicts=True)
    there = set(Item.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return {row.external_id: row for row in rows if row.pk in there}


def scope_of(use_case: UseCase, item: NewItem) -> str:
    """The scope of the thread that the item belongs to: its data key, and its placeholders."""
    return f"{use_case.name}:{item.thread}"


def _row(use_case: UseCase, item: NewItem, key: ScopeKey, arm: str, now: datetime, lease: Lease | None) -> Item:
    row = Item(
        id=uuid7(),
        use_case=use_case.name,
        external_id=item.external_id,
        thread=item.thread,
        scope_key=key,
        state=_first_state(arm, lease),
        arm=arm,
        created_at=now,
        lease_owner=lease.owner if lease else "",
        lease_expires_at=lease.expires_at(now) if lease else None,
    )
    row.content_sealed = unwrap(key, keyring()).seal(stored.dump(item.content), row.content_label)
    return row


def _first_state(arm: str, lease: Lease | None) -> ItemState:
    """A control item is ready at once: nobody writes a draft for it."""
    if arm == CONTROL:
        return ItemState.READY
    return ItemState.DRAFTING if lease else ItemState.WAITING


def _stored(use_case: str, external_ids: list[str]) -> dict[str, Item]:
    if not external_ids:
        return {}
    rows = Item.objects.filter(use_case=use_case, external_id__in=external_ids).select_related("scope_key")
    return {row.external_id: row for row in rows}
