"""Whole pilots as `appraise` finds them: the interval that the verdict rests on."""

from typing import Any

import numpy as np

from support.appraisals import charter
from support.pilot_draws import times
from support.pilot_runs import Shares, power, run_pilots

MEAN, SIGMA = 480.0, 0.5
SHARE = 0.6
GAIN, MORE = 60.0, 0.08  # the smallest effects worth having
TIMES = charter(plan={"control_mean": MEAN, "standard_deviation": MEAN * float(np.sqrt(np.expm1(SIGMA**2)))})
SHARES = charter(
    primary={"metric": "first_contact_resolution", "minimum_effect": MORE, "target": None},
    plan={"control_mean": SHARE, "standard_deviation": None},
)
PILOTS, UNITS_PER_ARM = 1_000, 600


def _seconds(gain: float) -> Any:
    return lambda rng, units, arm: times(rng, units, mean=MEAN, sigma=SIGMA) - gain * (arm == "assisted")


def _yes(more: float) -> Any:
    return lambda rng, units, arm: rng.binomial(1, SHARE + more * (arm == "assisted"), units).astype(float)


def false_alarms(seed: int) -> Shares:
    """Log-normal times without an effect."""
    return run_pilots(TIMES, _seconds(0.0), pilots=PILOTS, per_arm=UNITS_PER_ARM, seed=seed)


def false_alarms_of_shares(seed: int) -> Shares:
    """Answers of yes or no without an effect."""
    return run_pilots(SHARES, _yes(0.0), pilots=PILOTS, per_arm=UNITS_PER_ARM, seed=seed)


def power_of_means(seed: int, runs: int) -> tuple[int, float, float]:
    """The planned units, and how often these find the smallest effect: by the interval that decides at the planned end,
    and by the daily one on the same day.
    """
    return power(TIMES, _seconds(GAIN), pilots=runs, seed=seed)


def power_of_shares(seed: int, runs: int) -> tuple[int, float, float]:
    """The same of a share."""
    return power(SHARES, _yes(MORE), pilots=runs, seed=seed)
