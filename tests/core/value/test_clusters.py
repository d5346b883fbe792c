"""Reviewers as the sample: against scipy on their means, and how often the interval errs where naive ones err often."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graftwork.core.value.clusters import reviewer_means, within_reviewers
from graftwork.core.value.effects import difference
from graftwork.core.value.moments import Moments
from support.moments import of_items
from support.pilot_draws import reviewers

MEANS = {"assisted": [61.0, 80.5, 70.2, 55.0, 91.3], "control": [88.0, 79.0, 95.5, 102.1, 70.4, 99.0]}


def drawn_reviewers(means):
    """A reviewer for each mean, with two, three, ... items that have it."""
    by_arm = [(arm, mean) for arm, those in means.items() for mean in those]
    return {
        number: {arm: of_items([mean - 5.0, mean + 5.0] * (1 + number))}
        for number, (arm, mean) in enumerate(by_arm, start=1)
    }


def test_reviewers_that_were_drawn_are_compared_by_welch_on_their_means():
    effect = reviewer_means(drawn_reviewers(MEANS), unit="s")
    peer = stats.ttest_ind(MEANS["assisted"], MEANS["control"], equal_var=False)
    assert effect.method == "reviewer_means"
    assert (effect.low, effect.high) == pytest.approx(tuple(peer.confidence_interval()))
    assert effect.p_value == pytest.approx(peer.pvalue)
    assert (effect.units_assisted, effect.units_control) == (5, 6)


def both_arms(differences, counts):
    """Reviewers with both arms: so many items in each, and this difference of means."""
    return {
        number: {"control": of_items([90.0, 110.0] * count), "assisted": of_items([90.0 + gap, 110.0 + gap] * count)}
        for number, (gap, count) in enumerate(zip(differences, counts, strict=True), start=1)
    }


def test_reviewers_with_both_arms_and_equal_counts_are_a_paired_t_test():
    gaps = [-10.0, -4.0, -12.5, 3.0, -7.0, -9.0]
    effect = within_reviewers(both_arms(gaps, [4] * 6), unit="s")
    peer = stats.ttest_1samp(gaps, 0)
    assert (effect.low, effect.high) == pytest.approx(tuple(peer.confidence_interval()))
    assert effect.p_value == pytest.approx(peer.pvalue)
    assert (effect.units_assisted, effect.units_control, effect.method) == (6, 6, "within_reviewers")


def test_reviewers_with_many_items_count_for_more():
    gaps, counts = [-10.0, 10.0, -4.0, -5.0], [30, 1, 20, 15]
    effect = within_reviewers(both_arms(gaps, counts), unit="s")
    assert effect.difference == pytest.approx(np.average(gaps, weights=counts))
    weights = np.array(counts, dtype=float)
    peer = sm.WLS(gaps, np.ones(4), weights=weights).fit(cov_type="HC2")
    assert effect.standard_error == pytest.approx(peer.bse[0], rel=1e-9)


def test_a_lift_within_reviewers_knows_that_slow_people_are_slow_in_both_arms():
    rng = np.random.default_rng(1)
    pace = rng.lognormal(4.5, 0.5, size=12)
    clusters = {
        number: {"control": of_items([p, p]), "assisted": of_items([0.8 * p * (1 + e)] * 2)}
        for number, (p, e) in enumerate(zip(pace, rng.normal(0, 0.02, 12), strict=True), start=1)
    }
    effect = within_reviewers(clusters, unit="s")
    assert effect.relative.value == pytest.approx(-0.2, abs=0.02)
    assert effect.relative.high - effect.relative.low < 0.05


SOME = of_items([50.0, 60.0, 75.0])
OTHER = of_items([40.0, 70.0, 90.0])


@pytest.mark.parametrize(
    ("clusters", "trouble", "units"),
    [
        ({}, "empty_arm", (0, 0)),
        ({1: {"assisted": SOME}, 2: {"assisted": OTHER}}, "empty_arm", (2, 0)),
        ({1: {"assisted": SOME}, 2: {"control": OTHER}}, "too_few", (1, 1)),
        ({1: {"assisted": SOME}, 2: {"control": OTHER}, 3: {"control": SOME}}, "too_few", (1, 2)),
        ({n: {"assisted" if n < 3 else "control": SOME} for n in range(1, 5)}, "no_spread", (2, 2)),
        ({0: {"assisted": SOME, "control": OTHER}, 1: {"assisted": SOME}}, "empty_arm", (1, 0)),
        ({1: {"assisted": SOME, "control": Moments()}}, "empty_arm", (1, 0)),
    ],
)
def test_too_few_reviewers_have_no_interval(clusters, trouble, units):
    effect = reviewer_means(clusters, unit="s")
    assert (effect.trouble, effect.low, effect.units_assisted, effect.units_control) == (trouble, None, *units)


@pytest.mark.parametrize(
    ("clusters", "trouble", "units"),
    [
        ({}, "empty_arm", 0),
        ({1: {"assisted": SOME}, 2: {"control": OTHER}}, "empty_arm", 0),
        ({1: {"assisted": SOME, "control": OTHER}}, "too_few", 1),
        ({1: {"assisted": SOME, "control": OTHER}, 0: {"assisted": SOME, "control": OTHER}}, "too_few", 1),
        ({n: {"assisted": SOME, "control": OTHER} for n in (1, 2)}, "no_spread", 2),
    ],
)
def test_too_few_reviewers_with_both_arms_have_no_interval(clusters, trouble, units):
    effect = within_reviewers(clusters, unit="s")
    assert (effect.trouble, effect.low, effect.units_assisted) == (trouble, None, units)


pairs = st.tuples(*[st.lists(st.floats(1, 500), min_size=2, max_size=6)] * 2)


@given(st.lists(pairs, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_swapped_arms_swap_the_sign_and_the_order_of_reviewers_does_not_matter(reviewed, chance):
    clusters = {n: {"assisted": of_items(a), "control": of_items(c)} for n, (a, c) in enumerate(reviewed, start=1)}
    turned = [(n, {"assisted": arms["control"], "control": arms["assisted"]}) for n, arms in clusters.items()]
    chance.shuffle(turned)
    for compared in (reviewer_means, within_reviewers):
        one, other = compared(clusters, unit="s"), compared(dict(turned), unit="s")
        assert one.trouble == other.trouble
        if not one.trouble:
            expected = pytest.approx((-other.difference, -other.high, -other.low), rel=1e-6, abs=1e-6)
            assert (one.difference, one.low, one.high) == expected


def excludes_0(effect):
    return not effect.low <= 0 <= effect.high


def test_ten_and_ten_reviewers_without_an_effect_err_as_seldom_as_promised():
    rng = np.random.default_rng(20261122)
    means, naive = 0, 0
    for _ in range(2_000):
        clusters = reviewers(rng, each=10, items=100, intraclass=0.06)
        means += excludes_0(reviewer_means(clusters, unit="s"))
        whole = [Moments.total(by[arm] for by in clusters.values() if arm in by) for arm in ("assisted", "control")]
        naive += excludes_0(difference(*whole, unit="s"))
    assert 0.03 <= means / 2_000 <= 0.06
    assert naive / 2_000 > 0.3  # why reviewers are the sample


def test_effects_that_differ_between_ten_reviewers_are_covered():
    """Reviewers differ in pace, in how much they gain, and in how many items they have."""
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(600):
        clusters = {}
        for number in range(1, 11):
            count, pace, gain = int(rng.integers(20, 200)), rng.normal(0, 15), rng.normal(-20, 10)
            times = rng.gamma(4, 25, size=(2, count)) + pace
            clusters[number] = {"assisted": of_items(times[0] + gain), "control": of_items(times[1])}
        effect = within_reviewers(clusters, unit="s")
        covered += effect.low <= -20 <= effect.high
    assert 0.92 <= covered / 600 <= 0.98
