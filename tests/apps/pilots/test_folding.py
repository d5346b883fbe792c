"""Items go into the sums once, whatever is folded, how often, by whom and in which order."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from support.pilots import NOW, arm_sums, enrol, fold_all, make_draft, make_pilot, outcome, review

DAY = timedelta(days=1)


def data_of(pilot: Any, now: Any = NOW) -> Any:
    from graftwork.apps.pilots.figures import pilot_data

    pilot.refresh_from_db()
    return pilot_data(pilot, now)


def due_again(pilot: Any, items: list[Any], now: Any = NOW) -> None:
    from graftwork.apps.pilots.models import Due

    Due.objects.bulk_create(Due(pilot=pilot, item=item, due_at=now) for item in items)


@pytest.mark.django_db
def test_a_decision_reaches_the_sums_when_it_takes_effect() -> None:
    from graftwork.apps.pilots.folding.actions import fold

    pilot = make_pilot()
    item, other = enrol(pilot)
    review(item, 100.0, undo_seconds=10)
    review(other, 160.0)
    assert fold_all(pilot) == 3
    assert arm_sums(data_of(pilot), "handling_time", "assisted").units == 0
    assert arm_sums(data_of(pilot), "handling_time", "control").y == 160.0
    assert fold(pilot, NOW + timedelta(seconds=10)) == 1
    assert arm_sums(data_of(pilot), "handling_time", "assisted").yy == 100.0**2


@pytest.mark.django_db
def test_folding_the_same_items_again_changes_nothing() -> None:
    pilot = make_pilot()
    items = enrol(pilot, ["assisted", "control"] * 5)
    for number, item in enumerate(items):
        review(item, 100.0 + number / 3)
    fold_all(pilot)
    before = data_of(pilot)
    due_again(pilot, items * 2)
    assert fold_all(pilot) == 20
    assert data_of(pilot) == before


@pytest.mark.django_db
def test_a_decision_that_was_taken_back_leaves_no_trace() -> None:
    from graftwork.apps.pilots.models import Due

    pilot = make_pilot()
    item, _ = enrol(pilot)
    fold_all(pilot)
    before = data_of(pilot)
    stored = review(item, 100.0, drafted=False)
    fold_all(pilot)
    assert data_of(pilot) != before
    stored.undone_at = NOW
    stored.save()
    Due.objects.create(pilot=pilot, item=item, due_at=NOW)
    fold_all(pilot)
    after = data_of(pilot)
    assert arm_sums(after, "handling_time", "assisted").units == 0
    assert after.metrics["handling_time"].clusters == {}
    assert after.metrics["handling_time"].bins == {}


@pytest.mark.django_db
def test_what_is_learned_later_replaces_what_was_known() -> None:
    pilot = make_pilot()
    item, _ = enrol(pilot)
    review(item)
    outcome(item, "csat", 2.0)
    fold_all(pilot)
    outcome(item, "csat", 5.0, at=NOW + DAY)
    fold_all(pilot, NOW + DAY)
    sums = arm_sums(data_of(pilot), "csat", "assisted")
    assert (sums.units, sums.y, sums.yy) == (1, 5.0, 25.0)


@pytest.mark.django_db
def test_what_the_charters_days_tell_is_looked_at_when_they_are_over() -> None:
    pilot = make_pilot()
    item, followed, later = enrol(pilot, ["assisted"] * 3, threads=["one", "two", "two"])
    later.created_at = NOW + DAY
    later.save()
    review(item)
    review(followed)
    fold_all(pilot)
    assert arm_sums(data_of(pilot), "first_contact_resolution", "assisted").units == 0
    assert fold_all(pilot, NOW + 6 * DAY) == 0
    assert fold_all(pilot, NOW + 7 * DAY) == 2
    sums = arm_sums(data_of(pilot), "first_contact_resolution", "assisted")
    assert (sums.units, sums.y) == (2, 1.0)
    assert arm_sums(data_of(pilot), "reopen_rate", "assisted").units == 0
    assert fold_all(pilot, NOW + 14 * DAY) == 2
    assert arm_sums(data_of(pilot), "reopen_rate", "assisted").units == 2
    assert fold_all(pilot, NOW + 99 * DAY) == 0


@pytest.mark.django_db
def test_looking_again_is_put_down_once_however_often_an_item_is_folded() -> None:
    from graftwork.apps.pilots.models import Due

    pilot = make_pilot()
    item, _ = enrol(pilot)
    review(item)
    fold_all(pilot)
    due_again(pilot, [item, item])
    fold_all(pilot)
    assert Due.objects.filter(item=item).count() == 2  # one for each rule


@pytest.mark.django_db
def test_a_failure_in_the_middle_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from graftwork.apps.pilots.folding import actions
    from graftwork.apps.pilots.models import Cell, Due, Enrolment

    pilot = make_pilot()
    for item in enrol(pilot):
        review(item)

    def add_and_die(*args: Any) -> None:
        add(*args)
        raise KeyboardInterrupt

    add = actions.add_to_sums
    monkeypatch.setattr(actions, "add_to_sums", add_and_die)
    with pytest.raises(KeyboardInterrupt):
        actions.fold(pilot, NOW)
    assert not Cell.objects.exists()
    assert not Enrolment.objects.exclude(folded={}).exists()
    assert Due.objects.count() == 4
    monkeypatch.undo()
    fold_all(pilot)
    assert arm_sums(data_of(pilot), "handling_time", "control").units == 1


@pytest.mark.django_db
def test_real_reviews_count_in_real_pilots_and_simulated_ones_in_simulated_pilots() -> None:
    real = make_pilot()
    made_up = make_pilot(name="made_up", use_case="other_reply", simulated=True)
    for pilot in (real, made_up):
        first, second = enrol(pilot, ["control", "control"])
        review(first, 100.0)
        review(second, 900.0, simulated=True)
        fold_all(pilot)
    assert arm_sums(data_of(real), "handling_time", "control").y == 100.0
    assert arm_sums(data_of(made_up), "handling_time", "control").y == 900.0
    assert data_of(made_up).simulated


@pytest.mark.django_db
def test_units_of_several_items_are_squared_by_unit_and_segments_by_their_part(make_user: Callable[..., Any]) -> None:
    rita, omar = make_user("rita"), make_user("omar")
    pilot = make_pilot(arms={"unit": "thread"})
    one = enrol(pilot, ["assisted"] * 2, units=["t1", "t1"], covariate=3.0)
    two = enrol(pilot, ["assisted"], units=["t2"], item_type="claim")
    review(one[0], 100.0, reviewer=rita)
    review(one[1], 50.0, reviewer=omar, at=NOW + DAY)
    review(two[0], 30.0, reviewer=rita)
    fold_all(pilot, NOW + DAY)
    data = data_of(pilot)
    sums = arm_sums(data, "handling_time", "assisted")
    assert (sums.units, sums.y, sums.d, sums.x) == (2, 180.0, 3.0, 3.0)
    assert (sums.yy, sums.dd, sums.yd, sums.yx) == (150.0**2 + 30.0**2, 5.0, 330.0, 450.0)
    days = {day: arms["assisted"] for day, arms in data.metrics["handling_time"].days}
    assert (days[NOW.date()].units, days[NOW.date()].yy) == (2, 100.0**2 + 30.0**2)
    assert (days[date(2026, 11, 23)].units, days[date(2026, 11, 23)].y) == (0, 50.0)
    clusters = data.metrics["handling_time"].clusters
    assert (clusters[rita.pk]["assisted"].units, clusters[rita.pk]["assisted"].yy) == (2, 100.0**2 + 30.0**2)
    assert clusters[omar.pk]["assisted"].y == 50.0
    assert data.metrics["handling_time"].segments["item_type"]["claim"]["assisted"].y == 30.0
    assert data.enrolled == {"assisted": 2, "control": 0}


@pytest.mark.django_db
@pytest.mark.parametrize("unit", ["item", "thread", "reviewer"])
def test_the_order_in_which_items_are_folded_does_not_matter(unit: str, make_user: Callable[..., Any]) -> None:
    """Units are folded piece by piece and out of their order; the sums are those of all at once."""
    from graftwork.apps.pilots.folding.actions import fold, rebuild
    from graftwork.apps.pilots.models import Due

    people = [make_user(f"reviewer{number}") for number in range(3)]
    pilot = make_pilot(arms={"unit": unit})
    chance = random.Random(unit)
    names = [f"unit-{chance.randrange(8)}" for _ in range(30)]
    arms = ["" if unit == "reviewer" else "assisted" if name < "unit-4" else "control" for name in names]
    items = enrol(pilot, arms, units=names if unit == "thread" else (), item_type="claim")
    for item in items:
        review(item, chance.uniform(10, 900), reviewer=chance.choice(people), at=NOW + chance.randrange(5) * DAY)
    end = NOW + 60 * DAY
    Due.objects.all().delete()
    for item in chance.sample(items, len(items)):
        due_again(pilot, [item])
        fold(pilot, end, at_most=1)
    piecewise = data_of(pilot)
    rebuild(pilot, end)
    at_once = data_of(pilot)
    assert at_once.enrolled == piecewise.enrolled
    for metric, sums in at_once.metrics.items():
        other = piecewise.metrics[metric]
        assert [day for day, _ in sums.days] == [day for day, _ in other.days]
        for (_, arms_once), (_, arms_piecewise) in zip(sums.days, other.days, strict=True):
            for arm, moments in arms_once.items():
                assert terms(moments) == pytest.approx(terms(arms_piecewise[arm]), rel=1e-9, abs=1e-6)
        assert sums.bins == other.bins


def terms(moments: Any) -> list[float]:
    from graftwork.core.value.moments import NAMES

    return [getattr(moments, name) for name in NAMES]


@pytest.mark.django_db
def test_where_reviewers_are_drawn_the_first_decision_puts_an_item_into_their_arm(
    make_user: Callable[..., Any],
) -> None:
    from graftwork.apps.pilots.figures import enrolled_units
    from graftwork.apps.pilots.models import Enrolment
    from graftwork.core.charter.arms import allocate, unit_digest

    people = [make_user(f"reviewer{number}") for number in range(12)]
    pilot = make_pilot(arms={"unit": "reviewer"})
    arm_of = {one.pk: allocate(pilot.as_charter, pilot.salt, str(one.pk))[1] for one in people}
    items = enrol(pilot, [""] * 24)
    for number, item in enumerate(items[:-1]):
        review(item, 100.0, reviewer=people[number // 2])
    fold_all(pilot)
    rows = Enrolment.objects.filter(item__in=items[:-1])
    assert all(row.arm == arm_of[row.reviewer] for row in rows)
    assert {row.unit for row in rows} == {unit_digest(pilot.salt, str(one.pk)) for one in people}
    assert Enrolment.objects.get(item=items[-1]).arm == ""
    data = data_of(pilot)
    drawn = {arm: sum(one == arm for one in arm_of.values()) for arm in ("assisted", "control")}
    assert data.enrolled == enrolled_units(pilot) == drawn
    clusters = data.metrics["handling_time"].clusters
    assert {number: set(arms) for number, arms in clusters.items()} == {pk: {arm} for pk, arm in arm_of.items()}
    assert data.reviewers == 12


@pytest.mark.django_db
def test_a_decision_by_a_program_belongs_to_no_arm_where_reviewers_are_drawn() -> None:
    pilot = make_pilot(arms={"unit": "reviewer"})
    [item] = enrol(pilot, [""])
    review(item, 100.0, reviewer=None)
    fold_all(pilot)
    assert data_of(pilot).metrics["handling_time"].days == []


@pytest.mark.django_db
def test_oddities_are_counted_once_an_item_and_taken_back_with_it() -> None:
    from graftwork.apps.pilots.models import Due

    pilot = make_pilot()
    item, other = enrol(pilot)
    early = review(item, -5.0, at=NOW - 3 * DAY)
    review(other, 400 * 86_400.0)
    fold_all(pilot)
    due_again(pilot, [item, other])
    fold_all(pilot)
    data = data_of(pilot)
    assert data.oddities == {"clock": 1, "implausible_time": 2}
    assert data.metrics["escalations"].days[0][0] == NOW.date()
    assert data.metrics["handling_time"].days == []
    early.undone_at = NOW
    early.save()
    Due.objects.create(pilot=pilot, item=item, due_at=NOW)
    fold_all(pilot)
    assert data_of(pilot).oddities == {"implausible_time": 1}


@pytest.mark.django_db
def test_tenure_is_counted_from_the_day_on_which_somebody_joined(make_user: Callable[..., Any]) -> None:
    pilot = make_pilot()
    joined = {"new": 1, "old": 100, "oldest": 900}
    for name, days in joined.items():
        person = make_user(name)
        person.date_joined = NOW - days * DAY
        person.save()
        [item] = enrol(pilot, ["control"])
        review(item, float(days), reviewer=person)
    [item] = enrol(pilot, ["control"])
    review(item, 7.0)
    fold_all(pilot)
    by_tenure = data_of(pilot).metrics["handling_time"].segments["tenure"]
    assert {value: arms["control"].y for value, arms in by_tenure.items()} == {
        "first month": 1.0,
        "1 to 6 months": 100.0,
        "over 6 months": 900.0,
    }


@pytest.mark.django_db
def test_tenure_is_that_of_the_invitation_where_it_is_told(make_user: Callable[..., Any]) -> None:
    from graftwork.apps.adoption.models import Invitation

    pilot = make_pilot()
    person = make_user("rita")
    person.date_joined = NOW - DAY
    person.save()
    Invitation.objects.create(
        use_case=pilot.use_case, user=person, invited_at=NOW, works_since=(NOW - 900 * DAY).date()
    )
    [item] = enrol(pilot, ["control"])
    review(item, reviewer=person)
    fold_all(pilot)
    assert set(data_of(pilot).metrics["handling_time"].segments["tenure"]) == {"over 6 months"}


@pytest.mark.django_db
def test_who_is_behind_a_tenure_is_known_for_those_with_items_of_both_arms(make_user: Callable[..., Any]) -> None:
    pilot = make_pilot()
    both, one_arm = make_user("both"), make_user("one")
    for person, arms in ((both, ["assisted", "control"]), (one_arm, ["assisted"])):
        for item in enrol(pilot, arms):
            review(item, reviewer=person)
    fold_all(pilot)
    data = data_of(pilot)
    assert data.tenure_people == {"first month": {both.pk}}
    assert "tenure_people" not in data.metrics["handling_time"].segments


@pytest.mark.django_db
def test_items_that_wait_after_an_escalation_are_escalations_and_not_decided(make_user: Callable[..., Any]) -> None:
    pilot = make_pilot()
    escalated, settled, waiting, control = enrol(pilot, ["assisted"] * 3 + ["control"])
    review(escalated, decision="escalated")
    review(settled)
    review(control)
    fold_all(pilot)
    data = data_of(pilot)
    assert (data.items, data.settled) == ({"assisted": 3, "control": 1}, {"assisted": 1, "control": 1})
    assert (arm_sums(data, "escalations", "assisted").y, arm_sums(data, "escalations", "assisted").d) == (1.0, 2.0)
    review(escalated, at=NOW + DAY)
    fold_all(pilot, NOW + DAY)
    assert data_of(pilot).settled == {"assisted": 2, "control": 1}
    sums = arm_sums(data_of(pilot), "escalations", "assisted")
    assert (sums.units, sums.y, sums.d) == (2.0, 1.0, 2.0)
    assert waiting.pk


@pytest.mark.django_db
def test_the_covariate_of_a_thread_is_that_of_its_first_item_whichever_is_decided_first() -> None:
    pilot = make_pilot(arms={"unit": "thread"}, primary={"covariate": "characters"})
    [first] = enrol(pilot, ["control"], units=["one"], covariate=10.0)
    [second] = enrol(pilot, ["control"], units=["one"], covariate=99.0)
    review(second)
    fold_all(pilot)
    assert arm_sums(data_of(pilot), "handling_time", "control").x == 10.0
    review(first, at=NOW + DAY)
    fold_all(pilot, NOW + DAY)
    sums = arm_sums(data_of(pilot), "handling_time", "control")
    assert (sums.units, sums.x, sums.xx) == (1.0, 10.0, 100.0)


@pytest.mark.django_db
def test_few_buckets_are_no_imbalance() -> None:
    from graftwork.apps.pilots.folding.actions import check_balance
    from graftwork.apps.pilots.models import Cell

    pilot = make_pilot(arms={"assisted": 0.5}, population={"share": 0.0003})  # two buckets assisted, one control
    for arm, units in (("assisted", 2_000), ("control", 1_000)):
        Cell.objects.create(pilot=pilot, metric="enrolled", arm=arm, day=NOW.date(), units=units, d=units)
    assert not check_balance(pilot, NOW)
    assert data_of(pilot).enrolled == {"assisted": 2_000, "control": 1_000}
    lone = make_pilot(name="lone", use_case="lone_reply", population={"share": 0.0001})
    assert not check_balance(lone, NOW)


@pytest.mark.django_db
def test_a_draft_is_paid_for_whether_or_not_anybody_decides() -> None:
    pilot = make_pilot()
    item, other, control = enrol(pilot, ["assisted", "assisted", "control"])
    make_draft(item, cost="0.02")
    make_draft(item, cost="0.03")
    make_draft(other, total_ms=5_000.0)
    make_draft(control, cost="9.00")
    review(item, drafted=True)
    fold_all(pilot)
    running = data_of(pilot).running
    assert (running.drafts, running.accepted, running.currency) == (3, 1, "EUR")
    assert (running.cost, running.priced) == (pytest.approx(0.05), 2)
    assert running.tokens == 450
    assert running.mean_draft_ms == pytest.approx(3_000.0)


@pytest.mark.django_db
def test_an_unknown_or_absurd_covariate_counts_as_none_and_spoils_no_sum() -> None:
    pilot = make_pilot()
    for covariate in (None, 1e300, 40.0):
        [item] = enrol(pilot, ["control"], covariate=covariate)
        review(item)
    fold_all(pilot)
    sums = arm_sums(data_of(pilot), "handling_time", "control")
    assert (sums.units, sums.x, sums.xx) == (3, 40.0, 1_600.0)


@pytest.mark.django_db
def test_a_thread_of_many_items_is_followed_by_the_next_one_only() -> None:
    pilot = make_pilot()
    items = enrol(pilot, ["control"] * 3, threads=["one"] * 3)
    for number, item in enumerate(items):
        item.created_at = NOW + number * 5 * DAY
        item.save()
        review(item, at=item.created_at)
    fold_all(pilot, NOW + 99 * DAY)
    sums = arm_sums(data_of(pilot), "first_contact_resolution", "control")
    assert (sums.units, sums.y) == (3, 1.0)


@pytest.mark.django_db
def test_the_time_of_an_item_with_a_planted_draft_is_left_out_even_where_that_was_taken_out_again() -> None:
    from graftwork.apps.work.models import SeededDraft

    pilot = make_pilot()
    items = enrol(pilot, ["assisted"] * 3)
    for item in items:
        review(item, 100.0)
    for item, taken_out in zip(items, (None, NOW), strict=False):
        SeededDraft.objects.create(
            draft=item.drafts.get(),
            item=item,
            text_sealed=b"",
            statement_sealed=b"",
            planted_at=NOW,
            withdrawn_at=taken_out,
        )
    fold_all(pilot)
    assert arm_sums(data_of(pilot), "handling_time", "assisted").units == 1
    assert arm_sums(data_of(pilot), "escalations", "assisted").units == 3


@pytest.mark.django_db
def test_what_is_decided_after_the_end_counts_nowhere() -> None:
    pilot = make_pilot()
    before, after = enrol(pilot, ["assisted"] * 2)
    review(before, 100.0)
    review(after, 100.0, at=NOW + timedelta(hours=2))
    pilot.ended_at = NOW + timedelta(hours=1)
    pilot.save()
    fold_all(pilot, NOW + timedelta(days=1))
    assert arm_sums(data_of(pilot), "handling_time", "assisted").units == 1
