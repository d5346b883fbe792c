"""How long the statistics of one metric take from sums, and what reading rows would take."""

import time
from collections import Counter

import numpy as np

from graftwork.core.value.clusters import Clusters, within_reviewers
from graftwork.core.value.effects import arm_estimate, cuped, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.quantiles import bin_of, quantile_difference
from graftwork.core.value.sequences import sequence
from support.pilot_draws import moments, times

ROWS = 4_000_000
DAYS, REVIEWERS, TRIES = 365, 200, 5


def from_sums(rng: np.random.Generator) -> float:
    """Milliseconds, the middle of some tries; what is stored of a metric lies ready as sums."""
    days = [[moments(times(rng, 100, mean=mean)) for mean in (100.0, 120.0)] for _ in range(DAYS)]
    clusters: Clusters = {
        number: {"assisted": moments(times(rng, 200, mean=100.0)), "control": moments(times(rng, 200, mean=120.0))}
        for number in range(1, REVIEWERS + 1)
    }
    bins = [Counter(map(bin_of, times(rng, 50_000, mean=mean).tolist())) for mean in (100.0, 120.0)]
    spent = []
    for _ in range(TRIES):
        started = time.perf_counter()
        _appraise(days, clusters, bins)
        spent.append(time.perf_counter() - started)
    return float(np.median(spent)) * 1_000


def _appraise(days: list[list[Moments]], clusters: Clusters, bins: list[Counter[int]]) -> None:
    so_far = [Moments(), Moments()]
    for day in days:
        so_far = [total + added for total, added in zip(so_far, day, strict=True)]
        sequence(difference(so_far[0], so_far[1], unit="s"), tightest_at_units=5_000)
    cuped(so_far[0], so_far[1], unit="s")
    for arm in so_far:
        arm_estimate(arm, unit="s")
    within_reviewers(clusters, unit="s")
    for q in (0.5, 0.9, 0.95):
        quantile_difference(bins[0], bins[1], q, unit="s")


def from_rows(rng: np.random.Generator) -> float:
    """Milliseconds of scipy's Welch test alone, with all rows in memory already."""
    from scipy import stats

    a, c = times(rng, ROWS // 2, mean=100.0), times(rng, ROWS // 2, mean=120.0)
    stats.ttest_ind(a[:10], c[:10], equal_var=False)
    started = time.perf_counter()
    stats.ttest_ind(a, c, equal_var=False)
    return (time.perf_counter() - started) * 1_000
