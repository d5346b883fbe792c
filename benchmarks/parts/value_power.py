"""Whether the planned sample finds the planned effect as often as planned."""

import numpy as np

from benchmarks.parts.value_errors import excludes
from graftwork.core.value.clusters import reviewer_means
from graftwork.core.value.effects import difference
from graftwork.core.value.planning import clusters_for_mean, design_effect, units_for_mean, units_for_share
from graftwork.core.value.sequences import sequence
from support.pilot_draws import moments, reviewers, times

MEAN, SIGMA = 120.0, 0.7
SPREAD = MEAN * float(np.sqrt(np.expm1(SIGMA**2)))
# How many units a plan takes, how often they find the effect, and how often the sequence would have found it by then.
Found = tuple[int, float, float | None]


def means(seed: int, runs: int, *, in_proportion: bool = False, times_as_many: float = 1.0) -> Found:
    """Log-normal times: one look at the planned end, and the sequence at twenty looks on the way there.

    The plan takes both arms to have the same spread; where help shortens times `in_proportion`, the assisted have less.
    """
    rng = np.random.default_rng(seed)
    units = round(units_for_mean(12, SPREAD) * times_as_many)
    fixed = daily = 0
    for _ in range(runs):
        a = times(rng, units // 2, mean=MEAN - 12) if in_proportion else times(rng, units // 2, mean=MEAN) - 12
        c = times(rng, units // 2, mean=MEAN)
        fixed += excludes(difference(moments(a), moments(c), unit="s"))
        ends = np.linspace(0, units // 2, 21).astype(int)[1:]
        effects = (difference(moments(a[:end]), moments(c[:end]), unit="s") for end in ends[::-1])
        daily += any(excludes(sequence(effect, tightest_at_units=units)) for effect in effects)
    return units, fixed / runs, daily / runs


def shares(seed: int, runs: int, share: float, effect: float, share_assisted: float) -> Found:
    rng = np.random.default_rng(seed)
    units = units_for_share(share, effect, share_assisted=share_assisted)
    assisted = round(units * share_assisted)
    yes = rng.binomial(assisted, share + effect, runs), rng.binomial(units - assisted, share, runs)
    found = 0
    for a, c in zip(*yes, strict=True):
        arms = [
            moments(np.repeat([1.0, 0.0], [some, count - some]))
            for some, count in ((a, assisted), (c, units - assisted))
        ]
        found += excludes(difference(arms[0], arms[1], unit="share"))
    return units, found / runs, None


def threads(seed: int, runs: int) -> Found:
    """Threads of five items, alike by 0.2: units are threads, the plan counts items with a design effect."""
    rng = np.random.default_rng(seed)
    items = units_for_mean(12, 80, design_effect=design_effect(5, 0.2))
    each = round(items / 5 / 2)
    found = 0
    for _ in range(runs):
        arms = []
        for shift in (-12.0, 0.0):
            y = MEAN + shift + rng.normal(0, 80 * np.sqrt(0.2), (each, 1)) + rng.normal(0, 80 * np.sqrt(0.8), (each, 5))
            arms.append(moments(y.sum(axis=1), np.full(each, 5.0)))
        found += excludes(difference(arms[0], arms[1], unit="s"))
    return items, found / runs, None


def drawn_reviewers(seed: int, runs: int) -> Found:
    """Reviewers drawn, 50 items each, alike by 0.06."""
    rng = np.random.default_rng(seed)
    needed = clusters_for_mean(-16, SPREAD, items_per_cluster=50, intraclass_correlation=0.06)
    each = round(needed / 2)
    found = 0
    for _ in range(runs):
        clusters = reviewers(
            rng, each=each, items=50, intraclass=0.06, effect=-16.0, mean=MEAN, sigma=SIGMA, uneven=False
        )
        found += excludes(reviewer_means(clusters, unit="s"))
    return needed, found / runs, None
