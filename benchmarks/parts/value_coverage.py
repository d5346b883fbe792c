"""How often 95 % intervals hold the truth: log-normal times of which 3 % are five times as long."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from graftwork.core.stats import Estimate
from graftwork.core.value.effects import arm_estimate, cuped, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.quantiles import bin_of, quantile_difference
from graftwork.core.value.results import Effect
from graftwork.core.value.sequences import sequence
from support.pilot_draws import moments, times

OUTLIERS = 0.03
UNITS = 400  # in each arm
ASSISTED, CONTROL = 100.0, 130.0
Interval = Effect | Estimate | None
# One replication: our interval, that of the reference (`None` where there is none).
Replication = Callable[[np.random.Generator], tuple[Interval, Interval]]


def covered(replication: Replication, truth: float, *, runs: int, seed: int) -> tuple[float, float | None]:
    """The shares of `runs` in which our interval and the reference's hold `truth`."""
    rng = np.random.default_rng(seed)
    found = [replication(rng) for _ in range(runs)]
    ours = np.mean([_holds(one, truth) for one, _ in found])
    theirs = [_holds(other, truth) for _, other in found if other is not None]
    return float(ours), float(np.mean(theirs)) if theirs else None


def means(rng: np.random.Generator) -> tuple[Interval, Interval]:
    return difference(*_arms(rng), unit="s"), None


def lifts(rng: np.random.Generator) -> tuple[Interval, Interval]:
    return difference(*_arms(rng), unit="s").relative, None


def one_look(rng: np.random.Generator) -> tuple[Interval, Interval]:
    """The sequence at one look, beside the interval that is meant for one look."""
    effect = difference(*_arms(rng), unit="s")
    return sequence(effect, tightest_at_units=5_000), effect


def threads(rng: np.random.Generator) -> tuple[Interval, Interval]:
    """Threads of one to eight items that are alike: the delta method, and Welch on items as if they were not."""
    arms, items = [], []
    for mean in (ASSISTED, CONTROL):
        count = 1 + rng.binomial(7, 0.3, size=UNITS)
        level = rng.lognormal(-0.18, 0.6, size=UNITS)
        y = times(rng, int(count.sum()), mean=mean, sigma=0.4, outliers=OUTLIERS) * np.repeat(level, count)
        ends = np.concatenate([[0], np.cumsum(count)[:-1]])
        arms.append(moments(np.add.reduceat(y, ends), count.astype(float)))
        items.append(moments(y))
    return difference(arms[0], arms[1], unit="s"), difference(items[0], items[1], unit="s")


def adjusted(rng: np.random.Generator) -> tuple[Interval, Interval]:
    """CUPED with a covariate that correlates by about 0.6, and Welch without it."""
    arms = []
    for mean in (ASSISTED, CONTROL):
        size = rng.standard_normal(UNITS)
        y = mean * np.exp(0.55 * size + 0.43 * rng.standard_normal(UNITS) - (0.55**2 + 0.43**2) / 2)
        y *= np.where(rng.random(UNITS) < OUTLIERS, 5.0, 1.0) / (1 + 4 * OUTLIERS)
        arms.append(moments(y, x=np.exp(0.55 * size)))
    return cuped(arms[0], arms[1], unit="s"), difference(arms[0], arms[1], unit="s")


def quantiles(q: float) -> Replication:
    def replication(rng: np.random.Generator) -> tuple[Interval, Interval]:
        bins = [
            Counter(map(bin_of, times(rng, UNITS, mean=mean, outliers=OUTLIERS).tolist()))
            for mean in (ASSISTED, CONTROL)
        ]
        return quantile_difference(bins[0], bins[1], q, unit="s", seed=int(rng.integers(2**32))), None

    return replication


def true_quantile(q: float) -> float:
    """Of the difference, from 4 million draws."""
    drawn = times(np.random.default_rng(0), 4_000_000, mean=1.0, outliers=OUTLIERS)
    return float(np.quantile(drawn, q)) * (ASSISTED - CONTROL)


def shares(rng: np.random.Generator) -> tuple[Interval, Interval]:
    """6 % against 4 % of 200: ours, and plain Welch on the same (the unit decides)."""
    arms = [moments((rng.random(200) < share).astype(float)) for share in (0.06, 0.04)]
    return difference(arms[0], arms[1], unit="share"), difference(arms[0], arms[1], unit="points")


def one_share(rng: np.random.Generator) -> tuple[Interval, Interval]:
    """4 % of 200: Wilson's interval, and the t interval."""
    arm = moments((rng.random(200) < 0.04).astype(float))
    return arm_estimate(arm, unit="share", share=True), arm_estimate(arm, unit="share")


def _arms(rng: np.random.Generator) -> tuple[Moments, Moments]:
    assisted, control = (moments(times(rng, UNITS, mean=mean, outliers=OUTLIERS)) for mean in (ASSISTED, CONTROL))
    return assisted, control


def _holds(one: Interval, truth: float) -> bool:
    return one is not None and one.low is not None and one.high is not None and one.low <= truth <= one.high
