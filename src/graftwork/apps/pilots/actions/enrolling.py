"""Items take part: which arm they go to, what is known of them beforehand, and when their sums are due.

Called by `work` in its own transactions (see `apps.py`). What a simulated pilot says counts for no real item.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Avg, F

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.models import BaselineTime, Due, Enrolment, Oddity, Pilot, PilotState
from graftwork.apps.pilots.queries import latest_pilot
from graftwork.apps.work.actions.seeding import forget_open, plant
from graftwork.apps.work.hooks import Allocation
from graftwork.apps.work.models import CONTROL, Draft, Item, Outcome, Review
from graftwork.core.charter.arms import BUCKETS, allocate, bucket, unit_digest
from graftwork.core.charter.population import covariate_of, is_eligible, item_type_of, unit_of
from graftwork.core.charter.schema import Charter
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item goes. Without a `pilot` it is told its arm and takes no part: drafts are off."""

    arm: str
    pilot: Pilot | None = None
    unit: str = ""
    bucket: int = 0
    item_type: str = ""
    covariate: float | None = None


def places_of(use_case: UseCase, items: Sequence[NewItem], now: datetime) -> Sequence[Place | None]:
    """Where each new item goes. While a pilot is paused, and after it was stopped, no drafts are made."""
    del now
    pilot = latest_pilot(use_case.name)
    if pilot is None or not items:
        return [None] * len(items)
    if pilot.state == PilotState.RUNNING:
        charter = pilot.as_charter
        means = _baseline_means(pilot) if charter.primary.covariate == "baseline" else {}
        return [_place(pilot, charter, item, means) for item in items]
    return [Place(CONTROL) if drafts_are_off(pilot) else None] * len(items)


def drafts_are_off(pilot: Pilot) -> bool:
    """Whether the latest pilot of a use case keeps new items from being drafted."""
    if pilot.state == PilotState.PAUSED:
        return True
    last = pilot.decisions.order_by("-decided_at", "-pk").first()
    return pilot.state == PilotState.ENDED and last is not None and last.kind == "stop"


def _place(pilot: Pilot, charter: Charter, item: NewItem, means: dict[str, float]) -> Place | None:
    if not is_eligible(charter, item):
        return None
    item_type, covariate = item_type_of(charter, item), covariate_of(charter, item, means)
    if charter.arms.unit == "reviewer":
        # All get drafts; whose arm it is shows when somebody decides on it.
        return Place("", pilot, unit_digest(pilot.salt, item.external_id), 0, item_type, covariate)
    unit = unit_of(charter, item)
    drawn, arm = allocate(charter, pilot.salt, unit)
    return Place(arm, pilot, unit_digest(pilot.salt, unit), drawn, item_type, covariate) if arm else None


def _baseline_means(pilot: Pilot) -> dict[str, float]:
    """The mean time before the pilot of each item type, and of all as ""."""
    rows = BaselineTime.objects.filter(pilot=pilot)
    means = dict(rows.values_list("item_type").annotate(Avg("seconds")))
    overall = rows.aggregate(mean=Avg("seconds"))["mean"]
    return means if overall is None else {**means, "": overall}


def enrol(placed: Sequence[tuple[Item, Allocation]], now: datetime) -> None:
    """Write down who takes part, in the transaction that stores the items."""
    rows = [
        Enrolment(
            pilot=place.pilot,
            item=item,
            unit=place.unit,
            bucket=place.bucket,
            arm=place.arm,
            item_type=place.item_type,
            covariate=place.covariate,
            enrolled_at=now,
        )
        for item, place in placed
        if isinstance(place, Place) and place.pilot is not None
    ]
    Enrolment.objects.bulk_create(rows)
    Due.objects.bulk_create([Due(pilot=row.pilot, item=row.item, due_at=now) for row in rows])


def note_move(use_case: UseCase, item: Item, new: NewItem, now: datetime) -> None:
    """An item came again with other content: where that names another unit it stays in its arm, and is counted."""
    del use_case
    row = Enrolment.objects.select_related("pilot").filter(item=item, moved_at=None).first()
    if row is None:
        return
    charter = row.pilot.as_charter
    if charter.arms.unit == "reviewer" or unit_digest(row.pilot.salt, unit_of(charter, new)) == row.unit:
        return
    row.moved_at = now
    row.save(update_fields=["moved_at"])
    count_oddity(row.pilot, "moved")


def count_oddity(pilot: Pilot, code: str, number: int = 1) -> None:
    Oddity.objects.get_or_create(pilot=pilot, code=code)
    Oddity.objects.filter(pilot=pilot, code=code).update(count=F("count") + number)


def review_is_due(review: Review, now: datetime) -> None:
    """A decision counts once it can no longer be undone."""
    del now
    _are_due([review.item_id], review.effective_at)


def review_was_undone(review: Review, now: datetime) -> None:
    _are_due([review.item_id], now)


def outcome_is_due(outcome: Outcome, now: datetime) -> None:
    _are_due([outcome.item_id], now)


def drafts_are_due(use_case: UseCase, drafts: Sequence[Draft], now: datetime) -> None:
    """A draft costs money whether or not somebody decides on it."""
    del use_case
    _are_due([draft.item_id for draft in drafts], now)


def _are_due(item_ids: Sequence[UUID], when: datetime) -> None:
    """Mark those of the items that take part."""
    rows = Enrolment.objects.filter(item__in=item_ids).values_list("pilot_id", "item_id")
    Due.objects.bulk_create([Due(pilot_id=pilot, item_id=item, due_at=when) for pilot, item in rows])


def withholds(item: Item, user_id: int | None) -> bool:
    """Whether reviewers are drawn and this one is a control: they work without the draft that the item has.

    That lasts as long as the item does. A pause or the end of the pilot changes nothing for what takes part: a draft
    that a control was shown would be counted against the arm that had none.
    """
    if user_id is None:
        return False
    row = Enrolment.objects.select_related("pilot").filter(item=item).first()
    if row is None:
        return False
    charter = row.pilot.as_charter
    return charter.arms.unit == "reviewer" and allocate(charter, row.pilot.salt, str(user_id))[1] == CONTROL


def plant_seeds(use_case: UseCase, drafts: Sequence[Draft], now: datetime) -> None:
    """Put a statement known to be wrong into a share of the drafts, where the charter says so."""
    pilot = latest_pilot(use_case.name)
    if pilot is None or pilot.state != PilotState.RUNNING or use_case.output.type != "text":
        return
    seeds = pilot.as_charter.seeds
    if not seeds.share:
        return
    enrolled = set(
        Enrolment.objects.filter(item__in=[draft.item_id for draft in drafts]).values_list("item", flat=True)
    )
    buckets = {draft.item_id: bucket(pilot.salt, f"seed:{draft.item_id}") for draft in drafts}
    drawn = [one for one in drafts if one.item_id in enrolled and buckets[one.item_id] < seeds.share * BUCKETS]
    planted = [
        draft.item_id
        for draft in drawn
        if plant(draft, seeds.statements[buckets[draft.item_id] % len(seeds.statements)], now)
    ]
    record("pilot", [Event("seed.planted", f"item:{pk}", {"pilot": pilot.name}) for pk in planted], now)


def take_out_seeds(pilot: Pilot, now: datetime) -> None:
    """What was planted and nobody has decided on is shown no more: the pilot is over, or plants nothing any longer."""
    forget_open(Enrolment.objects.filter(pilot=pilot).values("item"), now)
