"""Estimates with intervals. Whoever shows a number takes it from here, with its unit, its count and its uncertainty.

Loads no numpy: pages import this module, and `core.bootstrap` where they draw again.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
SEED = 20_261_122
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval. `n` is what the interval rests on: independent clusters, or trials of a Wilson one.

    `low` and `high` are `None` where there is too little to say how sure the value is.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    unit: str
    confidence: float = CONFIDENCE


def wilson(successes: float, trials: int, *, unit: str = "share", confidence: float = CONFIDENCE) -> Estimate:
    """A share with the score interval of Wilson (1927), which holds for few trials and for shares of 0 and 1.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 209-212. Raises
    `ValueError` without trials, or where successes lie outside 0 to `trials`.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError("a share needs at least one trial, and no more successes than trials")
    share = successes / trials
    z = _NORMAL.inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return Estimate(share, low, high, trials, unit, confidence)
