"""Where reviewers differ, reviewers are the sample: ten people who decide 5,000 items each are ten, not 50,000.

Cluster 0 stands for programs and unknown people and is left out: they are not one person.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graftwork.core.stats import CONFIDENCE
from graftwork.core.value.effects import is_empty
from graftwork.core.value.intervals import Side, compare, effect_of, without_interval
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect, Method, Trouble

Arm = Literal["assisted", "control"]
Clusters = Mapping[int, Mapping[Arm, Moments]]
Floats = NDArray[np.float64]
NOBODY = 0
_LEAST_REVIEWERS = 2
# A spread below this share of the values is that of rounding.
_NOISE = 1e-12


def reviewer_means(clusters: Clusters, *, unit: str, confidence: float = CONFIDENCE) -> Effect:
    """The effect where reviewers were drawn: Welch's t interval on the means of reviewers, each counting the same.

    A. Donner and N. Klar, Design and Analysis of Cluster Randomization Trials (2000), chapter 7: the t test on means
    of clusters. Equal weights, because what varies between people outweighs what varies within one after a few dozen
    items, and because the degrees of freedom are then known. Whoever has items in both arms counts in each. The effect
    counts reviewers as its units; an arm needs two of them.
    """
    means = {arm: [mean for _, mean in _means(clusters, arm)] for arm in _ARMS}
    counts = len(means["assisted"]), len(means["control"])
    sides = [_side(means[arm]) for arm in _ARMS]
    trouble = _trouble(counts, all(side and side.variance > 0 for side in sides))
    if trouble or sides[0] is None or sides[1] is None:
        values = [side.value if side else None for side in sides]
        return without_interval(
            trouble, values[0], values[1], counts, unit=unit, method="reviewer_means", confidence=confidence
        )
    return compare(sides[0], sides[1], unit=unit, method="reviewer_means", confidence=confidence)


def within_reviewers(clusters: Clusters, *, unit: str, confidence: float = CONFIDENCE) -> Effect:
    """The effect where each reviewer has both arms: the mean of their differences, with a t interval over reviewers.

    A reviewer with n items assisted and m control weighs n m / (n + m), which is what the difference of two means of so
    many is worth; so people with many items count for more, as they will after the pilot. The variance is CR2 and its
    degrees of freedom are those of Bell and McCaffrey (Survey Methodology 28 (2002), 169-181; G. Imbens and M. Kolesár,
    Review of Economics and Statistics 98 (2016), 701-712), which for equal weights are the paired t test. Reviewers
    with one arm only are left out.
    """
    method: Method = "within_reviewers"
    weights, assisted, control = _pairs(clusters)
    reviewers = len(weights)
    if not reviewers:
        return without_interval("empty_arm", None, None, (0, 0), unit=unit, method=method, confidence=confidence)
    values = float(weights @ assisted), float(weights @ control)
    variance = 0.0
    if reviewers >= _LEAST_REVIEWERS:
        variance = _above_rounding(_cr2(weights, assisted - control, assisted - control), values)
    trouble = _trouble((reviewers, reviewers), variance > 0)
    if trouble:
        counts = reviewers, reviewers
        return without_interval(trouble, *values, counts, unit=unit, method=method, confidence=confidence)
    degrees = _degrees(weights)
    return effect_of(
        Side(values[0], _cr2(weights, assisted, assisted), degrees, reviewers),
        Side(values[1], _cr2(weights, control, control), degrees, reviewers),
        variance,
        degrees,
        unit=unit,
        method=method,
        confidence=confidence,
        covariance=_cr2(weights, assisted, control),
    )


_ARMS: tuple[Arm, Arm] = ("assisted", "control")


def _means(clusters: Clusters, arm: Arm) -> list[tuple[int, float]]:
    sums = ((number, by_arm.get(arm)) for number, by_arm in sorted(clusters.items()) if number != NOBODY)
    return [(number, held.y / held.d) for number, held in sums if held is not None and not is_empty(held)]


def _side(means: Sequence[float]) -> Side | None:
    if not means:
        return None
    values = np.array(means)
    variance = float(values.var(ddof=1)) / len(values) if len(values) >= _LEAST_REVIEWERS else 0.0
    return Side(float(values.mean()), _above_rounding(variance, means), max(len(values) - 1, 1), len(values))


def _above_rounding(variance: float, values: Sequence[float]) -> float:
    return variance if variance > (_NOISE * max(abs(value) for value in values)) ** 2 else 0.0


def _trouble(counts: tuple[int, int], spreads: bool) -> Trouble:
    if not all(counts):
        return "empty_arm"
    if min(counts) < _LEAST_REVIEWERS:
        return "too_few"
    return "" if spreads else "no_spread"


def _pairs(clusters: Clusters) -> tuple[Floats, Floats, Floats]:
    """Weights that add up to 1, assisted means and control means of the reviewers who have both."""
    control = dict(_means(clusters, "control"))
    found = []
    for number, mean in _means(clusters, "assisted"):
        if number in control:
            n, m = clusters[number]["assisted"].d, clusters[number]["control"].d
            found.append((n * m / (n + m), mean, control[number]))
    weights, assisted, means = np.array(found, dtype=float).reshape(-1, 3).T
    return weights / weights.sum() if found else weights, assisted, means


def _cr2(weights: Floats, first: Floats, second: Floats) -> float:
    """The covariance of two weighted means over the same reviewers; weights add up to 1."""
    left, right = first - weights @ first, second - weights @ second
    return float(np.sum(weights**2 * left * right / (1 - weights)))


def _degrees(weights: Floats) -> float:
    """Bell and McCaffrey's degrees of freedom where the variance of a difference goes with one over its weight."""
    shares = weights**2 / (1 - weights)
    return float(1 / (np.sum(weights**2) + np.sum(shares) ** 2 - np.sum(shares**2)))
