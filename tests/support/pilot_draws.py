"""Simulated pilots for tests and benchmarks of core/value: times are log-normal, whole arms at once, as sums."""

import numpy as np

from graftwork.core.value.moments import Moments


def moments(y, d=None, x=None):
    """Arrays of units as sums, at numpy's speed."""
    d = np.ones_like(y) if d is None else d
    x = np.zeros_like(y) if x is None else x
    return Moments(float(len(y)), *(float(part.sum()) for part in (y, d, x, y * y, d * d, x * x, y * d, y * x, d * x)))


def times(rng, count, *, mean=120.0, sigma=0.7, outliers=0.0):
    """Seconds with this mean and log-scale spread; a share of them are outliers, five times as long."""
    y = rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, size=count)
    return y * np.where(rng.random(count) < outliers, 5.0, 1.0) / (1 + 4 * outliers)


def looks(rng, *, pilots, looks, units, sigma=0.7, correlation=0.0, mean=120.0, share=0.5):
    """For each pilot without an effect, the sums of both arms at each look; days bring unlike numbers of units."""
    for _ in range(pilots):
        noise, known = rng.standard_normal((2, units))
        known = correlation * noise + np.sqrt(1 - correlation**2) * known
        y = np.exp(np.log(mean) - sigma**2 / 2 + sigma * noise)
        assisted = rng.random(units) < share
        ends = np.cumsum(rng.dirichlet(np.full(looks, 2.0)) * units).astype(int)
        yield [arms(y[:end], assisted[:end], known[:end]) for end in ends if end]


def arms(y, assisted, x=None):
    """Sums of the assisted and of the others."""
    return tuple(moments(y[at], x=None if x is None else x[at]) for at in (assisted, ~assisted))


def reviewers(rng, *, each, items, intraclass, effect=0.0, mean=120.0, sigma=0.7, uneven=True):
    """Reviewers drawn into arms: paces that differ so much that items of one are alike to this degree."""
    spread = mean * np.sqrt(np.expm1(sigma**2))
    clusters = {}
    for number in range(1, 2 * each + 1):
        arm = "assisted" if number <= each else "control"
        count = int(rng.poisson(items * rng.gamma(4, 0.25))) + 2 if uneven else items
        noise = rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, size=count) - mean
        pace = rng.normal(0, spread * np.sqrt(intraclass))
        y = mean + pace + np.sqrt(1 - intraclass) * noise + (effect if arm == "assisted" else 0.0)
        clusters[number] = {arm: moments(y)}
    return clusters
