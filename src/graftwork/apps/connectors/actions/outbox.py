"""The outbox: a decision is written down for every system that is to get it, in the transaction that stores it."""

from collections.abc import Iterator
from datetime import datetime

from graftwork.apps.connectors.files import all_connectors
from graftwork.apps.connectors.models import Delivery, DeliveryState, Origin
from graftwork.apps.connectors.tasks import wake_pushing
from graftwork.apps.connectors.wanting import EVENTS, wants
from graftwork.apps.work.models import Review
from graftwork.core.errors import UndoTooLate


def put_into_outbox(review: Review, now: datetime) -> None:
    """Write a delivery for each connector that wants this decision; due when it cannot be undone any more.

    A decision that no person made (`simulated`) is delivered nowhere.
    """
    if review.simulated:
        return
    event = EVENTS[review.decision]
    origin = Origin.objects.filter(pk=review.item_id).first()
    names = dict(_wanting(review.item.use_case, event, origin.connector if origin else ""))
    Delivery.objects.bulk_create(
        Delivery(
            item_id=review.item_id, review=review, connector=name, event=event, created_at=now,
            not_before=review.effective_at, certain=certain,
        )
        for name, certain in names.items()
    )  # fmt: skip
    for name in names:
        wake_pushing(name, review.effective_at)


def take_out_of_outbox(review: Review, now: datetime) -> None:
    """The decision was taken back. Raises `UndoTooLate` where it is on its way already."""
    del now
    deliveries = Delivery.objects.select_for_update().filter(review=review)
    if any(delivery.state != DeliveryState.WAITING or delivery.tries for delivery in deliveries):
        raise UndoTooLate(str(review.item_id))
    deliveries.delete()


def _wanting(use_case: str, event: str, brought_by: str) -> Iterator[tuple[str, bool]]:
    """Of a file that cannot be read at this moment nothing is certain: it is asked again before sending."""
    found, broken = all_connectors()
    names = {file.name for file in found}
    yield from ((file.name, True) for file in found if wants(file, use_case, event, brought_by))
    yield from ((name, False) for name in broken)
    if brought_by and brought_by not in names and brought_by not in broken:
        yield brought_by, False  # its file is gone for the moment: what it brought still has to go back
