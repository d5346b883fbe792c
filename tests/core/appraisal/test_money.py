from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.appraisal.data import MetricSums, PilotData, Running
from graftwork.core.appraisal.draft_use import DraftUse
from graftwork.core.appraisal.money import WhatIf, money_finding
from graftwork.core.appraisal.money_words import amount
from graftwork.core.appraisal.what_if import MEASURED, basis_of
from graftwork.core.charter.schema import Charter, Range
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect

BUILD = {"title": "Building it", "kind": "build", "amount": 6_000}


def charter(**changes):
    budget = changes.pop("budget", [BUILD])
    return Charter.model_validate(
        {
            "name": "orders",
            "title": "Orders",
            "use_case": "orders",
            "problem": "Answers take too long.",
            "owner": {"name": "Ines"},
            "primary": {"metric": "handling_time", "minimum_effect": 30},
            "plan": {"units_per_week": 500, "control_mean": 600},
            "budget": budget,
            **changes,
        }
    )


def share(part, of):
    return MetricSums(days=[(date(2026, 11, 2), {"assisted": Moments(of, part, of, 0, part, of, 0, part, 0, 0)})])


def data(*, cost=8.0, currency="EUR", shares=True):
    sums = {"acceptance": share(200, 400), "rejections": share(40, 400), "share_rewritten": share(72, 360)}
    return PilotData(
        as_of=datetime(2026, 11, 22, tzinfo=UTC),
        started_at=datetime(2026, 11, 1, tzinfo=UTC),
        ends_at=None,
        enrolled={"assisted": 400, "control": 400},
        metrics=sums if shares else {},
        running=Running(400, 200, cost, currency, 200_000, 900.0),
        reviewers=8,
    )


def effect(difference=-210.0, error=18.0, *, trouble="", method="welch", units=400):
    return Effect(
        difference=difference,
        low=None if trouble else difference - 2 * error,
        high=None if trouble else difference + 2 * error,
        standard_error=None if trouble else error,
        p_value=None,
        assisted=600 + difference,
        control=600.0,
        units_assisted=units,
        units_control=units,
        unit="s",
        method=method,
        trouble=trouble,
    )


def finding(seconds, what_if=None, *, of=None, told=None):
    return money_finding(of or charter(), told or data(), seconds, seconds, what_if)


# --- the sentence


def test_a_saving_names_its_interval_and_its_chance():
    sentence = finding(effect()).sentence
    assert sentence == "Saves 2.9 to 4.1 minutes per item; over 99 % chance of paying back within 12 months."


def test_a_chance_in_between_is_a_whole_percentage():
    of = charter(budget=[{**BUILD, "amount": 12_500}])
    found = finding(effect(), of=of)
    assert 0.05 < found.payback_probability < 0.95
    assert f"; {round(found.payback_probability * 100)} % chance of paying back within 12 months." in found.sentence


def test_an_interval_around_zero_is_no_saving():
    sentence = finding(effect(-30, 30)).sentence
    assert sentence.startswith("No saving is shown yet: an item takes between 0.5 minutes longer and 1.5 minutes less;")


def test_a_loss_is_said_as_one():
    sentence = finding(effect(114, 12)).sentence
    assert sentence == ("Costs 1.5 to 2.3 minutes more per item; under 1 % chance of paying back within 12 months.")


def test_short_times_are_in_seconds():
    assert finding(effect(-40, 5)).sentence.startswith("Saves 30 to 50 seconds per item;")


def test_without_an_interval_it_says_so():
    found = finding(effect(trouble="too_few"))
    assert found.sentence.startswith(
        "So far 3.5 minutes saved per item, and there are too few items to say how sure that is"
    )
    assert found.payback_probability is None
    assert found.monthly_benefit.low is None


def test_times_that_are_all_alike_are_the_reason():
    assert "all times are the same" in finding(effect(trouble="no_spread")).sentence


def test_without_any_time_nothing_is_said_of_money():
    found = finding(None)
    assert found.sentence == "How much time a draft saves is not known yet, so neither is what it pays."
    assert found.minutes_saved_per_item is None
    assert found.monthly_benefit is None


def test_an_unknown_price_is_named():
    found = finding(effect(), told=data(cost=None))
    assert found.sentence == (
        "Saves 2.9 to 4.1 minutes per item; what a draft costs is not known, so it is not known when it pays back."
    )
    assert found.monthly_cost is None
    assert found.payback_months is None


def test_a_price_in_another_currency_is_not_converted():
    assert finding(effect(), told=data(currency="USD")).monthly_cost is None


def test_a_machine_of_our_own_needs_no_price_per_draft():
    of = charter(money={"machine_hours_per_month": 100, "cost_per_machine_hour": 2.1})
    assert finding(effect(), of=of, told=data(cost=None)).monthly_cost.value == pytest.approx(300)


