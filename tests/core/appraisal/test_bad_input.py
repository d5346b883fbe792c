"""What a pilot may be given that makes no sense: a plain sentence instead of a wrong figure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.appraisal.appraise import appraise
from graftwork.core.appraisal.data import Appraisal, Arm, MetricSums, PilotData
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import Moments
from support.appraisals import STARTED, Drawn, Row, baseline, charter, data_of, pilot_data, rows

TWO_WEEKS = Drawn(days=14)
AMENDED = (
    "The charter was changed after the start (1 amendment): what was counted before was counted under the charter of "
    "that time."
)
MACHINE_WORDS = re.compile(r"\b(nan|none|inf|infinity|null)\b|\de[+-]\d", re.IGNORECASE)


def sentences(found: Appraisal) -> list[str]:
    guards = [guard.sentence for guard in found.guards]
    return [found.verdict.sentence, *found.verdict.reasons, *guards, found.money.sentence, *found.notes]


def timed(seconds: Sequence[tuple[float, float]], per_day: int = 60) -> PilotData:
    """A pilot with these (assisted, control) seconds on its days, each the mean of two values 10 s apart."""
    days = []
    for at, (assisted, control) in enumerate(seconds):
        arms: dict[Arm, float] = {"assisted": assisted, "control": control}
        sums = {
            arm: Moments.total(Moments.of(mean + 10 * (-1) ** number) for number in range(per_day))
            for arm, mean in arms.items()
        }
        days.append((STARTED.date() + timedelta(days=at), sums))
    enrolled: dict[Arm, int] = {"assisted": per_day * len(days), "control": per_day * len(days)}
    data = pilot_data(TWO_WEEKS, as_of=STARTED + timedelta(days=len(days)), enrolled=enrolled)
    return replace(data, metrics={"handling_time": MetricSums(days)})


def with_times(items: list[Row], seconds: float | None) -> list[Row]:
    """The same items, all with this time, or each with its own."""
    return [
        replace(row, values={**row.values, "handling_time": (seconds or row.values["handling_time"][0], 1.0)})
        for row in items
    ]


@pytest.mark.parametrize("arm", ["assisted", "control"])
def test_an_empty_arm_is_no_arm_of_zeros(arm: Arm) -> None:
    found = appraise(charter(), data_of([row for row in rows(TWO_WEEKS) if row.arm != arm]))

    assert found.primary.now.difference is None
    assert found.primary.arms[arm] is None
    assert f"The {arm} arm is empty: without it there is no comparison" in "\n".join(found.notes)
    assert found.verdict.ruling == "invalid"  # 50 % of more than a thousand items were to be there


def test_an_arm_that_is_empty_by_chance_is_too_early_to_judge() -> None:
    found = appraise(charter(), data_of([row for row in rows(Drawn(days=1, per_day=10)) if row.arm == "assisted"]))

    assert found.verdict.ruling == "early"
    assert "The control arm is empty" in "\n".join(found.notes)


def test_a_pilot_that_has_not_started_says_so_and_nothing_else() -> None:
    data = replace(pilot_data(Drawn(days=0)), started_at=None, ends_at=None)
    found = appraise(charter(), data)

    assert found.verdict.sentence == "The pilot has not started, so there is nothing to say yet."
    assert found.notes == ()


def test_a_pilot_without_a_decision_says_that_there_is_nothing_to_compare() -> None:
    undecided = pilot_data(Drawn(days=0), enrolled={"assisted": 20, "control": 22})

    assert (
        "No item has a value of handling time yet, so there is nothing to compare."
        in appraise(charter(), undecided).notes
    )
    assert "No item takes part yet." in appraise(charter(), pilot_data(Drawn(days=0))).notes


def test_one_reviewer_is_one_person() -> None:
    found = appraise(charter(), pilot_data(Drawn(days=14, reviewers=1)))

    assert "One reviewer made all decisions" in "\n".join(found.notes)
    assert found.primary.others == []  # one reviewer is no sample of reviewers


def test_one_drawn_reviewer_gives_no_interval() -> None:
    found = appraise(charter(arms={"unit": "reviewer"}), pilot_data(Drawn(days=14, reviewers=1, unit="reviewer")))

    assert found.primary.now.low is None
    assert found.verdict.ruling == "early"


def test_all_times_equal_give_no_interval_and_no_verdict() -> None:
    found = appraise(charter(), data_of(with_times(rows(TWO_WEEKS), 300.0)))

    assert found.primary.now.trouble == "no_spread"
    assert found.primary.now.low is None
    assert found.verdict.ruling == "watch"
    assert "All values of handling time are the same within each arm" in "\n".join(found.notes)


def test_times_without_spread_in_one_arm_are_named() -> None:
    items = rows(TWO_WEEKS)
    assisted = with_times([row for row in items if row.arm == "assisted"], 300.0)
    found = appraise(charter(), data_of([*assisted, *(row for row in items if row.arm == "control")]))

    assert "All values of handling time in the assisted arm are the same" in "\n".join(found.notes)


def test_a_covariate_without_spread_changes_nothing_and_is_named() -> None:
    of = charter(primary={"covariate": "characters"})
    flat = data_of([replace(row, x=0.0) for row in rows(TWO_WEEKS)])

    assert appraise(of, flat).primary.planned == appraise(charter(), flat).primary.planned
    assert "The covariate characters is the same for all items" in "\n".join(appraise(of, flat).notes)
    assert "covariate" not in "\n".join(appraise(of, pilot_data(TWO_WEEKS)).notes)


@pytest.mark.parametrize(
    ("code", "beginning"),
    [
        ("implausible_time", "3 items had a time below zero or longer than a day: such times are unknown"),
        ("unknown_outcome", "3 outcomes named an item that is not in this pilot"),
        ("moved", "3 items came again under another customer or thread: they stay in the arm"),
        ("clock", "3 items were seemingly decided before coming in, because a clock was changed"),
    ],
)
def test_what_the_store_set_aside_is_told_and_changes_no_figure(code: str, beginning: str) -> None:
    odd = appraise(charter(), pilot_data(TWO_WEEKS, oddities={code: 3}))
    plain = appraise(charter(), pilot_data(TWO_WEEKS))

    assert [note for note in odd.notes if note.startswith(beginning)]
    assert replace(odd, notes=()) == replace(plain, notes=())


def test_a_clock_that_runs_behind_the_start_is_too_early() -> None:
    found = appraise(charter(), pilot_data(TWO_WEEKS, as_of=STARTED - timedelta(days=1)))

    assert found.verdict.ruling == "early"
    assert "0 days of at least 7" in found.verdict.sentence


def test_a_charter_changed_after_the_start_is_told() -> None:
    found = appraise(charter(), pilot_data(TWO_WEEKS, amendments=1))

    assert found.notes == (AMENDED,)


def test_a_target_met_on_day_two_and_lost_on_day_nine_names_both_days_and_goes_by_today() -> None:
    found = appraise(charter(), timed([(300, 480)] * 8 + [(1_900, 480)], per_day=40))

    assert [look.target_met for look in found.history] == [False, *[True] * 7, False]
    assert found.verdict.ruling != "go"
    assert (
        "On 3 March 2026 (day 2) the target, 2 minutes, was surely met, and on 10 March 2026 (day 9) no longer. "
        "What counts is how it stands now."
    ) in found.notes


def test_what_is_worth_having_takes_the_place_of_a_target_that_nobody_set() -> None:
    aimless = charter(primary={"target": None})
    found = appraise(aimless, timed([(300, 480)] * 8 + [(1_900, 480)], per_day=30))

    assert {look.target_met for look in found.history} == {None}
    assert [look.met for look in found.history] == [False, *[True] * 7, False]
    assert "(day 2) the smallest improvement worth having, 1 minute, was surely met" in "\n".join(found.notes)
    assert not [one for one in found.verdict.reasons if "target" in one]


@pytest.mark.parametrize("arms", [{"unit": "reviewer"}, {"design": "before_after"}])
def test_without_daily_intervals_a_target_met_and_lost_is_told_as_not_sure(arms: dict[str, str]) -> None:
    data = replace(timed([(300, 480)] * 2 + [(1_900, 480)] * 2, per_day=40), baseline=baseline())
    told = "\n".join(appraise(charter(arms=arms), data).notes)

    assert "(day 1) the improvement stood at the target, 2 minutes, or above, and on 4 March 2026 (day 3) below" in told
    assert "Single days have no interval here, so neither was sure." in told


def test_a_target_that_is_met_and_kept_is_no_news() -> None:
    found = appraise(charter(), timed([(300, 480)] * 9, per_day=40))

    assert found.history[-1].target_met
    assert "surely met" not in "\n".join(found.notes)


values = st.one_of(st.just(0.0), st.just(300.0), st.floats(-1e9, 1e9), st.floats(0, 1e-9))
arms_of_a_day = st.dictionaries(
    st.sampled_from(["assisted", "control"]),
    st.lists(values, max_size=70).map(lambda many: Moments.total(Moments.of(one) for one in many)),
)
charters = st.sampled_from(
    [
        charter(),
        charter(arms={"unit": "reviewer"}),
        charter(arms={"design": "before_after"}),
        charter(primary={"covariate": "characters"}),
        charter(primary={"metric": "csat", "minimum_effect": 0.2, "target": None}),
        charter(primary={"metric": "escalations", "minimum_effect": 0.01, "target": None}),
    ]
)


@settings(max_examples=60, deadline=None)
@given(charters, st.lists(arms_of_a_day, max_size=4), st.integers(0, 200), st.booleans())
def test_whatever_is_in_the_sums_there_is_an_appraisal_in_plain_words(
    of: Charter, days: list[dict[Arm, Moments]], age: int, has_baseline: bool
) -> None:
    primary = [(STARTED.date() + timedelta(days=at), arms) for at, arms in enumerate(days)]
    held = MetricSums(primary, dict(enumerate(days)), {"tenure": {str(at): arms for at, arms in enumerate(days)}})
    keys = ("handling_time", "reopen_rate", "csat", "escalations", "acceptance")
    enrolled: dict[Arm, int] = {"assisted": 60 * len(days), "control": 60 * len(days)}
    data = replace(
        pilot_data(Drawn(days=0), as_of=STARTED + timedelta(days=age), enrolled=enrolled),
        metrics=dict.fromkeys(keys, held),
        baseline=Moments.total([Moments.of(480.0), Moments.of(500.0)]) if has_baseline else None,
    )

    found = appraise(of, data)

    assert [text for text in sentences(found) if MACHINE_WORDS.search(text)] == []
    for look in found.history:
        assert look.low is None or look.improvement is None or look.low <= look.improvement
