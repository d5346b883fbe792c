"""Intervals: known values, the peer's values, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from graftwork.core.bootstrap import cluster_bootstrap, cluster_means
from graftwork.core.stats import wilson


def mean(sums):
    with np.errstate(invalid="ignore"):
        return sums[:, 0] / sums[:, 1]


def of_values(values):
    return np.column_stack([np.asarray(values, dtype=float), np.ones(len(values))])


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (15, 148, 0.0624, 0.1605), (1, 1, 0.2065, 1.0)],
)
def test_a_share_has_the_interval_of_wilson(successes, trials, low, high):
    estimate = wilson(successes, trials)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-4)
    assert (estimate.n, estimate.unit) == (trials, "share")


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (2, 1), (-1, 3)])
def test_a_share_of_nothing_is_refused(successes, trials):
    with pytest.raises(ValueError, match="trial"):
        wilson(successes, trials)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_lies_around_the_share_and_within_0_and_1(pair):
    estimate = wilson(*pair)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


@pytest.mark.parametrize(("method", "peers"), [("bca", "BCa"), ("percentile", "percentile")])
def test_the_bootstrap_agrees_with_that_of_scipy(method, peers):
    values = np.random.default_rng(1).exponential(size=60)
    ours = cluster_bootstrap(of_values(values), mean, unit="s", method=method, resamples=9_000)
    theirs = scipy_stats.bootstrap((values,), np.mean, method=peers, n_resamples=9_000, rng=np.random.default_rng(2))
    low, high = theirs.confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.03)


def test_rows_of_one_thread_are_one_cluster_and_widen_the_interval():
    rng = np.random.default_rng(3)
    by_thread = np.repeat(rng.normal(size=30), 10)
    rows = cluster_bootstrap(of_values(by_thread), mean, unit="points")
    threads = cluster_bootstrap(
        np.column_stack([by_thread.reshape(30, 10).sum(axis=1), np.full(30, 10.0)]), mean, unit="points"
    )
    assert threads.value == pytest.approx(rows.value)
    assert threads.high - threads.low > 2 * (rows.high - rows.low)
    assert (rows.n, threads.n) == (300, 30)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    held = 0
    for seed in range(200):
        estimate = cluster_bootstrap(of_values(rng.normal(5, 2, 40)), mean, unit="min", resamples=500, seed=seed)
        held += estimate.low <= 5 <= estimate.high
    assert 0.89 <= held / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    sums = of_values(np.random.default_rng(5).normal(size=25))
    first = cluster_bootstrap(sums, mean, unit="s", seed=7)
    assert cluster_bootstrap(sums, mean, unit="s", seed=7) == first
    assert cluster_bootstrap(sums, mean, unit="s", seed=8) != first


@pytest.mark.parametrize(("values", "known"), [([3.0], False), ([1.0, 2, 3, 4], False), ([1.0, 2, 3, 4, 5], True)])
def test_few_clusters_have_a_value_without_an_interval(values, known):
    estimate = cluster_bootstrap(of_values(values), mean, unit="s")
    assert estimate.value == sum(values) / len(values)
    assert estimate.n == len(values)
    assert (estimate.low is not None, estimate.high is not None) == (known, known)


def test_what_is_not_defined_is_none_and_not_0():
    assert cluster_bootstrap(np.zeros((5, 2)), mean, unit="s") is None
    assert cluster_bootstrap(np.zeros((0, 2)), mean, unit="s") is None


def test_a_perfect_score_of_few_clusters_is_not_called_certain():
    estimate = cluster_bootstrap(of_values([1.0] * 10), mean, unit="share", bounds=(0, 1))
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert estimate.low == pytest.approx(0.7225, abs=5e-4)
    within = cluster_bootstrap(of_values([0.5] * 10), mean, unit="share", bounds=(0, 1))
    assert (within.low, within.high) == (None, None)


def test_clusters_that_say_nothing_are_not_counted():
    some = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    assert cluster_bootstrap(some, mean, unit="share").n == 3


def test_a_value_that_hangs_on_one_cluster_alone_has_no_interval():
    hangs_on_one = np.column_stack([np.zeros(50), np.zeros(50), np.ones(50)])
    hangs_on_one[0] = (0.4, 1.0, 1.0)
    estimate = cluster_bootstrap(hangs_on_one, mean, unit="share")
    assert (estimate.value, estimate.low) == (0.4, None)


def test_means_are_taken_over_rows_and_drawn_over_clusters():
    pairs = [("a", 1.0), ("a", 3.0), *((str(n), 2.0 + n) for n in range(5))]
    estimate = cluster_means(pairs, unit="seconds")
    assert estimate.value == pytest.approx(sum(value for _, value in pairs) / 7)
    assert (estimate.n, estimate.unit) == (6, "seconds")
    assert cluster_means([], unit="seconds") is None
