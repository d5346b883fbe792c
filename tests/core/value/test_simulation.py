import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from graftwork.core.value.cost import net_present_value, payback_months
from graftwork.core.value.simulation import Assumptions, Spread, interval, simulate_returns

KNOWN = Assumptions(
    seconds_saved_per_item=210,
    standard_error_seconds=0,
    degrees_of_freedom=400,
    items_per_month=Spread.exactly(2_000),
    wage_per_hour=Spread.exactly(38),
    realisation=Spread.exactly(0.6),
    tokens_cost_per_item=0.02,
    machine_cost_per_month=100,
    governance_share=0.3,
    one_off_cost=20_000,
    months_to_full_use=6,
    discount_rate=0.08,
    horizon_months=36,
)
MEASURED = replace(
    KNOWN, standard_error_seconds=18, wage_per_hour=Spread(30, 38, 46), realisation=Spread(0.4, 0.6, 0.8)
)


def test_without_any_doubt_every_draw_is_the_formula():
    draws = simulate_returns(KNOWN, draws=10)
    benefit, cost = 2_000 * 210 / 3_600 * 38 * 0.6, (2_000 * 0.02 + 100) / 0.7
    assert draws.minutes_saved_per_item.tolist() == pytest.approx([3.5] * 10)
    assert draws.monthly_benefit.tolist() == pytest.approx([benefit] * 10)
    assert draws.monthly_cost.tolist() == pytest.approx([cost] * 10)
    assert draws.payback_months.tolist() == pytest.approx([payback_months(20_000, benefit, cost, 6)] * 10)
    present = net_present_value(20_000.0, benefit, cost, months_to_full_use=6, discount_rate=0.08, horizon_months=36)
    assert draws.net_present_value.tolist() == pytest.approx([present] * 10)


def test_the_same_seed_gives_the_same_draws_and_another_one_others():
    first, again, other = (simulate_returns(MEASURED, seed=seed).monthly_benefit for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_minutes_saved_spread_as_the_arms_say():
    found = interval(simulate_returns(MEASURED).minutes_saved_per_item, unit="min", n=402)
    expected = stats.t.ppf([0.025, 0.5, 0.975], 400, loc=210 / 60, scale=18 / 60)
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx(tuple(expected), abs=0.03)


def test_few_clusters_widen_the_interval():
    few = interval(simulate_returns(replace(MEASURED, degrees_of_freedom=3)).minutes_saved_per_item, unit="min", n=5)
    many = interval(simulate_returns(MEASURED).minutes_saved_per_item, unit="min", n=402)
    assert few is not None
    assert many is not None
    assert few.high - few.low > 1.4 * (many.high - many.low)


def test_a_range_is_drawn_as_a_triangle():
    only_the_wage = replace(KNOWN, wage_per_hour=Spread(30, 38, 60))
    per_unit_of_wage = 2_000 * 210 / 3_600 * 0.6
    wages = simulate_returns(only_the_wage, seed=1).monthly_benefit / per_unit_of_wage
    assert stats.kstest(wages, stats.triang(c=8 / 30, loc=30, scale=30).cdf).pvalue > 0.01


def test_draws_that_never_pay_back_count_as_such():
    doubtful = replace(MEASURED, seconds_saved_per_item=0, machine_cost_per_month=0, tokens_cost_per_item=0)
    draws = simulate_returns(doubtful)
    never = np.isinf(draws.payback_months).mean()
    assert never == pytest.approx(0.5, abs=0.02)
    assert draws.chance_of_payback_within(1e9) == pytest.approx(1 - never)


def test_a_loss_has_no_chance_and_no_payback():
    draws = simulate_returns(replace(MEASURED, seconds_saved_per_item=-210))
    assert draws.chance_of_payback_within(120) == 0
    assert interval(draws.payback_months, unit="months", n=402) is None


def test_an_interval_is_open_above_where_some_draws_never_pay_back():
    months = np.array([10.0] * 90 + [np.inf] * 10)
    found = interval(months, unit="months", n=9)
    assert found is not None
    assert (found.value, found.low, found.high) == (10, 10, None)


def test_more_doubt_about_the_effect_moves_the_chance_towards_a_coin():
    sure = simulate_returns(replace(KNOWN, standard_error_seconds=1)).chance_of_payback_within(12)
    unsure = simulate_returns(replace(KNOWN, standard_error_seconds=500)).chance_of_payback_within(12)
    assert sure == 1
    assert 0.4 < unsure < 0.7


def test_ten_thousand_draws_take_less_than_fifty_milliseconds():
    simulate_returns(MEASURED)
    took = []
    for _ in range(5):
        started = time.perf_counter()
        simulate_returns(MEASURED)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.05


def test_intervals_hold_the_truth_as_often_as_they_say():
    # With four reviewers each: measured effects scatter around 210 s, and their errors are estimated, too.
    rng = np.random.default_rng(7)
    held = 0
    for number in range(1_000):
        error = 18 * np.sqrt(rng.chisquare(6) / 6)
        measured = replace(
            KNOWN,
            seconds_saved_per_item=210 + 18 * rng.standard_normal(),
            standard_error_seconds=error,
            degrees_of_freedom=6,
        )
        found = interval(simulate_returns(measured, draws=2_000, seed=number).monthly_benefit, unit="EUR", n=8)
        assert found is not None
        held += found.low <= 2_000 * 210 / 3_600 * 38 * 0.6 <= found.high
    assert 0.93 <= held / 1_000 <= 0.97
