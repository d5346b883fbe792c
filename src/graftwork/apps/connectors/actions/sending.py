"""Deliveries on their way: marked before they are sent, and what became of them stored after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from django.db import transaction
from django.db.models import F

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.actions.lanes import held, note_failure, note_success, wait_after
from graftwork.apps.connectors.models import LETTERS, UNFINISHED, Delivery, DeliveryState, Lane
from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Receipt
from graftwork.systems.errors import Conflict, TargetDenied, TargetDown, TryFailed, Unsure
from graftwork.systems.file import ConnectorFile, Push

MAX_REFERENCE_CHARACTERS = 200
LOOK_AT = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one delivery: a receipt, or why there is none. `None` where it is not wanted any more."""

    delivery: Delivery
    outcome: Receipt | GraftworkError | None


def return_interrupted(lane: Lane) -> int:
    """What was being sent when its worker died may have arrived: it is sent again, and told so. Call with the lane."""
    with transaction.atomic():
        held(lane)
        interrupted = Delivery.objects.filter(connector=lane.connector, state=DeliveryState.SENDING)
        return interrupted.update(state=DeliveryState.WAITING, unsure=True)


def mark_sending(lane: Lane, now: datetime, at_most: int) -> list[Delivery]:
    """Take up to `at_most` deliveries that are due, oldest first, and commit that they are being sent.

    Of one item only the oldest is ever under way, and none while an older one waits for a person.
    """
    with transaction.atomic():
        held(lane)
        rows = _due(lane.connector, now, at_most)
        pks = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=pks).update(state=DeliveryState.SENDING, tries=F("tries") + 1)
    for row in rows:
        row.state, row.tries = DeliveryState.SENDING, row.tries + 1
    return rows


def _due(connector: str, now: datetime, at_most: int) -> list[Delivery]:
    """Found page by page along the index: asking of each waiting row whether an older one is there takes far longer."""
    waiting = Delivery.objects.filter(connector=connector, state=DeliveryState.WAITING, not_before__lte=now)
    rows = waiting.order_by("not_before", "pk").values_list("pk", "item_id")
    found: list[UUID] = []
    for start in count(0, LOOK_AT):
        page = list(rows[start : start + LOOK_AT])
        first = _first_unfinished(connector, {item for _, item in page})
        found += [pk for pk, item in page if first[item] == pk]
        if len(found) >= at_most or len(page) < LOOK_AT:
            break
    whole = Delivery.objects.select_related("item__scope_key", "item__origin", "review__reviewer")
    return list(whole.filter(pk__in=found[:at_most]).order_by("not_before", "pk"))


def _first_unfinished(connector: str, items: Collection[UUID]) -> dict[UUID, UUID]:
    """By item the oldest delivery that is not done with."""
    rows = Delivery.objects.filter(connector=connector, item__in=items, state__in=UNFINISHED)
    return {item: pk for pk, item in rows.order_by("-pk").values_list("pk", "item_id")}


def store_sent(lane: Lane, file: ConnectorFile, rules: Push, sent: Sequence[Sent], actor: str, now: datetime) -> bool:
    """Store what became of `sent`; false where the lane has to wait now. Raises `LaneLost`, storing nothing.

    What another worker took over meanwhile is left to it.
    """
    with transaction.atomic():
        row = held(lane)
        for one in sent:
            _apply(one, rules, now)
            one.delivery.save(
                update_fields=["state", "tries", "not_before", "unsure", "error_code", "error_message", "reference",
                               "delivered_at"]
            )  # fmt: skip
        record(actor, [_event(one) for one in sent if _is_news(one.delivery)], now)
        return _note_on_lane(row, file, sent, now)


def _apply(sent: Sent, rules: Push, now: datetime) -> None:
    row, outcome = sent.delivery, sent.outcome
    match outcome:
        case None:
            row.state = DeliveryState.DROPPED
        case Receipt():
            row.state, row.delivered_at, row.unsure = DeliveryState.DELIVERED, now, False
            row.reference = outcome.reference[:MAX_REFERENCE_CHARACTERS]
        case TargetDown() | TargetDenied():  # says nothing about this delivery
            row.state, row.tries = DeliveryState.WAITING, row.tries - 1
        case TryFailed() if row.tries < rules.tries:
            row.state, row.unsure = DeliveryState.WAITING, row.unsure or outcome.unsure
            row.not_before = now + wait_after(row.tries, rules, outcome)
        case TryFailed():
            row.state, row.unsure = DeliveryState.DEAD, row.unsure or outcome.unsure
        case Conflict():
            row.state = DeliveryState.CONFLICT
        case Unsure():
            row.state, row.unsure = DeliveryState.UNSURE, True
        case _:
            row.state = DeliveryState.DEAD
    failed = isinstance(outcome, GraftworkError)
    row.error_code = outcome.code if isinstance(outcome, GraftworkError) else ""
    row.error_message = outcome.message[:500] if isinstance(outcome, GraftworkError) and failed else ""


def _is_news(row: Delivery) -> bool:
    return row.state in (DeliveryState.DELIVERED, DeliveryState.DROPPED, *LETTERS)


def _event(sent: Sent) -> Event:
    row = sent.delivery
    detail = {"delivery": str(row.pk), "connector": row.connector, "event": row.event, "tries": row.tries}
    return Event(
        f"delivery.{row.state}", f"item:{row.item_id}", detail | ({"code": row.error_code} if row.error_code else {})
    )


def _note_on_lane(row: Lane, file: ConnectorFile, sent: Sequence[Sent], now: datetime) -> bool:
    delivered = sum(isinstance(one.outcome, Receipt) for one in sent)
    failures = [one.outcome for one in sent if isinstance(one.outcome, TargetDown | TargetDenied | TryFailed)]
    whole = next((error for error in failures if not isinstance(error, TryFailed)), None)
    if delivered or not failures:
        note_success(row, now, done=delivered)
    if whole is not None:
        note_failure(row, whole, file, now)
        return False
    if failures and not delivered:
        row.failures += len(failures) - 1
        note_failure(row, failures[-1], file, now)
        if row.paused_at is None:
            # One that fails says little about the others: they go on, until too many have failed in a row.
            row.not_before = None
            row.save(update_fields=["not_before"])
        return row.paused_at is None
    return True
