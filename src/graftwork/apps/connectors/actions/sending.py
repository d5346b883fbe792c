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
from graftwork.apps.work.locking import lock_free_rows
from graftwork.core.errors import GraftworkError
from graftwork.core.intake.row import clean
from graftwork.systems.contract import Receipt
from graftwork.systems.errors import Conflict, NotWanted, Rejected, TargetDenied, TargetDown, TryFailed, Unsure
from graftwork.systems.file import ConnectorFile, Push

MAX_REFERENCE_CHARACTERS = 200
MAX_MESSAGE_CHARACTERS = 500
LOOK_AT = 50

RESULT = (
    "state", "tries", "not_before", "unsure", "error_code", "error_message", "reference", "delivered_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one delivery: a receipt, or why there is none."""

    delivery: Delivery
    outcome: Receipt | GraftworkError

    @property
    def arrived(self) -> bool:
        return isinstance(self.outcome, Receipt)


def return_interrupted(lane: Lane, rules: Push) -> None:
    """What was being sent when its worker died may have arrived: it is sent again, and told so. Call with the lane.

    After as many deaths as there are tries it is for a person: it may be what kills the worker.
    """
    with transaction.atomic():
        held(lane)
        interrupted = Delivery.objects.filter(connector=lane.connector, state=DeliveryState.SENDING)
        error = Unsure("the worker ended while it was being sent, each time")
        interrupted.filter(tries__gte=rules.tries).update(
            state=DeliveryState.UNSURE, unsure=True, error_code=error.code, error_message=error.message
        )
        interrupted.filter(tries__lt=rules.tries).update(state=DeliveryState.WAITING, unsure=True)


def mark_sending(lane: Lane, now: datetime, at_most: int) -> list[Delivery]:
    """Take up to `at_most` deliveries that are due, oldest first, and commit that they are being sent.

    Of one item only the oldest is ever under way, and none while an older one waits for a person. `tried_at` of the
    rows is still that of the try before. None are taken once a person has stopped the lane.
    """
    with transaction.atomic():
        if held(lane).stopped_at is not None:
            return []
        # Locked, so that a decision that is taken back at this moment is either gone or too late to take back.
        due = Delivery.objects.filter(pk__in=_due(lane.connector, now, at_most), state=DeliveryState.WAITING)
        whole = due.select_related("item__scope_key", "item__origin", "review__reviewer")
        rows = list(lock_free_rows(whole.order_by("not_before", "pk")))
        marked = Delivery.objects.filter(pk__in=[row.pk for row in rows])
        marked.update(state=DeliveryState.SENDING, tries=F("tries") + 1, tried_at=now)
    for row in rows:
        row.state, row.tries = DeliveryState.SENDING, row.tries + 1
    return rows


def _due(connector: str, now: datetime, at_most: int) -> list[UUID]:
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
    return found[:at_most]


def _first_unfinished(connector: str, items: Collection[UUID]) -> dict[UUID, UUID]:
    """By item the oldest delivery that is not done with."""
    rows = Delivery.objects.filter(connector=connector, item__in=items, state__in=UNFINISHED)
    return {item: pk for pk, item in rows.order_by("-pk").values_list("pk", "item_id")}


def store_sent(lane: Lane, file: ConnectorFile, rules: Push, sent: Sequence[Sent], actor: str, now: datetime) -> bool:
    """Store what became of `sent`; false where the lane has to wait now. Raises `LaneLost`, storing nothing.

    One that is gone meanwhile, as with its item, is left out.
    """
    with transaction.atomic():
        lane_row = held(lane)
        told = [_judged(one, lane_row) for one in sent]
        stored = [one for one in told if _store(one, rules, now)]
        record(actor, [_event(one) for one in stored if _is_news(one.delivery)], now)
        return _note_on_lane(lane_row, file, told, now)


def _judged(sent: Sent, lane: Lane) -> Sent:
    """A delivery that is turned away as if the whole system were down, while others pass, fails by itself."""
    if _waits_for_our_own_rate(sent.outcome):
        return sent
    tried_before = sent.delivery.tried_at
    others_pass = tried_before is not None and lane.succeeded_at is not None and lane.succeeded_at >= tried_before
    if others_pass and isinstance(sent.outcome, TargetDown | TargetDenied):
        return Sent(sent.delivery, TryFailed(f"{sent.outcome.reason}, while others arrive"))
    return sent


def _waits_for_our_own_rate(outcome: Receipt | GraftworkError) -> bool:
    return isinstance(outcome, TargetDown) and outcome.ours


def _store(sent: Sent, rules: Push, now: datetime) -> bool:
    row = sent.delivery
    _apply(row, sent.outcome, rules, now)
    same = Delivery.objects.filter(pk=row.pk, state=DeliveryState.SENDING)
    return bool(same.update(**{name: getattr(row, name) for name in RESULT}))


def _apply(row: Delivery, outcome: Receipt | GraftworkError, rules: Push, now: datetime) -> None:
    match outcome:
        case Receipt():
            row.state, row.delivered_at, row.unsure = DeliveryState.DELIVERED, now, False
            row.reference = clean(outcome.reference)[:MAX_REFERENCE_CHARACTERS]
        case TargetDown() | TargetDenied():  # it costs no try, and lets the others go first when it is time again
            row.state, row.tries = DeliveryState.WAITING, row.tries - 1
            row.not_before = now + wait_after(1, rules, outcome)
        case TryFailed() if row.tries < rules.tries:
            row.state, row.unsure = DeliveryState.WAITING, row.unsure or outcome.unsure
            row.not_before = now + wait_after(row.tries, rules, outcome)
        case TryFailed():
            row.state, row.unsure = DeliveryState.DEAD, row.unsure or outcome.unsure
        case Conflict():
            row.state = DeliveryState.CONFLICT
        case Unsure():
            row.state, row.unsure = DeliveryState.UNSURE, True
        case NotWanted() if not row.certain:
            row.state = DeliveryState.DROPPED
        case _:
            row.state = DeliveryState.DEAD
    error = outcome if isinstance(outcome, GraftworkError) else None
    row.error_code = error.code if error else ""
    row.error_message = clean(error.message)[:MAX_MESSAGE_CHARACTERS] if error else ""


def _is_news(row: Delivery) -> bool:
    return row.state in (DeliveryState.DELIVERED, DeliveryState.DROPPED, *LETTERS)


def _event(sent: Sent) -> Event:
    row = sent.delivery
    detail = {"delivery": str(row.pk), "connector": row.connector, "event": row.event, "tries": row.tries}
    return Event(
        f"delivery.{row.state}", f"item:{row.item_id}", detail | ({"code": row.error_code} if row.error_code else {})
    )


def _note_on_lane(row: Lane, file: ConnectorFile, sent: Sequence[Sent], now: datetime) -> bool:
    """Whether the lane goes on at once. What a person has to decide on (a conflict) says nothing about the system."""
    delivered = sum(one.arrived for one in sent)
    whole = [one.outcome for one in sent if isinstance(one.outcome, TargetDown | TargetDenied)]
    single = [one.outcome for one in sent if isinstance(one.outcome, TryFailed | Rejected)]
    if delivered:
        note_success(row, now, done=delivered)
    if whole:
        note_failure(row, next((error for error in whole if not _waits_for_our_own_rate(error)), whole[0]), file, now)
        return False
    if single and not delivered:
        row.failures += len(single) - 1
        note_failure(row, single[-1], file, now)
        if row.paused_at is not None:
            return False
        # One that fails says little about the others: they go on, until too many have failed in a row.
        row.not_before = None
        row.save(update_fields=["not_before"])
    return True
