"""What a month costs with each deployment, and how far it may be from that: days of the history drawn again.

A month is 30 days drawn with replacement from the whole days that were seen (a bootstrap; Efron, Annals of Statistics
7, 1979). Days are drawn independently of each other, so that the order of weekdays is lost and seasons that the history
does not hold are not foreseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graftwork.core.deployments.history import DayUse
from graftwork.core.stats import SEED, Estimate

DAYS_PER_MONTH = 30
LEAST_DAYS = 7
DRAWS = 10_000
CONFIDENCE = 0.9
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What the page is told; money in `currency`. A price that nobody knows is `None`.

    `volume` multiplies the history: 2 where twice as many items are to come. `managed_share` is the part of the tokens
    that goes out in a hybrid, 0 to 1.
    """

    currency: str
    prompt_per_million: float | None
    answer_per_million: float | None
    machine_hours_per_month: float
    cost_per_machine_hour: float
    managed_share: float
    volume: float = 1.0

    @property
    def machines(self) -> float:
        return self.machine_hours_per_month * self.cost_per_machine_hour


@dataclass(frozen=True, slots=True)
class Spend:
    """A month's spend: the median, and what nine months of ten stay within. `n` of the estimate counts days.

    `swing` is half the width of that band over the median: 0 where every month costs the same.
    """

    month: Estimate

    @property
    def swing(self) -> float | None:
        low, high = self.month.low, self.month.high
        if low is None or high is None or not self.month.value:
            return None
        return (high - low) / 2 / self.month.value


def in_house_spend(prices: Prices) -> Spend | None:
    """The machines, whatever comes in; `None` where nobody said what they cost."""
    if not prices.machines:
        return None
    return Spend(Estimate(prices.machines, prices.machines, prices.machines, 0, prices.currency, CONFIDENCE))


def managed_spend(days: Sequence[DayUse], prices: Prices, *, seed: int = SEED) -> Spend | None:
    """Tokens at their price; `None` where there are too few days, no counts of tokens, or no price."""
    months = _months_of_tokens(days, prices, seed)
    return None if months is None else _banded(months, len(days), prices.currency)


def hybrid_spend(days: Sequence[DayUse], prices: Prices, *, seed: int = SEED) -> Spend | None:
    """The machines, and the tokens of the part that goes out."""
    months = _months_of_tokens(days, prices, seed)
    if months is None or not prices.machines:
        return None
    return _banded(prices.machines + prices.managed_share * months, len(days), prices.currency)


def _months_of_tokens(days: Sequence[DayUse], prices: Prices, seed: int) -> NDArray[np.float64] | None:
    counted = sum(day.counted for day in days)
    if len(days) < LEAST_DAYS or not counted or prices.prompt_per_million is None or prices.answer_per_million is None:
        return None
    usual = _cost(
        sum(day.prompt_tokens for day in days) / counted, sum(day.answer_tokens for day in days) / counted, prices
    )
    costs = np.array(
        [_cost(day.prompt_tokens, day.answer_tokens, prices) + (day.drafts - day.counted) * usual for day in days]
    )
    drawn = np.random.default_rng(seed).integers(0, len(days), size=(DRAWS, DAYS_PER_MONTH))
    months: NDArray[np.float64] = costs[drawn].sum(axis=1) * prices.volume
    return months


def _cost(prompt_tokens: float, answer_tokens: float, prices: Prices) -> float:
    prompt, answer = prices.prompt_per_million or 0.0, prices.answer_per_million or 0.0
    return (prompt_tokens * prompt + answer_tokens * answer) / _MILLION


def _banded(months: NDArray[np.float64], days: int, currency: str) -> Spend:
    low, middle, high = (float(one) for one in np.quantile(months, ((1 - CONFIDENCE) / 2, 0.5, (1 + CONFIDENCE) / 2)))
    return Spend(Estimate(middle, low, high, days, currency, CONFIDENCE))
