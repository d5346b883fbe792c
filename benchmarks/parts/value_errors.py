"""Pilots without any effect: how often intervals say that there is one."""

from dataclasses import dataclass

import numpy as np

from graftwork.core.value.clusters import reviewer_means, within_reviewers
from graftwork.core.value.effects import before_after, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect
from graftwork.core.value.sequences import sequence
from support.pilot_draws import looks, moments, reviewers

TIGHTEST = 5_000


@dataclass(frozen=True)
class Errors:
    """Shares of the runs in which an interval left out 0: ours, and the one that would be wrong here."""

    runs: int
    ours: float
    naive: float


def excludes(effect: Effect, truth: float = 0.0) -> bool:
    return effect.low is not None and effect.high is not None and not effect.low <= truth <= effect.high


def daily_looks(
    seed: int, *, pilots: int = 1_000, count: int = 20, units: int, sigma: float, share: float = 0.5
) -> Errors:
    """The sequence and, beside it, the interval for one look, at so many looks of each pilot."""
    ours = naive = 0
    drawn = looks(np.random.default_rng(seed), pilots=pilots, looks=count, units=units, sigma=sigma, share=share)
    for pilot in drawn:
        effects = [difference(a, c, unit="s") for a, c in pilot]
        ours += any(excludes(sequence(effect, tightest_at_units=TIGHTEST)) for effect in effects)
        naive += any(map(excludes, effects))
    return Errors(pilots, ours / pilots, naive / pilots)


def daily_looks_after(seed: int, *, pilots: int = 1_000, count: int = 20, units: int = 3_000) -> Errors:
    """The same against a baseline of 2,000 times that was there before."""
    rng = np.random.default_rng(seed)
    ours = naive = 0
    for _ in range(pilots):
        baseline, y = moments(rng.lognormal(4.5, 0.8, 2_000)), rng.lognormal(4.5, 0.8, units)
        ends = np.cumsum(rng.dirichlet(np.full(count, 2.0)) * units).astype(int)
        effects = [before_after(moments(y[:end]), baseline, unit="s") for end in ends if end]
        ours += any(excludes(sequence(effect, tightest_at_units=TIGHTEST)) for effect in effects)
        naive += any(map(excludes, effects))
    return Errors(pilots, ours / pilots, naive / pilots)


def drawn_reviewers(seed: int, *, runs: int = 4_000, each: int = 10, intraclass: float = 0.06) -> Errors:
    """Reviewers drawn into arms: the interval on their means, and the one that takes items for independent."""
    rng = np.random.default_rng(seed)
    ours = naive = 0
    for _ in range(runs):
        clusters = reviewers(rng, each=each, items=100, intraclass=intraclass)
        ours += excludes(reviewer_means(clusters, unit="s"))
        assisted, control = (
            Moments.total(by_arm[arm] for by_arm in clusters.values() if arm in by_arm)
            for arm in ("assisted", "control")
        )
        naive += excludes(difference(assisted, control, unit="s"))
    return Errors(runs, ours / runs, naive / runs)


def both_arms(seed: int, *, runs: int = 4_000, people: int = 10, gains: float = 12.0) -> Errors:
    """Reviewers with both arms who gain or lose by person, 0 on average: by reviewer, and by item."""
    rng = np.random.default_rng(seed)
    ours = naive = 0
    for _ in range(runs):
        clusters = {}
        for number in range(1, people + 1):
            count, pace, gain = int(rng.integers(40, 160)), rng.normal(0, 20), rng.normal(0, gains)
            y = rng.gamma(4, 25, size=(2, count)) + pace
            clusters[number] = {"assisted": moments(y[0] + gain), "control": moments(y[1])}
        ours += excludes(within_reviewers(clusters, unit="s"))
        arms = [Moments.total(by_arm[arm] for by_arm in clusters.values()) for arm in ("assisted", "control")]
        naive += excludes(difference(arms[0], arms[1], unit="s"))
    return Errors(runs, ours / runs, naive / runs)
