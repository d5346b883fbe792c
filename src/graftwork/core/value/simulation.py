"""Carries what is not known through to money: thousands of pilots that could be this one, each with its own payback.

The time saved is drawn from what the arms say (Student's t around the measured effect, which is the posterior under a
flat prior), and each assumption that is a range from a triangle over its low, likely and high value: the spread that
such three figures are usually given (Vose, Risk analysis, 2008, chapter 10), and wider than a PERT one. Draws are
independent of each other. What is paid for a token was measured on every draft, and is not drawn.
"""

from dataclasses import dataclass

import numpy as np

from graftwork.core.stats import CONFIDENCE, SEED, Estimate
from graftwork.core.value.cost import (
    Floats,
    monthly_benefit,
    net_present_value,
    paybacks_months,
    running_cost,
)

DRAWS = 10_000
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure that nobody knows exactly: low <= likely <= high."""

    low: float
    likely: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> "Spread":
        return cls(value, value, value)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All that a pilot's return depends on; money in one currency.

    `standard_error_seconds` is 0 where the saving is assumed instead of measured. `one_off_cost` already holds what
    governance and change take. `tokens_cost_per_item` and `machine_cost_per_month` hold neither.
    """

    seconds_saved_per_item: float
    standard_error_seconds: float
    degrees_of_freedom: float
    items_per_month: Spread
    wage_per_hour: Spread
    realisation: Spread
    tokens_cost_per_item: float
    machine_cost_per_month: float
    governance_share: float
    one_off_cost: float
    months_to_full_use: float
    discount_rate: float
    horizon_months: int


@dataclass(frozen=True, slots=True)
class Draws:
    """One entry a draw. `payback_months` is infinite where a draw never pays back."""

    minutes_saved_per_item: Floats
    monthly_benefit: Floats
    monthly_cost: Floats
    payback_months: Floats
    net_present_value: Floats

    def chance_of_payback_within(self, months: float) -> float:
        """Share of the draws, 0 to 1; those that never pay back count as not."""
        return float(np.mean(self.payback_months <= months))


def simulate_returns(assumptions: Assumptions, *, draws: int = DRAWS, seed: int = SEED) -> Draws:
    """What could come of it, drawn `draws` times. The same `seed` gives the same draws."""
    generator = np.random.default_rng(seed)
    seconds = _effects(generator, assumptions, draws)
    items = _triangular(generator, assumptions.items_per_month, draws)
    wages = _triangular(generator, assumptions.wage_per_hour, draws)
    realised = _triangular(generator, assumptions.realisation, draws)
    benefit = monthly_benefit(items, seconds, wages, realised)
    machines = np.full(draws, assumptions.machine_cost_per_month)
    cost = running_cost(items * assumptions.tokens_cost_per_item, machines, assumptions.governance_share)
    return Draws(
        minutes_saved_per_item=seconds / SECONDS_PER_MINUTE,
        monthly_benefit=benefit,
        monthly_cost=cost,
        payback_months=paybacks_months(assumptions.one_off_cost, benefit, cost, assumptions.months_to_full_use),
        net_present_value=net_present_value(
            np.full(draws, assumptions.one_off_cost),
            benefit,
            cost,
            months_to_full_use=assumptions.months_to_full_use,
            discount_rate=assumptions.discount_rate,
            horizon_months=assumptions.horizon_months,
        ),
    )


def interval(values: Floats, *, unit: str, n: int, confidence: float = CONFIDENCE) -> Estimate | None:
    """The median of the draws, and the quantiles that hold `confidence` of them between each other.

    A quantile that is infinite (months of a payback that never comes) is `None`: open on that side. `None` for the
    whole where half the draws are, because there is no median then.
    """
    tails = ((1 - confidence) / 2, 0.5, (1 + confidence) / 2)
    # Between a finite and an infinite draw there is nothing to interpolate: the lower one is taken.
    low, middle, high = (float(one) for one in np.quantile(values, tails, method="lower"))
    if not np.isfinite(middle):
        return None
    return Estimate(middle, low, high if np.isfinite(high) else None, n, unit, confidence)


def _effects(generator: np.random.Generator, assumptions: Assumptions, draws: int) -> Floats:
    if not assumptions.standard_error_seconds:
        return np.full(draws, assumptions.seconds_saved_per_item)
    steps = generator.standard_t(max(assumptions.degrees_of_freedom, 1), draws)
    drawn: Floats = assumptions.seconds_saved_per_item + assumptions.standard_error_seconds * steps
    return drawn


def _triangular(generator: np.random.Generator, spread: Spread, draws: int) -> Floats:
    if spread.low == spread.high:
        return np.full(draws, spread.likely)
    return generator.triangular(spread.low, spread.likely, spread.high, draws)
