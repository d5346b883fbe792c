"""The interval for daily looking: its formula, where it is tightest, and how often it errs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from graftwork.core.value.clusters import reviewer_means
from graftwork.core.value.effects import before_after, cuped, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.sequences import multiplier, rho_squared, sequence
from support.moments import of_items
from support.pilot_draws import looks

RNG = np.random.default_rng(7)
EFFECT = difference(of_items(RNG.lognormal(4, 0.7, 400)), of_items(RNG.lognormal(4.1, 0.7, 300)), unit="s")


def test_the_half_width_is_that_of_theorem_2_2():
    found = sequence(EFFECT, tightest_at_units=5_000)
    t, alpha, rho = 700, 0.05, math.sqrt(rho_squared(5_000, 0.05))
    sigma = EFFECT.standard_error * math.sqrt(t)
    half = sigma * math.sqrt(2 * (t * rho**2 + 1) / (t**2 * rho**2) * math.log(math.sqrt(t * rho**2 + 1) / alpha))
    assert found.high - found.difference == pytest.approx(half)
    assert found.difference - found.low == pytest.approx(half)
    assert (found.method, found.trouble) == ("sequence", "")


@pytest.mark.parametrize("units", [100, 5_000, 1_000_000])
@pytest.mark.parametrize("error", [0.01, 0.05, 0.2])
def test_rho_makes_the_interval_tightest_at_the_units_asked_for(units, error):
    best = minimize_scalar(lambda log_rho: multiplier(units * math.exp(log_rho), error), bounds=(-30, 10))
    assert rho_squared(units, error) == pytest.approx(math.exp(best.x), rel=1e-3)


@pytest.mark.parametrize("error", [0.001, 0.01, 0.05])
def test_rho_is_near_the_closed_form_that_the_paper_gives_for_it(error):
    """(-2 log a + log(-2 log a + 1)) / t, which is near for small errors."""
    near = (-2 * math.log(error) + math.log(-2 * math.log(error) + 1)) / 1_000
    assert rho_squared(1_000, error) == pytest.approx(near, rel=0.05)


def test_at_its_tightest_it_is_half_as_wide_again_as_the_interval_for_one_look():
    assert multiplier(5_000 * rho_squared(5_000, 0.05), 0.05) == pytest.approx(3.03, abs=0.01)


def test_the_p_value_is_5_per_cent_where_the_interval_just_touches_0():
    found = sequence(EFFECT, tightest_at_units=700)
    half = found.high - found.difference
    touching = sequence(replace(EFFECT, difference=half), tightest_at_units=700)
    assert touching.low == pytest.approx(0, abs=1e-9)
    assert touching.p_value == pytest.approx(0.05)
    assert sequence(replace(EFFECT, difference=0.0), tightest_at_units=700).p_value == 1


def test_the_lift_is_widened_as_much_as_the_difference():
    found = sequence(EFFECT, tightest_at_units=5_000)
    times = (found.high - found.low) / (EFFECT.high - EFFECT.low)
    assert found.relative.high - found.relative.low == pytest.approx(
        times * (EFFECT.relative.high - EFFECT.relative.low)
    )


@pytest.mark.parametrize(("least", "trouble"), [(300, ""), (301, "too_few")])
def test_below_the_least_units_there_is_no_interval(least, trouble):
    found = sequence(EFFECT, tightest_at_units=5_000, least_units=least)
    assert (found.trouble, found.low is None, found.p_value is None) == (trouble, bool(trouble), bool(trouble))
    assert (found.relative.low is None, found.method) == (bool(trouble), "sequence")
    assert found.difference == EFFECT.difference


def test_a_trouble_stays_what_it_is():
    empty = sequence(difference(Moments(), of_items([1.0, 2.0]), unit="s"), tightest_at_units=5_000)
    assert (empty.trouble, empty.low, empty.method) == ("empty_arm", None, "sequence")


def test_reviewers_do_not_become_more_by_looking_again():
    clusters = {n: {"assisted" if n % 2 else "control": of_items([float(n), n + 2.0])} for n in range(1, 9)}
    effect = reviewer_means(clusters, unit="s")
    assert sequence(effect, tightest_at_units=5_000) == effect


def test_a_sequence_that_is_tightest_nowhere_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        sequence(EFFECT, tightest_at_units=0)


def test_a_baseline_was_there_before_the_first_look():
    a, c = of_items(RNG.lognormal(4, 0.5, 200)), of_items(RNG.lognormal(4, 0.5, 4_000))
    found = sequence(before_after(a, c, unit="s"), tightest_at_units=5_000)
    times = (found.high - found.difference) / found.standard_error
    assert times == pytest.approx(multiplier(200 * rho_squared(5_000, 0.05), 0.05))


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.floats(0.001, 0.5))
def test_it_is_never_tighter_than_at_its_tightest(units, tightest, error):
    rho = rho_squared(tightest, error)
    assert multiplier(units * rho, error) >= multiplier(tightest * rho, error) * (1 - 1e-9)


@pytest.mark.parametrize("skewed", [0.6, 1.2])
def test_twenty_looks_at_pilots_without_an_effect_err_in_at_most_5_per_cent(skewed):
    seen = looks(np.random.default_rng(20261122), pilots=1_000, looks=20, units=4_000, sigma=skewed)
    ever, ever_fixed = 0, 0
    for pilot in seen:
        effects = [difference(a, c, unit="s") for a, c in pilot]
        ever += any(excludes_0(sequence(effect, tightest_at_units=5_000)) for effect in effects)
        ever_fixed += any(excludes_0(effect) for effect in effects)
    assert ever / 1_000 <= 0.05
    assert ever_fixed / 1_000 > 0.15  # why the interval for one look is not shown every day


def test_adjusting_by_a_covariate_keeps_the_promise_of_daily_looking():
    seen = looks(np.random.default_rng(5), pilots=200, looks=20, units=3_000, sigma=0.6, correlation=0.7)
    effects = ([sequence(cuped(a, c, unit="s"), tightest_at_units=5_000) for a, c in pilot] for pilot in seen)
    assert sum(any(map(excludes_0, pilot)) for pilot in effects) / 200 <= 0.05


def excludes_0(effect):
    return effect.low is not None and not effect.low <= 0 <= effect.high
