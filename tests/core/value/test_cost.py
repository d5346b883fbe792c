import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize

from graftwork.core.value.cost import (
    NEVER,
    break_even_share_rewritten,
    cost_per_accepted_draft,
    implied_review_seconds,
    monthly_benefit,
    months_of_full_use,
    net_present_value,
    net_saving_per_message,
    one_off_cost,
    payback_months,
    paybacks_months,
    running_cost,
    seconds_saved_per_item,
)

shares = st.floats(0, 1)
times = st.floats(1, 10_000)
amounts = st.floats(0.01, 1e6)


@pytest.fixture
def split():
    """Shares of drafts that were accepted, edited and ignored."""
    return 0.5, 0.4, 0.1


# --- seconds


def test_seconds_saved_by_hand():
    # 600 - 90 - 0.4 * 0.3 * 600 - 0.1 * 600 = 600 - 90 - 72 - 60
    assert seconds_saved_per_item(600, 90, 0.4, 0.3, 0.1) == pytest.approx(378)


def test_review_is_paid_even_where_every_draft_is_rejected():
    assert seconds_saved_per_item(600, 90, 0, 0, 1) == -90


def test_a_draft_that_is_rewritten_whole_costs_its_review():
    assert seconds_saved_per_item(600, 90, 1, 1, 0) == -90


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((600, 90, 1.1, 0.3, 0), "share_edited"),
        ((600, 90, 0.4, -0.1, 0), "share_rewritten"),
        ((600, 90, 0.4, 0.3, math.nan), "share_rejected"),
        ((600, 90, 0.6, 0.3, 0.5), "exceed 1"),
        ((-1, 90, 0.4, 0.3, 0.1), "control_seconds"),
        ((600, math.nan, 0.4, 0.3, 0.1), "review_seconds"),
    ],
)
def test_what_is_no_share_or_no_time_is_refused(arguments, named):
    with pytest.raises(ValueError, match=named):
        seconds_saved_per_item(*arguments)


def test_shares_of_exactly_one_together_are_fine():
    assert seconds_saved_per_item(600, 0, 0.5, 1, 0.5) == 0


@given(times, times, shares, shares)
def test_implied_review_time_gives_back_what_was_measured(control, assisted, edited, rewritten):
    rejected = (1 - edited) / 2
    review = implied_review_seconds(control, assisted, edited, rewritten, rejected)
    if review >= 0:
        saved = seconds_saved_per_item(control, review, edited, rewritten, rejected)
        assert saved == pytest.approx(control - assisted, abs=1e-6)


def test_implied_review_time_is_negative_where_rewriting_is_faster_than_writing():
    assert implied_review_seconds(600, 100, 1, 0.5, 0) == pytest.approx(-200)


def test_break_even_by_hand():
    # (600 * 0.9 - 90) / (0.4 * 600) = 450 / 240
    assert break_even_share_rewritten(600, 90, 0.4, 0.1) == pytest.approx(1.875)


@given(times, st.floats(0, 500), st.floats(0.01, 1))
def test_nothing_is_saved_at_the_break_even_share(control, review, edited):
    share = break_even_share_rewritten(control, review, edited, 0.0)
    assert share is not None
    if 0 <= share <= 1:
        assert seconds_saved_per_item(control, review, edited, share, 0.0) == pytest.approx(0, abs=1e-6)


def test_break_even_is_negative_where_reading_costs_more_than_writing():
    share = break_even_share_rewritten(60, 90, 0.5, 0)
    assert share is not None
    assert share < 0


@pytest.mark.parametrize(("control", "edited"), [(600, 0), (0, 0.4)])
def test_break_even_is_unknown_where_no_share_decides(control, edited):
    assert break_even_share_rewritten(control, 90, edited, 0.1) is None


# --- money a month


def test_monthly_benefit_by_hand():
    # 1,000 items * 360 s = 100 h; * 40 = 4,000; * 0.6
    assert monthly_benefit(1_000, 360, 40, 0.6) == pytest.approx(2_400)


def test_time_that_is_lost_is_lost_whole_and_time_that_is_saved_in_part():
    assert monthly_benefit(1_000, -36, 40, 0.6) == pytest.approx(-400)
    drawn = monthly_benefit(
        np.array([1_000.0, 1_000.0]), np.array([-36.0, 36.0]), np.array([40.0, 40.0]), np.array([0.6, 0.6])
    )
    assert drawn == pytest.approx([-400, 240])


