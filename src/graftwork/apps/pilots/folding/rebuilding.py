"""All sums anew, from what is stored, while the pilot goes on.

While it is under way nobody else folds, so that what was read once stays true; due items wait. A rebuild that was
killed holds the others up for `LEASE` at most, and leaves the earlier sums as they were.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from graftwork.apps.pilots.folding.batches import as_state, refold
from graftwork.apps.pilots.folding.contributions import Contributions
from graftwork.apps.pilots.folding.storing import add_to_sums, clear_sums
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import GraftworkError

LEASE = timedelta(minutes=5)
BATCH_UNITS = 1_000

Lock = Callable[[Pilot], Pilot | None]


class RebuildLost(GraftworkError):
    """It stood still for longer than its lease, as after a long pause of the machine: others may have folded since."""

    code = "pilot.rebuild_lost"
    summary = "the sums were not made anew: it stood still for too long, or another rebuild began"
    next_step = "Make them anew again, once no other rebuild is under way."


def is_rebuilding(pilot: Pilot, now: datetime) -> bool:
    del now  # leases are about the machine's clock, whatever time a caller folds for
    return pilot.rebuilding_at is not None and pilot.rebuilding_at > timezone.now() - LEASE


def rebuild_from_raw(pilot: Pilot, now: datetime, lock: Lock, tell: Callable[[int], None] | None = None) -> int:
    stamp = _begin(pilot, lock)
    sums, items = Contributions(), 0
    for batch in _batches(pilot, pilot.as_charter):
        with transaction.atomic():
            held, stamp = _renew(pilot, stamp, lock)
            charter = held.as_charter
            # The earlier sums go on to fit what is kept of each item, should this be killed.
            add_to_sums(held, refold(held, charter, batch, now))
        sums.add([as_state(one) for one in batch], charter.arms.unit)
        items += len(batch)
        if tell is not None:
            tell(items)
    with transaction.atomic():
        held, _ = _renew(pilot, stamp, lock)
        clear_sums(held)
        add_to_sums(held, sums)
        Pilot.objects.filter(pk=held.pk).update(rebuilding_at=None)
    return items


def _begin(pilot: Pilot, lock: Lock) -> datetime:
    with transaction.atomic():
        held = lock(pilot)
        if held is None or is_rebuilding(held, timezone.now()):
            raise RebuildLost
        stamp = timezone.now()
        Pilot.objects.filter(pk=pilot.pk).update(rebuilding_at=stamp)
    return stamp


def _renew(pilot: Pilot, stamp: datetime, lock: Lock) -> tuple[Pilot, datetime]:
    """The pilot, locked, and the stamp by which this rebuild is known from now on."""
    held = lock(pilot)
    if held is None or held.rebuilding_at != stamp or not is_rebuilding(held, timezone.now()):
        raise RebuildLost
    held.rebuilding_at = timezone.now()
    held.save(update_fields=["rebuilding_at"])
    return held, held.rebuilding_at


def _batches(pilot: Pilot, charter: Charter) -> Iterator[list[Enrolment]]:
    """All enrolments; those of one unit together. What comes in meanwhile is due, and is folded afterwards."""
    mine = Enrolment.objects.filter(pilot=pilot)
    if charter.arms.unit in ("item", "reviewer"):
        last_pk = 0
        while batch := list(mine.filter(pk__gt=last_pk).order_by("pk")[:BATCH_UNITS]):
            yield batch
            last_pk = batch[-1].pk
        return
    last = ""
    while units := list(
        mine.filter(unit__gt=last).order_by("unit").values_list("unit", flat=True).distinct()[:BATCH_UNITS]
    ):
        yield list(mine.filter(unit__in=units).order_by("pk"))
        last = units[-1]