@pytest.mark.parametrize(
    ("machine_hours", "priced", "a_month", "told"),
    [
        (0, None, 0.02, "measured"),
        (0, 400, 0.02, "measured"),
        (0, 100, 0.08, "measured on 100 of 400 drafts, the others had no price"),
        (100, 100, 0.02, "measured; drafts without a price came from the machine"),
    ],
)
def test_drafts_without_a_price_came_from_the_machine_or_cost_as_the_others(machine_hours, priced, a_month, told):
    of = charter(money={"machine_hours_per_month": machine_hours, "cost_per_machine_hour": 2})
    held = data()
    basis = basis_of(of, replace(held, running=replace(held.running, priced=priced)))
    assert basis.cost_per_draft == pytest.approx(a_month)
    assert basis.sources["cost_per_draft"].removeprefix(MEASURED) == told.removeprefix("measured")


def test_a_budget_without_building_leaves_payback_unknown_and_cost_none():
    found = finding(effect(), of=charter(budget=[]))
    assert found.one_off_cost is None
    assert found.payback_probability is None
    assert found.monthly_benefit is not None
    assert "the budget does not say what building it costs" in found.sentence


def test_time_that_is_worth_less_than_it_costs_is_no_success():
    of = charter(money={"machine_hours_per_month": 720, "cost_per_machine_hour": 90})
    assert "which is not worth what running it costs; under 1 % chance" in finding(effect(), of=of).sentence


def test_where_another_metric_decides_its_name_is_said():
    of = charter(primary={"metric": "csat", "minimum_effect": 0.1}, plan={"units_per_week": 500, "control_mean": 4})
    points = replace(effect(), unit="points")
    with_time = money_finding(of, data(), points, effect())
    assert with_time.sentence.endswith("The pilot itself is decided by customer satisfaction.")
    without = money_finding(of, data(), points, None)
    assert without.sentence == (
        "This pilot is decided by customer satisfaction, and no time was measured, so its money is not known."
    )
    assert without.minutes_saved_per_item is None


def test_before_and_after_is_called_weaker():
    assert finding(effect(method="before_after")).sentence.endswith("not with a control arm, which is weaker.")


# --- the figures


def test_minutes_are_the_measured_ones_and_their_interval_the_effect_s():
    minutes = finding(effect()).minutes_saved_per_item
    assert (minutes.value, minutes.low, minutes.high) == pytest.approx((3.5, 2.9, 4.1))
    assert (minutes.n, minutes.unit) == (800, "min")


def test_figures_by_hand():
    found = finding(effect(error=0.001))
    items = 500 * 365.25 / 7 / 12
    assert found.items_per_month == pytest.approx(items)
    assert found.one_off_cost == pytest.approx(12_000)
    assert found.monthly_cost.value == pytest.approx(items * 0.02 / 0.7, rel=1e-6)
    # The median of the benefit: both ranges lie evenly around their likely value.
    assert found.monthly_benefit.value == pytest.approx(items * 210 / 3_600 * 38 * 0.6, rel=0.02)
    assert found.cost_per_accepted_draft == pytest.approx(0.02 / 0.7 / 0.5, rel=1e-6)


def test_what_is_drafted_again_is_paid_for_again_and_the_cost_is_that_of_items():
    again = replace(data(), running=replace(data().running, drafts=600, priced=400, drafted_items=400))
    found = finding(effect(error=0.001), told=again)
    assert found.monthly_cost.value == pytest.approx(found.items_per_month * 0.02 * 1.5 / 0.7, rel=1e-6)
    assert ("Drafts per item", "1.5", "measured") in found.assumptions
    assert ("Tokens of one draft", "EUR 0.02", "measured on 400 of 600 drafts, the others had no price") in (
        found.assumptions
    )


def test_a_draft_that_waits_is_neither_accepted_nor_not():
    waiting = replace(data(), running=replace(data().running, drafts=800, cost=16.0, drafted_items=800))
    assert finding(effect(), told=waiting).cost_per_accepted_draft == pytest.approx(0.02 / 0.7 / 0.5, rel=1e-6)
    assert finding(effect(), told=data(shares=False)).cost_per_accepted_draft is None


@pytest.mark.parametrize(
    ("hours", "told"), [(100, ("not charged: own machines", "charter")), (0, ("unknown", "unknown"))]
)
def test_tokens_without_a_price_are_said_to_be_paid_with_the_machine_or_unknown(hours, told):
    of = charter(money={"machine_hours_per_month": hours, "cost_per_machine_hour": 2})
    assert ("Tokens of one draft", *told) in finding(effect(), of=of, told=data(cost=None)).assumptions


def test_the_same_figures_give_the_same_finding():
    assert finding(effect()) == finding(effect())


def test_revenue_is_told_apart_and_changes_nothing_else():
    plain = finding(effect())
    claimed = finding(effect(), of=charter(money={"revenue_uplift_per_month": 1_000}))
    assert replace(claimed, revenue_uplift_per_month=0) == plain