def test_monthly_benefit_takes_one_value_a_draw():
    found = monthly_benefit(np.array([1_000.0, 2_000.0]), np.array([360.0, 360.0]), np.full(2, 40.0), np.full(2, 0.5))
    assert found.tolist() == pytest.approx([2_000, 4_000])


def test_running_cost_by_hand():
    assert running_cost(100, 250, 0.3) == pytest.approx(500)


def test_one_off_cost_by_hand():
    # 30 % governance and 20 % change leave half for building.
    assert one_off_cost(20_000, 0.3, 0.2) == pytest.approx(40_000)


@pytest.mark.parametrize("governance", [1, 1.5, -0.1, math.nan])
def test_shares_that_leave_nothing_are_refused(governance):
    with pytest.raises(ValueError, match="governance_share"):
        running_cost(100, 0, governance)
    with pytest.raises(ValueError, match="governance_share"):
        one_off_cost(100, governance, 0)


def test_two_shares_that_leave_nothing_together_are_refused():
    with pytest.raises(ValueError, match="leave nothing"):
        one_off_cost(100, 0.6, 0.4)


# --- payback


def test_payback_without_a_ramp_is_cost_over_surplus():
    assert payback_months(12_000, 1_500, 500) == pytest.approx(12)


def test_payback_after_a_ramp_by_hand():
    # Half the benefit of six months is missing: (12,000 + 1,500 * 3) / 1,000
    assert payback_months(12_000, 1_500, 500, 6) == pytest.approx(16.5)


def test_payback_within_a_ramp_by_hand():
    # 1,200 * t^2 / 24 = 450: t = 3
    assert payback_months(450, 1_200, 0, 12) == pytest.approx(3)


def test_nothing_spent_is_paid_back_at_once():
    assert payback_months(0, 0, 0, 6) == 0


def test_running_costs_of_the_ramp_are_paid_back_too():
    # No one-off cost: 1,000 * t^2 / 12 = 250 * t at t = 3
    assert payback_months(0, 1_000, 250, 6) == pytest.approx(3)


@pytest.mark.parametrize(("benefit", "cost"), [(500, 500), (400, 500), (-100, 0), (0, 0)])
def test_what_brings_no_surplus_never_pays_back(benefit, cost):
    assert payback_months(1, benefit, cost, 6) == NEVER


@pytest.mark.parametrize(("one_off", "ramp"), [(-1, 6), (1, -6)])
def test_negative_costs_and_ramps_are_refused(one_off, ramp):
    with pytest.raises(ValueError, match="must not be negative"):
        payback_months(one_off, 100, 1, ramp)


@given(amounts, amounts, st.floats(0, 0.95), st.floats(0, 60))
def test_at_payback_as_much_was_earned_as_spent(one_off, benefit, cost_share, ramp):
    cost = benefit * cost_share
    months = payback_months(one_off, benefit, cost, ramp)
    assert months < NEVER
    earned = benefit * months_of_full_use(months, ramp)
    assert earned == pytest.approx(one_off + cost * months, rel=1e-6)


def test_payback_is_the_root_that_scipy_finds():
    one_off, benefit, cost, ramp = 9_000.0, 2_000.0, 300.0, 8.0

    def balance(months: float) -> float:
        earned, _ = integrate.quad(lambda t: benefit * min(1.0, t / ramp), 0, months, points=[min(ramp, months)])
        return earned - cost * months - one_off

    assert payback_months(one_off, benefit, cost, ramp) == pytest.approx(optimize.brentq(balance, 0.1, 100), rel=1e-6)


@given(amounts, amounts, st.floats(0, 2), st.floats(0, 60))
def test_a_longer_ramp_never_pays_back_earlier(one_off, benefit, cost_share, ramp):
    cost = benefit * cost_share
    quick, slow = payback_months(one_off, benefit, cost, ramp), payback_months(one_off, benefit, cost, ramp + 1)
    assert slow >= quick * (1 - 1e-9)


def test_paybacks_of_many_are_those_of_each():
    benefits, costs = np.array([1_500.0, 400.0, 9_000.0]), np.array([500.0, 500.0, 100.0])
    each = [payback_months(12_000, b, c, 6) for b, c in zip(benefits, costs, strict=True)]
    assert paybacks_months(12_000, benefits, costs, 6).tolist() == each


# --- present value


