"""The planned sample of a charter, against statsmodels and what textbooks say about clusters."""

from statistics import NormalDist

import pytest
from statsmodels.stats.power import TTestIndPower

from graftwork.core.appraisal.planning import _confidence, planned_advice, planned_sample, planned_units
from support.charters import charter


def codes(**changes):
    return {one.code for one in planned_advice(charter(**changes))}


def test_the_sample_of_a_mean_is_that_of_the_t_test():
    sample = planned_sample(charter())
    exact = 2 * TTestIndPower().solve_power(30 / 180, power=0.8, alpha=1 - _confidence(charter()))
    assert exact <= sample.units <= exact + 2
    assert sum(sample.per_arm.values()) == sample.units
    assert sample.weeks == pytest.approx(sample.units / 300)


def test_the_planned_weeks_find_what_their_units_can():
    sample = planned_sample(charter())
    exact = 180 * TTestIndPower().solve_power(nobs1=1_200, power=0.8, alpha=1 - _confidence(charter()))
    assert sample.detectable_after_planned_weeks == pytest.approx(exact, rel=1e-3)
    assert sample.unit == "s"


def test_the_sentence_says_units_weeks_and_what_can_be_found():
    sentence = planned_sample(charter()).sentence
    assert "30 seconds" in sentence
    assert f"{planned_sample(charter()).units:,} items (" in sentence
    assert " weeks at 300 a week. " in sentence
    assert "The planned 8 weeks can find 2" in sentence
    assert sentence.endswith("This is for the planned end; looking earlier is allowed.")
    assert "looking earlier" not in planned_sample(charter(arms={"design": "before_after"})).sentence


def test_a_smaller_share_of_the_population_takes_longer():
    whole, part = planned_sample(charter()), planned_sample(charter(population={"share": 0.25}))
    assert part.units == whole.units
    assert part.weeks == pytest.approx(4 * whole.weeks)


def test_uneven_arms_take_more():
    uneven = planned_sample(charter(arms={"assisted": 0.9}))
    assert uneven.units > 2.5 * planned_sample(charter()).units
    assert uneven.per_arm["assisted"] == pytest.approx(0.9 * uneven.units, abs=1)


def test_alike_items_of_a_thread_take_the_design_effect():
    items = planned_sample(charter()).units
    plan = {"items_per_unit": 4, "intraclass_correlation": 0.1}
    threads = planned_sample(charter(arms={"unit": "thread"}, plan=plan)).units
    assert threads == pytest.approx(items * 1.3 / 4, abs=2)
    assert planned_sample(charter(plan=plan)).units == items


@pytest.mark.parametrize("metric", ["escalations", "first_contact_resolution"])
def test_a_share_needs_no_spread(metric):
    one = charter(
        primary={"metric": metric, "minimum_effect": 0.05, "winsorise_above": None},
        plan={"control_mean": 0.4, "standard_deviation": None},
    )
    quantile = NormalDist().inv_cdf
    aim = 0.35 if metric == "escalations" else 0.45
    variance = 0.4 * 0.6 + aim * (1 - aim)
    assert planned_sample(one).units == pytest.approx(
        2 * (quantile((1 + _confidence(one)) / 2) + quantile(0.8)) ** 2 * variance / 0.05**2, abs=2
    )


def test_reviewers_are_counted_as_people():
    plan = {"reviewers": 12, "intraclass_correlation": 0.06}
    few = planned_sample(charter(arms={"unit": "reviewer"}, plan=plan))
    assert 12 < few.units < 200
    assert few.weeks is None
    assert "12 reviewers take part" in few.sentence
    assert "plan.too_few_reviewers" in codes(arms={"unit": "reviewer"}, plan=plan)
    enough = {"reviewers": few.units * 4, "units_per_week": 10_000, "intraclass_correlation": 0.06}
    assert "plan.too_few_reviewers" not in codes(arms={"unit": "reviewer"}, plan=enough)


def test_without_a_control_arm_half_as_many_come_in_and_all_get_drafts():
    before_after = planned_sample(charter(arms={"design": "before_after"}, decide={"extensions": 0}))
    both = 2 * TTestIndPower().solve_power(30 / 180, power=0.8, alpha=0.05)
    assert before_after.units == pytest.approx(both / 2, abs=2)
    assert before_after.per_arm["control"] == 0
    assert "as many times from before" in before_after.sentence


def test_without_a_control_arm_no_reviewers_are_drawn():
    items = planned_sample(charter(arms={"design": "before_after"}))
    assert planned_sample(charter(arms={"design": "before_after", "unit": "reviewer"})) == items


def test_where_only_planned_ends_count_each_extension_costs_units():
    def units(extensions):
        return planned_sample(charter(arms={"design": "before_after"}, decide={"extensions": extensions})).units

    assert units(0) < units(1) < units(3)


@pytest.mark.parametrize(
    ("changes", "problem", "key"),
    [
        ({"plan": {"standard_deviation": None}}, "`plan.standard_deviation`", "plan.standard_deviation"),
        (
            {"primary": {"metric": "escalations", "minimum_effect": 0.2}, "plan": {"control_mean": 0.1}},
            "`plan.control_mean`",
            "plan.control_mean",
        ),
        ({"primary": {"metric": "escalations", "minimum_effect": 0.2}}, "`plan.control_mean`", "plan.control_mean"),
    ],
)
def test_what_cannot_be_planned_is_unknown_with_its_reason(changes, problem, key):
    sample = planned_sample(charter(**changes))
    assert (sample.units, sample.weeks, sample.detectable_after_planned_weeks) == (None, None, None)
    assert problem in sample.sentence
    [one] = [one for one in planned_advice(charter(**changes)) if one.code == "plan.unknown"]
    assert one.key == key


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"plan": {"weeks": 3.7}}, "plan.too_short", True),
        ({"plan": {"weeks": 5}}, "plan.too_short", False),
        ({"analysis": {"tightest_at_units": 50}}, "analysis.tightest", True),
        ({"analysis": {"tightest_at_units": 1_000}}, "analysis.tightest", False),
    ],
)
def test_a_plan_that_does_not_fit_its_sample_is_told(changes, code, told):
    assert (code in codes(**changes)) is told


def test_a_whole_charter_needs_no_advice():
    assert planned_advice(charter()) == []


def test_a_sample_that_was_said_is_taken():
    one = charter(plan={"units": 2_000})
    assert (planned_units(one), planned_sample(one).units) == (2_000, 2_000)
    assert "2,000 are planned" in planned_sample(one).sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"primary": {"minimum_effect": 1e-9}},
        {"primary": {"minimum_effect": 1e9, "target": 2e9}},
        {"plan": {"weeks": 0.01, "units_per_week": 0.1}},
        {"plan": {"standard_deviation": 1e-9}},
        {"arms": {"assisted": 0.0001}},
        {"arms": {"unit": "reviewer"}, "plan": {"reviewers": 1}},
        {"primary": {"metric": "escalations"}, "plan": {"control_mean": 0.0}},
    ],
)
def test_odd_plans_have_a_sentence_too(changes):
    assert planned_sample(charter(**changes)).sentence.endswith(".")
    planned_advice(charter(**changes))
