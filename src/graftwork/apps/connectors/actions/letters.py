"""What a person does with deliveries that need one, and with records that could not come in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.actions.storing import Stored, store_records
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.models import LETTERS, UNFINISHED, Delivery, DeliveryState, Direction, Lane
from graftwork.apps.connectors.queries import is_gone, state_in_words, visible_deliveries, visible_refusals
from graftwork.apps.connectors.sealing import opened_record
from graftwork.core.errors import NotFound, RequestInvalid


def replay(
    actor: Actor, delivery_id: UUID, now: datetime, *, overwrite: bool = False, confirmed: bool = True
) -> Delivery:
    """Send a letter again, with all its tries. `overwrite` delivers it although the place was changed meanwhile.

    One that was possibly sent takes the word of a person who looked, `confirmed`: it has not arrived.
    """
    with transaction.atomic():
        row = _letter(actor, delivery_id)
        if row.state == DeliveryState.UNSURE and not confirmed:
            raise RequestInvalid(
                "delivery", "may have arrived: somebody has to look there first, and say that it has not"
            )
        if overwrite and row.state != DeliveryState.CONFLICT:
            raise RequestInvalid("overwrite", "goes with a delivery whose place has changed")
        if row.state == DeliveryState.UNSURE:
            row.unsure = False
        row.overwrite = row.overwrite or overwrite
        _settle(actor, row, DeliveryState.WAITING, "replayed", now, {"overwrite": overwrite})
    return row


def mark_delivered(actor: Actor, delivery_id: UUID, now: datetime) -> Delivery:
    """A person looked and says that it has arrived. Also for what waits for a connector whose file is gone."""
    with transaction.atomic():
        row = _letter_or_stranded(actor, delivery_id, now)
        row.delivered_at = now
        _settle(actor, row, DeliveryState.DELIVERED, "marked_delivered", now)
        Lane.objects.filter(connector=row.connector, direction=Direction.OUT).update(done=F("done") + 1)
    return row


def drop(actor: Actor, delivery_id: UUID, now: datetime) -> Delivery:
    """It is not to be delivered any more; later ones of the same item go on.

    Also for what waits for a connector whose file is gone: nobody else will ever see to it.
    """
    with transaction.atomic():
        row = _letter_or_stranded(actor, delivery_id, now)
        _settle(actor, row, DeliveryState.DROPPED, "dropped", now)
    return row


def replay_refusals(actor: Actor, name: str, ids: Sequence[UUID], now: datetime) -> Stored:
    """Read records again, by the use case of today; what still cannot become an item stays where it is."""
    file = get_connector(name)
    with transaction.atomic():
        rows = visible_refusals(actor).filter(connector=name, pk__in=ids).select_related("scope_key")
        records = [opened_record(row) for row in rows.select_for_update(of=("self",))]
        record(actor.name, [Event("record.replayed", f"connector:{name}", {"records": len(records)})], now)
        return store_records(actor, file, records, now)


def drop_refusals(actor: Actor, name: str, ids: Sequence[UUID], now: datetime) -> int:
    """Forget records that are not to come in. One that its system gives again is refused again."""
    with transaction.atomic():
        count = visible_refusals(actor).filter(connector=name, pk__in=ids).delete()[0]
        record(actor.name, [Event("record.dropped", f"connector:{name}", {"records": count})], now)
    return count


def _letter(actor: Actor, delivery_id: UUID) -> Delivery:
    row = _locked(actor, delivery_id)
    if row.state not in LETTERS:
        raise _not_for_a_person(row)
    return row


def _letter_or_stranded(actor: Actor, delivery_id: UUID, now: datetime) -> Delivery:
    row = _locked(actor, delivery_id)
    if row.state in LETTERS:
        return row
    if row.state not in UNFINISHED or not is_gone(row.connector):
        raise _not_for_a_person(row)
    if Lane.objects.filter(connector=row.connector, direction=Direction.OUT, lease_expires_at__gt=now).exists():
        # It read the file before that was removed, and would store over what is settled here.
        raise RequestInvalid("delivery", "is in the hands of a worker still; try again in a few minutes")
    return row


def _locked(actor: Actor, delivery_id: UUID) -> Delivery:
    row = visible_deliveries(actor).select_for_update(of=("self",)).filter(pk=delivery_id).first()
    if row is None:
        raise NotFound("delivery", str(delivery_id))
    return row


def _not_for_a_person(row: Delivery) -> RequestInvalid:
    return RequestInvalid("delivery", f"is {state_in_words(row)}: nothing waits for a person there")


def _settle(
    actor: Actor, row: Delivery, state: DeliveryState, verb: str, now: datetime, detail: dict[str, bool] | None = None
) -> None:
    before, row.state = row.state, state
    row.not_before = now
    row.tries = 0 if state == DeliveryState.WAITING else row.tries
    row.save(update_fields=["state", "not_before", "tries", "unsure", "overwrite", "delivered_at"])
    told = {"delivery": str(row.pk), "connector": row.connector, "was": before, **(detail or {})}
    record(actor.name, [Event(f"delivery.{verb}", f"item:{row.item_id}", told)], now)
