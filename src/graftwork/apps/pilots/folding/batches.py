"""Bringing what is kept of a batch of items up to date, and saying by how much the sums change."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from graftwork.apps.adoption.queries import working_since
from graftwork.apps.pilots.folding.contributions import ODDITY, Contributions, State
from graftwork.apps.pilots.folding.raw import Reviews, read_raw, read_reviews
from graftwork.apps.pilots.models import Due, Enrolment, Pilot
from graftwork.core.adoption import tenure_band
from graftwork.core.appraisal.measuring import MOST_VALUE, Measured, deciding_review, measure
from graftwork.core.charter.arms import allocate, unit_digest
from graftwork.core.charter.schema import Charter, Unit

_KEPT = ["unit", "bucket", "arm", "day", "reviewer", "tenure", "folded"]


def refold(pilot: Pilot, charter: Charter, enrolments: Sequence[Enrolment], now: datetime) -> Contributions:
    """Measure these items anew and keep what they give now; returns the change of the sums.

    Where a unit has several items, `enrolments` may be some of them. Call it under the pilot's lock.
    """
    before = [as_state(one) for one in enrolments]
    reviews = read_reviews(pilot, [one.item_id for one in enrolments], now)
    if charter.arms.unit == "reviewer":
        _draw_by_reviewer(pilot, charter, enrolments, reviews)
    raw = read_raw(enrolments, reviews, now)
    measured = {one.item_id: measure(raw[one.item_id], charter) for one in enrolments}
    _set_results(pilot.use_case, enrolments, measured)
    after = [as_state(one) for one in enrolments]
    changed = {one.item for one, earlier in zip(after, before, strict=True) if one != earlier}
    _keep([one for one in enrolments if one.item_id in changed])
    _look_again(pilot, measured)
    return _change(pilot, charter.arms.unit, before, after, changed)


def _change(pilot: Pilot, unit: Unit, before: list[State], after: list[State], changed: set[UUID]) -> Contributions:
    """What did not change is left out: taking it away and adding it again would leave the dust of rounding."""
    others: list[State] = []
    if unit in ("thread", "customer"):
        units = {one.unit for one in after if one.item in changed}
        changed = {one.item for one in after if one.unit in units}
        others = _others(pilot, units, changed)
    changes = Contributions()
    changes.add([*(one for one in before if one.item in changed), *others], unit, sign=-1)
    changes.add([*(one for one in after if one.item in changed), *others], unit)
    return changes


def as_state(enrolment: Enrolment) -> State:
    return State(
        item=enrolment.item_id,
        unit=enrolment.unit,
        arm=enrolment.arm,
        x=_plausible(enrolment.covariate),
        item_type=enrolment.item_type,
        enrolled_on=enrolment.enrolled_at.astimezone(UTC).date(),
        day=enrolment.day,
        reviewer=enrolment.reviewer,
        tenure=enrolment.tenure,
        folded=enrolment.folded,
    )


def _plausible(covariate: float | None) -> float:
    """An unknown covariate narrows no interval, and as 0 it moves no difference either: arms are drawn without it."""
    return covariate if covariate is not None and abs(covariate) <= MOST_VALUE else 0.0


def _draw_by_reviewer(pilot: Pilot, charter: Charter, enrolments: Sequence[Enrolment], reviews: Reviews) -> None:
    """An item goes with the first person who decides on it, and stays there."""
    for one in enrolments:
        deciding = deciding_review(reviews.get(one.item_id, ()))
        if not one.arm and deciding is not None and deciding.reviewer is not None:
            unit = str(deciding.reviewer)
            one.bucket, one.arm = allocate(charter, pilot.salt, unit)
            one.unit = unit_digest(pilot.salt, unit)


def _set_results(use_case: str, enrolments: Sequence[Enrolment], measured: dict[UUID, Measured]) -> None:
    since = working_since(use_case, {one.reviewer for one in measured.values()})
    for one in enrolments:
        found = measured[one.item_id]
        one.day = found.day
        one.reviewer = found.reviewer or 0
        one.tenure = ""
        if found.decided_at is not None and found.reviewer is not None:
            one.tenure = tenure_band(since.get(found.reviewer), found.decided_at.date())
        one.folded = {
            **{key: list(values) for key, values in found.values.items()},
            **{ODDITY + code: [1.0, 1.0] for code in sorted(found.oddities)},
        }


def _others(pilot: Pilot, units: set[str], known: set[UUID]) -> list[State]:
    """The other items of the same units: the square of a sum needs all of its parts."""
    found = Enrolment.objects.filter(pilot=pilot, unit__in=units)
    return [as_state(one) for one in found.iterator() if one.item_id not in known]


def _keep(enrolments: Sequence[Enrolment]) -> None:
    """One statement a few hundred rows; each row's other columns are left as they are."""
    Enrolment.objects.bulk_create(
        enrolments, batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=_KEPT
    )


def _look_again(pilot: Pilot, measured: dict[UUID, Measured]) -> None:
    wanted = {(item, when) for item, found in measured.items() for when in found.again_at}
    known = Due.objects.filter(pilot=pilot, item__in=list(measured))
    there = set(known.values_list("item_id", "due_at")) if wanted else set()
    Due.objects.bulk_create(_due(pilot, sorted(wanted - there)), batch_size=1_000)


def _due(pilot: Pilot, wanted: Sequence[tuple[UUID, datetime]]) -> Iterator[Due]:
    return (Due(pilot=pilot, item_id=item, due_at=when) for item, when in wanted)