@given(st.floats(-500, 500), st.floats(0.1, 200))
def test_every_effect_gives_an_interval_in_order(difference, error):
    found = finding(effect(difference, error))
    for one in (found.monthly_benefit, found.monthly_cost, found.net_present_value, found.payback_months):
        if one is not None:
            assert one.low <= one.value
            assert one.high is None or one.value <= one.high
    assert 0 <= found.payback_probability <= 1


# --- one-off cost: nothing counts twice


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], 12_000),  # 6,000 / (1 - 0.3 - 0.2)
        ([("governance", 4_000)], 12_500),  # (6,000 + 4,000) / (1 - 0.2)
        ([("training", 1_000)], 10_000),  # (6,000 + 1,000) / (1 - 0.3)
        ([("governance", 4_000), ("training", 1_000)], 11_000),
        ([("licences", 500), ("other", 250)], 12_750),
        ([("running", 9_999)], 12_000),
    ],
)
def test_what_the_budget_names_is_added_and_the_rest_is_reckoned(more, expected):
    lines = [BUILD, *({"title": kind, "kind": kind, "amount": amount_} for kind, amount_ in more)]
    assert finding(effect(), of=charter(budget=lines)).one_off_cost == pytest.approx(expected)


# --- the model beside the measurement


def test_the_model_gives_the_measured_saving_with_the_implied_review_time():
    use = DraftUse.measured(data(), effect())
    # 40 % edited; 72 of 360 approved drafts' words rewritten: 0.2 * 0.9 / 0.4 of an edited one
    assert (use.share_edited, use.share_rewritten, use.share_rejected) == pytest.approx((0.4, 0.45, 0.1))
    assert use.review_seconds == pytest.approx(390 - 0.4 * 0.45 * 600 - 60)
    assert use.seconds_saved == pytest.approx(210)


def test_where_rewriting_is_faster_than_writing_the_model_promises_less():
    use = DraftUse.measured(data(), effect(-590))
    assert use.review_seconds == 0
    assert use.seconds_saved < 590


def test_without_decisions_there_is_no_model():
    assert DraftUse.measured(data(shares=False), effect()) is None
    assert finding(effect(), told=data(shares=False)).break_even_share_rewritten is None


def test_break_even_and_net_saving_by_hand():
    found = finding(effect())
    assert found.break_even_share_rewritten == pytest.approx((540 - 222) / 240)
    assert found.net_saving_per_item == pytest.approx(210 / 3_600 * 38 - 0.02 / 0.7)


# --- what if


def test_another_wage_changes_the_benefit_and_says_where_it_comes_from():
    found = finding(effect(), WhatIf(wage_per_hour=Range(low=76, likely=76, high=76)))
    assert found.monthly_benefit.value == pytest.approx(2 * finding(effect()).monthly_benefit.value, rel=0.02)
    assert ("Full cost of an hour of work", "76 EUR", "what if") in found.assumptions


def test_an_assumed_saving_is_called_assumed():
    found = finding(effect(), WhatIf(seconds_saved=120))
    assert found.sentence.startswith("Would save 2.0 minutes per item, as assumed;")
    assert found.minutes_saved_per_item.low is None


def test_a_saving_by_the_model_follows_its_shares():
    use = replace(DraftUse.measured(data(), effect()), share_rejected=0.3)
    found = finding(effect(), WhatIf(draft_use=use))
    assert found.minutes_saved_per_item.value == pytest.approx((210 - 0.2 * 600) / 60)


def test_what_if_knows_a_saving_before_anything_was_measured():
    found = finding(None, WhatIf(seconds_saved=120, cost_per_draft=0.02))
    assert found.payback_probability is not None


def test_asked_building_cost_stands_for_all_lines_of_the_budget():
    lines = [BUILD, {"title": "Security", "kind": "governance", "amount": 4_000}]
    found = finding(effect(), WhatIf(build_cost=10_000), of=charter(budget=lines))
    assert found.one_off_cost == pytest.approx(20_000)


def test_every_assumption_has_a_value_and_a_source():
    rows = finding(effect()).assumptions
    assert len({what for what, _, _ in rows}) == len(rows) == 21
    assert {where for _, _, where in rows} == {
        "measured", "charter", "charter, as suggested", "implied by the measured times", "formula, for comparison",
    }  # fmt: skip
    assert all(value for _, value, _ in rows)


# --- words


@pytest.mark.parametrize(
    ("value", "words"),
    [(12_345.6, "EUR 12,346"), (12.4, "EUR 12.40"), (0.0012, "EUR 0.0012"), (0, "EUR 0"), (-1_200, "EUR -1,200")],
)
def test_amounts_have_as_many_digits_as_they_need(value, words):
    assert amount(value, "EUR") == words


def test_less_than_half_a_second_is_neither_saved_nor_lost():
    nothing = finding(effect(0.3, trouble="too_few")).sentence
    assert nothing.startswith("So far no time saved or lost per item, and")
    assert "1 second lost" in finding(effect(0.6, trouble="too_few")).sentence
