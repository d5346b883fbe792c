"""All sums anew from raw rows: the same figures, while the pilot goes on."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from support.pilots import NOW, arm_sums, enrol, fold_all, make_draft, make_pilot, outcome, review

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
END = NOW + 90 * DAY


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    from graftwork.apps.pilots.folding import rebuilding

    monkeypatch.setattr(rebuilding, "BATCH_UNITS", 7)


def numbers(data: Any) -> Iterator[tuple[Any, float]]:
    """Every number of the figures, under the place where it stands."""
    from graftwork.core.value.moments import NAMES

    for arm, units in data.enrolled.items():
        yield ("enrolled", arm), units
    yield "reviewers", data.reviewers
    yield from (((name, "running"), getattr(data.running, name) or 0) for name in ("drafts", "accepted", "cost"))
    for metric, sums in data.metrics.items():
        places = {("day", day): arms for day, arms in sums.days}
        places |= {("reviewer", number): arms for number, arms in sums.clusters.items()}
        places |= {(part, value): arms for part, values in sums.segments.items() for value, arms in values.items()}
        for place, arms in places.items():
            for arm, moments in arms.items():
                yield from (((metric, place, arm, name), getattr(moments, name)) for name in NAMES)
        for arm, bins in sums.bins.items():
            yield from (((metric, "bin", arm, number), count) for number, count in bins.items())


def assert_same(data: Any, other: Any) -> None:
    one, two = dict(numbers(data)), dict(numbers(other))
    assert one.keys() == two.keys()
    assert data.oddities == other.oddities
    for place, number in one.items():
        assert number == pytest.approx(two[place], rel=1e-9, abs=1e-9), place


def busy_pilot(make_user: Callable[..., Any], unit: str) -> Any:
    """Three months in which everything happened: out of order, taken back, told later, odd."""
    from graftwork.apps.pilots.models import Due

    chance = random.Random(unit)
    people = [make_user(f"reviewer{number}") for number in range(4)]
    own = ({"kind": "calls", "title": "Calls", "better": "lower"},)
    pilot = make_pilot(arms={"unit": unit}, primary={"winsorise_above": 700.0}, outcomes=own)
    names = [f"unit-{chance.randrange(15)}" for _ in range(50)]
    arms = ["" if unit == "reviewer" else "assisted" if name < "unit-4" else "control" for name in names]
    for number, (name, arm) in enumerate(zip(names, arms, strict=True)):
        came_in = NOW + number * DAY / 3
        [item] = enrol(
            pilot, [arm], at=came_in, units=[name], threads=[f"t{number % 20}"], item_type=chance.choice(["", "claim"]),
            covariate=chance.choice([None, chance.uniform(0, 50)]),
        )  # fmt: skip
        if chance.random() < 0.4:
            make_draft(item, cost="0.02")
        if chance.random() < 0.3:
            review(item, chance.uniform(5, 60), "escalated", at=came_in, reviewer=chance.choice(people))
        seconds = chance.choice([None, -3.0, 900.0, *(chance.uniform(10, 600) for _ in range(9))])
        stored = review(
            item, seconds, chance.choice(["accepted", "edited", "rejected"]),
            at=came_in + chance.randrange(-1, 9) * DAY, reviewer=chance.choice([None, *people]),
        )  # fmt: skip
        if number % 3 == 0:
            fold_all(pilot, came_in + 5 * DAY)
        if chance.random() < 0.2:
            stored.undone_at = came_in
            stored.save()
            Due.objects.create(pilot=pilot, item=item, due_at=came_in)
        for kind in ("csat", "calls", "reopened"):
            if chance.random() < 0.4:
                outcome(item, kind, float(chance.randrange(5)), at=came_in + chance.randrange(30) * DAY)
    fold_all(pilot, END)
    return pilot


@pytest.mark.parametrize("unit", ["item", "thread", "reviewer"])
def test_a_rebuild_gives_the_figures_that_folding_gave(make_user: Callable[..., Any], unit: str) -> None:
    from graftwork.apps.audit.models import AuditEntry
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import rebuild

    pilot = busy_pilot(make_user, unit)
    folded = pilot_data(pilot, END)
    assert folded.metrics["csat"].days
    assert {"clock", "implausible_time"} <= set(folded.oddities)
    told: list[int] = []
    assert not AuditEntry.objects.filter(action="pilot.rebuilt").exists()
    assert rebuild(pilot, END, tell=told.append) == 50
    assert told[-1] == 50
    assert AuditEntry.objects.get(action="pilot.rebuilt").subject == "pilot:note_pilot"
    assert_same(pilot_data(pilot, END), folded)


def test_a_rebuild_mends_sums_that_were_spoilt_and_leaves_other_pilots_alone(make_user: Callable[..., Any]) -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import rebuild
    from graftwork.apps.pilots.models import Bin, Cell, Enrolment, Oddity, SegmentCell

    pilot = busy_pilot(make_user, "item")
    other = make_pilot(name="other", use_case="other_reply")
    [item] = enrol(other, ["control"])
    review(item)
    fold_all(other)
    folded, aside = pilot_data(pilot, END), pilot_data(other, END)
    Oddity.objects.create(pilot=pilot, code="unknown_outcome", count=3)  # no item tells of it again
    Cell.objects.filter(pilot=pilot).update(y=1e9)
    SegmentCell.objects.filter(pilot=pilot, dimension="reviewer").delete()
    Bin.objects.filter(pilot=pilot).update(items=1)
    Enrolment.objects.filter(pilot=pilot).update(folded={"handling_time": [1.0, 1.0], "csat": [9.0, 1.0]})
    rebuild(pilot, END)
    rebuilt = pilot_data(pilot, END)
    assert rebuilt.oddities == {**folded.oddities, "unknown_outcome": 3}
    Oddity.objects.filter(pilot=pilot, code="unknown_outcome").delete()
    assert_same(pilot_data(pilot, END), folded)
    assert pilot_data(other, END) == aside


def test_decisions_go_on_meanwhile_and_are_folded_afterwards(make_user: Callable[..., Any]) -> None:
    from graftwork.apps.pilots.figures import freshness, pilot_data
    from graftwork.apps.pilots.folding.actions import fold, rebuild
    from graftwork.apps.pilots.models import Enrolment, Pilot
    from graftwork.apps.pilots.tasks import due_pilots

    pilot = busy_pilot(make_user, "thread")
    new: list[Any] = []

    def meanwhile(done: int) -> None:
        if not new:
            unit = Enrolment.objects.filter(pilot=pilot).order_by("unit")[0]
            new.extend(enrol(pilot, [unit.arm], at=END))
            Enrolment.objects.filter(item=new[0]).update(unit=unit.unit)  # of a unit that was added up already
            review(new[0], 123.0, at=END)
            assert fold(pilot, END) == 0
            assert due_pilots(END) == []
            assert freshness(Pilot.objects.get(pk=pilot.pk), END).rebuilding

    rebuild(pilot, END, tell=meanwhile)
    assert fold_all(pilot, END) == 2
    went_on = pilot_data(pilot, END)
    rebuild(pilot, END)
    assert_same(pilot_data(pilot, END), went_on)


def test_a_rebuild_that_died_leaves_the_figures_and_holds_others_up_for_minutes_only(
    make_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import fold, rebuild
    from graftwork.apps.pilots.folding.rebuilding import LEASE, RebuildLost

    pilot = busy_pilot(make_user, "item")
    folded = pilot_data(pilot, END)

    def die(done: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(pilot, END, tell=die)
    assert_same(pilot_data(pilot, END), folded)
    enrol(pilot, ["control"], at=END)
    assert fold(pilot, END) == 0
    with pytest.raises(RebuildLost):
        rebuild(pilot, END)
    later = timezone.now() + LEASE
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert fold(pilot, END) == 1
    rebuild(pilot, END)
    assert pilot_data(pilot, END).enrolled["control"] == folded.enrolled["control"] + 1


def test_a_rebuild_that_slept_too_long_gives_way_to_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import rebuild
    from graftwork.apps.pilots.folding.rebuilding import RebuildLost
    from graftwork.apps.pilots.models import Pilot

    pilot = make_pilot()
    for item in enrol(pilot, ["assisted", "control"] * 10):
        review(item)

    def overtaken(done: int) -> None:
        Pilot.objects.filter(pk=pilot.pk).update(rebuilding_at=NOW)

    with pytest.raises(RebuildLost):
        rebuild(pilot, NOW, tell=overtaken)
    Pilot.objects.filter(pk=pilot.pk).update(rebuilding_at=None)
    rebuild(pilot, NOW)
    assert arm_sums(pilot_data(pilot, NOW), "handling_time", "control").units == 10


def test_a_rebuild_counts_by_the_charter_as_it_stands_now() -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import rebuild

    pilot = make_pilot(primary={"winsorise_above": 100.0})
    for item in enrol(pilot):
        review(item, 500.0)
    fold_all(pilot)
    pilot.charter["primary"]["winsorise_above"] = 300.0
    pilot.save()
    rebuild(pilot, NOW)
    assert arm_sums(pilot_data(pilot, NOW), "handling_time", "control").y == 300.0


def test_a_rebuild_that_stood_still_for_longer_than_its_lease_is_lost(
    make_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others fold once the lease is over, so what it had read would replace what they learned."""
    from django.utils import timezone

    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding import actions, rebuilding

    pilot = busy_pilot(make_user, "item")
    fold_all(pilot, END)
    expected = pilot_data(pilot, END)
    late = timezone.now() + 2 * rebuilding.LEASE

    def stand_still(items: int) -> None:
        monkeypatch.setattr(rebuilding.timezone, "now", lambda: late)

    with pytest.raises(rebuilding.RebuildLost):
        actions.rebuild(pilot, END, tell=stand_still)
    assert_same(pilot_data(pilot, END), expected)
    actions.rebuild(pilot, END)
    assert_same(pilot_data(pilot, END), expected)
