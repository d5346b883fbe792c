"""Quantiles from bins: against numpy, and how often the interval of a difference covers."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graftwork.core.value.quantiles import bin_of, middle_of, quantile, quantile_difference
from support.pilot_draws import times


def bins(values):
    return Counter(map(bin_of, map(float, values)))


@given(st.floats(1e-5, 1e12))
def test_a_bin_stands_for_its_values_within_1_per_cent(value):
    assert middle_of(bin_of(value)) == pytest.approx(value, rel=0.0100001)
    assert middle_of(bin_of(-value)) == pytest.approx(-value, rel=0.0100001)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_bins_stand_in_the_order_of_their_values(one, other):
    assert (bin_of(one) <= bin_of(other)) or one > other


@pytest.mark.parametrize(("value", "number"), [(0.0, 0), (-0.0, 0), (1e-9, 0), (1.0, 691), (-1.0, -691)])
def test_bins_stay_where_they_are(value, number):
    """Stored counts go by these numbers: they must never change."""
    assert bin_of(value) == number


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_not_finite_has_no_bin(value):
    with pytest.raises(ValueError, match="finite"):
        bin_of(value)


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60), st.floats(0, 1))
def test_a_quantile_is_that_of_numpy_within_1_per_cent(values, q):
    assert quantile(bins(values), q) == pytest.approx(np.quantile(values, q), rel=0.0101)


def test_quantiles_of_nothing_and_beyond_0_to_1():
    assert quantile({}, 0.5) is None
    assert quantile({3: 0}, 0.5) is None
    assert quantile_difference({}, {700: 5}, 0.5, unit="s") is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile({1: 1}, 1.5)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_the_difference_of_quantiles_has_the_interval_of_scipys_bootstrap(q):
    rng = np.random.default_rng(2)
    a, c = times(rng, 900, mean=100), times(rng, 700, mean=130)
    found = quantile_difference(bins(a), bins(c), q, unit="s")
    peer = stats.bootstrap(
        (a, c), lambda one, other, axis: np.quantile(one, q, axis=axis) - np.quantile(other, q, axis=axis),
        method="percentile", n_resamples=4_000, rng=np.random.default_rng(3), vectorized=True,
    ).confidence_interval  # fmt: skip
    width = peer.high - peer.low
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=0.15 * width)
    assert (found.n, found.unit) == (1_600, "s")


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one():
    a, c = bins(range(1, 200)), bins(range(20, 260))
    one = quantile_difference(a, c, 0.5, unit="s", seed=1)
    assert one == quantile_difference(a, c, 0.5, unit="s", seed=1)
    assert one.low == pytest.approx(quantile_difference(a, c, 0.5, unit="s", seed=2).low, abs=2)


def test_swapped_arms_swap_the_sign():
    a, c = bins(range(1, 200)), bins(range(20, 260))
    one, other = quantile_difference(a, c, 0.9, unit="s"), quantile_difference(c, a, 0.9, unit="s")
    assert one.value == -other.value
    assert one.low == pytest.approx(-other.high, abs=4)


@pytest.mark.parametrize(
    ("assisted", "control", "q"),
    [
        ({700: 500}, {690: 500}, 0.5),  # all the same in each arm
        (bins(range(1, 90)), bins(range(1, 900)), 0.95),  # four beyond it
    ],
)
def test_a_quantile_without_values_beyond_it_has_no_interval(assisted, control, q):
    found = quantile_difference(assisted, control, q, unit="s")
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_skewed_times_with_outliers_are_covered(q):
    rng = np.random.default_rng(20261122)
    truth = np.quantile(times(rng, 2_000_000, mean=100, outliers=0.03), q) * (1 - 130 / 100)
    covered = 0
    for number in range(500):
        a, c = times(rng, 300, mean=100, outliers=0.03), times(rng, 300, mean=130, outliers=0.03)
        found = quantile_difference(bins(a), bins(c), q, unit="s", seed=number)
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / 500 <= 0.97
