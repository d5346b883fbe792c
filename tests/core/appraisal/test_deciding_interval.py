"""What the interval that decides promises, on many simulated pilots: few false alarms, and the planned power."""

import pytest

from support.appraisals import charter
from support.pilot_draws import times
from support.pilot_runs import power, run_pilots

MEAN, LOG_SPREAD = 480.0, 0.5
SPREAD = 480 * 0.533  # standard deviation of log-normal times with this mean and spread of their logarithm
PLAN = {"control_mean": MEAN, "standard_deviation": SPREAD}
SHARES = charter(
    primary={"metric": "first_contact_resolution", "minimum_effect": 0.08, "target": None},
    plan={"control_mean": 0.6, "standard_deviation": None},
)


def seconds(gain):
    return lambda rng, units, arm: times(rng, units, mean=MEAN, sigma=LOG_SPREAD) - gain * (arm == "assisted")


def solved(gain):
    return lambda rng, units, arm: rng.binomial(1, 0.6 + gain * (arm == "assisted"), units).astype(float)


@pytest.mark.parametrize(
    ("of", "draw"), [(charter(plan=PLAN), seconds(0.0)), (SHARES, solved(0.0))], ids=["times", "shares"]
)
def test_looking_every_day_and_at_both_planned_ends_errs_in_at_most_5_percent(of, draw) -> None:
    found = run_pilots(of, draw, pilots=300, per_arm=600, seed=20_261_122)

    assert found.ever <= 0.05
    assert found.before <= 0.01
    assert found.one_look > 0.15  # what looking daily does to the interval for one look


# 2,000 runs: a power of exactly 80 % gives 80 % +- 1.8 points in 95 of 100 seeds.
@pytest.mark.parametrize(
    ("of", "draw"), [(charter(plan=PLAN), seconds(60.0)), (SHARES, solved(0.08))], ids=["times", "shares"]
)
def test_a_pilot_of_the_planned_size_finds_the_smallest_effect_worth_having_in_80_percent(of, draw) -> None:
    _, found, by_the_sequence = power(of, draw, pilots=2_000, seed=20_261_122)

    assert 0.78 <= found <= 0.82
    assert by_the_sequence < 0.65
