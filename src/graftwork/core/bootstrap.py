"""Estimates whose interval comes from drawing what was seen again.

Rows of one thread (or of one document) are alike, so what is drawn again in a bootstrap is the whole cluster, never the
row (Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8). What is estimated is a function
of sums over clusters: a mean, an F1 and a kappa all are. So one draw is one product with a matrix; thousands are fast.
"""

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graftwork.core.stats import CONFIDENCE, SEED, Estimate, wilson

Floats = NDArray[np.float64]
# From sums (draws x columns) to one value a draw; NaN where it is not defined, such as a precision of nothing.
Statistic = Callable[[Floats], Floats]
Method = Literal["bca", "percentile"]

RESAMPLES = 2_000
# Draws at once: at 100,000 clusters a block of them takes about 100 MB.
_CELLS_AT_ONCE = 12_000_000
# Five can be drawn in 126 ways, four in 35, two in 3.
_LEAST_CLUSTERS = 5
# One cluster in many that alone defines the statistic is in 63 % of the draws, two are in 86 %.
_LEAST_DEFINED = 0.8
_NORMAL = NormalDist()


def cluster_bootstrap(
    sums: Floats,
    statistic: Statistic,
    *,
    unit: str,
    bounds: tuple[float, float] | None = None,
    method: Method = "bca",
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate | None:
    """`statistic` of the whole, with an interval from drawing clusters again. `sums` has one row a cluster.

    `method` is the percentile interval (Efron 1979) or BCa, which corrects bias and skewness (B. Efron, Better
    bootstrap confidence intervals, JASA 82, 1987, 171-185). The same `seed` gives the same interval. Where every
    cluster says the same and the value lies at one of `bounds`, no draw can differ; there the interval is Wilson's,
    with clusters as trials. A row of zeros says nothing and is no cluster. `None` where the statistic is not defined
    for the whole. Fewer than five clusters give no interval: there are too few ways to draw them.
    """
    sums = sums[np.any(sums != 0, axis=1)]
    clusters = len(sums)
    value = float(statistic(sums.sum(axis=0, keepdims=True))[0]) if clusters else math.nan
    if math.isnan(value):
        return None
    if clusters < _LEAST_CLUSTERS:
        return Estimate(value, None, None, clusters, unit, confidence)
    draws = _draws(sums, statistic, resamples, seed)
    draws = np.sort(draws[~np.isnan(draws)])
    if len(draws) < _LEAST_DEFINED * resamples:  # what is left is a biased part
        return Estimate(value, None, None, clusters, unit, confidence)
    if math.isclose(draws[0], draws[-1], rel_tol=1e-12, abs_tol=1e-15):
        low, high = _of_no_spread(value, clusters, bounds, confidence)
    else:
        low, high = _limits(sums, statistic, draws, value, method, confidence)
    return Estimate(value, low, high, clusters, unit, confidence)


def cluster_means(values: Iterable[tuple[str, float]], *, unit: str, seed: int = SEED) -> Estimate | None:
    """The mean of (cluster, value) pairs, with its interval over clusters; `None` without any."""
    sums: dict[str, list[float]] = {}
    for cluster, value in values:
        held = sums.setdefault(cluster, [0.0, 0.0])
        held[0] += value
        held[1] += 1
    columns = np.array(list(sums.values()), dtype=float).reshape(-1, 2)
    return cluster_bootstrap(columns, _mean, unit=unit, seed=seed)


def _mean(sums: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = sums[:, 0] / sums[:, 1]
    return found


def _draws(sums: Floats, statistic: Statistic, resamples: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    clusters = len(sums)
    at_once = max(1, _CELLS_AT_ONCE // clusters)
    equal = np.full(clusters, 1 / clusters)
    blocks = []
    for first in range(0, resamples, at_once):
        size = min(at_once, resamples - first)
        # How often each cluster is drawn: the same as drawing row numbers, without copying rows.
        times = generator.multinomial(clusters, equal, size=size)
        blocks.append(statistic(times @ sums))
    return np.concatenate(blocks)


def _of_no_spread(
    value: float, clusters: int, bounds: tuple[float, float] | None, confidence: float
) -> tuple[float | None, float | None]:
    if bounds is None or value not in bounds:  # the same everywhere, and yet a sample
        return None, None
    lowest, highest = bounds
    share = wilson(clusters if value == highest else 0, clusters, confidence=confidence)
    assert share.low is not None
    assert share.high is not None
    return lowest + share.low * (highest - lowest), lowest + share.high * (highest - lowest)


def _limits(
    sums: Floats, statistic: Statistic, draws: Floats, value: float, method: Method, confidence: float
) -> tuple[float, float]:
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    if method == "bca":
        tails = _corrected(tails, draws, value, _jackknife(sums, statistic))
    low, high = np.quantile(draws, tails)
    return float(low), float(high)


def _jackknife(sums: Floats, statistic: Statistic) -> Floats:
    """The statistic without each cluster in turn."""
    left = statistic(sums.sum(axis=0) - sums)
    return left[~np.isnan(left)]


def _corrected(tails: tuple[float, float], draws: Floats, value: float, left: Floats) -> tuple[float, float]:
    """The tails of BCa: Efron (1987), equations 2.3 and 6.6. Draws equal to the value count half."""
    below = (np.sum(draws < value) + 0.5 * np.sum(draws == value)) / len(draws)
    edge = 0.5 / len(draws)
    bias = _NORMAL.inv_cdf(float(min(max(below, edge), 1 - edge)))
    spread = left.mean() - left if len(left) else np.zeros(1)
    squares = float(np.sum(spread**2))
    acceleration = float(np.sum(spread**3)) / (6 * squares**1.5) if squares > 0 else 0.0

    def corrected(tail: float) -> float:
        z = bias + _NORMAL.inv_cdf(tail)
        room = 1 - acceleration * z
        return _NORMAL.cdf(bias + z / room) if room > 0 else tail

    return corrected(tails[0]), corrected(tails[1])