def value(one_off, benefit, cost, ramp=0.0, rate=0.0, months=12):
    return net_present_value(
        one_off, benefit, cost, months_to_full_use=ramp, discount_rate=rate, horizon_months=months
    )  # fmt: skip


def test_without_a_rate_it_is_the_sum():
    assert value(5_000, 1_000, 200) == pytest.approx(12 * 800 - 5_000)


def test_one_per_cent_a_month_gives_the_factor_of_the_annuity_tables():
    # Present value of 1 a month for 12 months at 1 %: 11.2551 in any table of annuities.
    assert value(0, 1, 0, rate=1.01**12 - 1) == pytest.approx(11.2551, abs=5e-5)


def test_a_ramp_of_two_months_by_hand():
    # Mean use is 25 % in the first month and 75 % in the second, then all: 250 + 750 + 1,000
    assert value(0, 1_000, 0, ramp=2, months=3) == pytest.approx(2_000)


def test_a_ramp_may_end_within_a_month():
    # Half a month of ramp costs a quarter of a month's benefit.
    assert value(0, 1_000, 0, ramp=0.5, months=1) == pytest.approx(750)


@pytest.mark.parametrize(("rate", "months", "named"), [(-0.1, 12, "discount_rate"), (0.1, 0, "horizon_months")])
def test_a_negative_rate_and_an_empty_horizon_are_refused(rate, months, named):
    with pytest.raises(ValueError, match=named):
        value(1, 1, 1, rate=rate, months=months)


@given(amounts, amounts, st.floats(0, 60), st.floats(0, 1), st.integers(1, 120))
def test_present_value_is_the_discounted_sum_of_the_months(benefit, cost, ramp, rate, months):
    monthly = (1 + rate) ** (1 / 12) - 1
    flows = [
        benefit * (months_of_full_use(m, ramp) - months_of_full_use(m - 1, ramp)) - cost for m in range(1, months + 1)
    ]
    slowly = sum(flow / (1 + monthly) ** month for month, flow in enumerate(flows, start=1))
    assert value(0, benefit, cost, ramp, rate, months) == pytest.approx(slowly, rel=1e-6, abs=1e-6)


@given(amounts, amounts, st.floats(0, 12), st.floats(0, 0.5))
def test_a_higher_rate_makes_later_savings_worth_less(one_off, benefit, ramp, rate):
    assert value(one_off, benefit, 0, ramp, rate + 0.01, 36) < value(one_off, benefit, 0, ramp, rate, 36)


# --- a draft, a message


def test_cost_per_accepted_draft_by_hand():
    assert cost_per_accepted_draft(30, 60) == 0.5


def test_cost_per_accepted_draft_is_unknown_where_none_was():
    assert cost_per_accepted_draft(30, 0) is None


def test_net_saving_per_message_by_hand(split):
    # (0.5 * 60 + 0.4 * 30 - 0.1 * 10) s * 36 an hour - 0.10 = 41 s * 0.01 - 0.10
    found = net_saving_per_message(
        *split, seconds_saved_accepted=60, seconds_saved_edited=30, seconds_saved_ignored=-10, wage_per_hour=36,
        cost_per_message=0.10,
    )  # fmt: skip
    assert found == pytest.approx(0.31)


def test_a_dear_message_nobody_uses_loses_what_it_costs_and_its_reading():
    found = net_saving_per_message(
        0, 0, 1, seconds_saved_accepted=60, seconds_saved_edited=30, seconds_saved_ignored=-10, wage_per_hour=36,
        cost_per_message=0.05,
    )  # fmt: skip
    assert found == pytest.approx(-0.15)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="add up to 1"):
        net_saving_per_message(
            0.5, 0.4, 0.2, seconds_saved_accepted=1, seconds_saved_edited=1, seconds_saved_ignored=1, wage_per_hour=36,
            cost_per_message=0,
        )  # fmt: skip


def test_both_formulas_say_the_same_of_the_same_times(split):
    accepted, edited, ignored = split
    control, review, rewritten = 600.0, 90.0, 0.3
    per_message = net_saving_per_message(
        accepted, edited, ignored, seconds_saved_accepted=control - review,
        seconds_saved_edited=control - review - rewritten * control, seconds_saved_ignored=-review, wage_per_hour=38,
        cost_per_message=0.02,
    )  # fmt: skip
    seconds = seconds_saved_per_item(control, review, edited, rewritten, ignored)
    assert per_message == pytest.approx(seconds / 3_600 * 38 - 0.02)
