"""Two arms: the peers' values, what must hold for every input, and what no interval can be given for."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from graftwork.core.value.effects import arm_estimate, before_after, cuped, difference
from graftwork.core.value.moments import Moments
from support.moments import of_items, of_units
from support.pilot_draws import moments, times

RNG = np.random.default_rng(20261122)
ASSISTED = RNG.lognormal(4.0, 0.6, size=180)
CONTROL = RNG.lognormal(4.2, 0.8, size=95)
# Student's own example (1908): hours of sleep gained with two drugs, ten patients each, as R has it in `sleep`.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_difference_of_means_is_that_of_scipys_welch_test():
    effect = difference(of_items(ASSISTED), of_items(CONTROL), unit="s")
    peer = stats.ttest_ind(ASSISTED, CONTROL, equal_var=False)
    interval = peer.confidence_interval(0.95)
    assert effect.method == "welch"
    assert (effect.low, effect.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert effect.p_value == pytest.approx(peer.pvalue, rel=1e-9)
    assert (effect.units_assisted, effect.units_control, effect.unit) == (180, 95, "s")


def test_the_difference_of_means_is_that_of_statsmodels_at_another_confidence():
    effect = difference(of_items(ASSISTED), of_items(CONTROL), unit="s", confidence=0.9)
    peer = CompareMeans(DescrStatsW(ASSISTED), DescrStatsW(CONTROL)).tconfint_diff(0.1, usevar="unequal")
    assert (effect.low, effect.high) == pytest.approx(peer, rel=1e-9)
    assert effect.confidence == 0.9


def test_the_published_example_of_two_sleeping_drugs():
    effect = difference(of_items(SLEEP_1), of_items(SLEEP_2), unit="h")
    assert effect.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (effect.low, effect.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)


def threads(rng, count, mean):
    """Threads of one to eight items, alike within a thread; seconds and items of each."""
    items = 1 + rng.binomial(7, 0.3, size=count)
    seconds = items * rng.lognormal(math.log(mean), 0.5, size=count) * rng.lognormal(0, 0.1, size=count)
    return seconds, items.astype(float)


def test_a_ratio_has_the_interval_of_a_bootstrap_over_threads():
    rng = np.random.default_rng(1)
    a, c = threads(rng, 300, 80), threads(rng, 200, 100)
    effect = difference(of_units(*a), of_units(*c), unit="s")
    drawn = [
        (y[at].sum(axis=1) / d[at].sum(axis=1))
        for (y, d), at in ((arm, rng.integers(0, len(arm[0]), (20_000, len(arm[0])))) for arm in (a, c))
    ]
    assert effect.method == "delta"
    assert effect.difference == pytest.approx(a[0].sum() / a[1].sum() - c[0].sum() / c[1].sum())
    assert effect.standard_error == pytest.approx((drawn[0] - drawn[1]).std(), rel=0.03)
    assert (effect.low, effect.high) == pytest.approx(np.quantile(drawn[0] - drawn[1], [0.025, 0.975]), abs=1.0)
    lifts = np.quantile(drawn[0] / drawn[1] - 1, [0.025, 0.975])
    assert (effect.relative.low, effect.relative.high) == pytest.approx(lifts, abs=0.015)


def test_a_ratio_has_the_standard_error_of_a_regression_with_errors_by_thread():
    """Items regressed on a constant, with errors clustered by thread, are the same ratio: statsmodels says how wide."""
    rng = np.random.default_rng(2)
    items = rng.integers(1, 6, size=150)
    by_thread = [rng.lognormal(4, 0.5) * rng.lognormal(0, 0.3, size=n) for n in items]
    arm = Moments.total(Moments.of(float(part.sum()), float(len(part))) for part in by_thread)
    estimate = arm_estimate(arm, unit="s")
    rows, groups = np.concatenate(by_thread), np.repeat(np.arange(150), items)
    peer = sm.OLS(rows, np.ones(len(rows))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=False
    )
    error = (estimate.high - estimate.value) / stats.t.ppf(0.975, 149)
    assert estimate.value == pytest.approx(rows.mean())
    assert error == pytest.approx(peer.bse[0] * math.sqrt(150 / 149), rel=1e-9)


def correlated(rng, count, shift, slope=1.5):
    x = rng.normal(50, 10, size=count)
    return shift + slope * x + rng.normal(0, 8, size=count), x


def test_adjusting_by_a_covariate_is_the_regression_on_arm_and_covariate():
    rng = np.random.default_rng(3)
    (ya, xa), (yc, xc) = correlated(rng, 400, 5), correlated(rng, 350, 12)
    effect = cuped(of_items(ya, xa), of_items(yc, xc), unit="s")
    arm = np.r_[np.ones(400), np.zeros(350)]
    peer = sm.OLS(np.r_[ya, yc], sm.add_constant(np.column_stack([arm, np.r_[xa, xc]]))).fit(cov_type="HC2")
    residuals = np.r_[ya, yc] - peer.params[2] * np.r_[xa, xc]
    by_hand = stats.ttest_ind(residuals[:400], residuals[400:], equal_var=False)
    assert effect.method == "cuped"
    assert effect.difference == pytest.approx(peer.params[1], rel=1e-9)
    assert effect.standard_error == pytest.approx(peer.bse[1], rel=0.01)
    assert effect.p_value == pytest.approx(by_hand.pvalue, rel=0.15)
    assert effect.assisted - effect.control == pytest.approx(effect.difference)
    correlation = np.corrcoef(np.r_[ya - ya.mean(), yc - yc.mean()], np.r_[xa - xa.mean(), xc - xc.mean()])[0, 1]
    assert effect.adjustment == pytest.approx(correlation**2, abs=0.01)


def test_a_covariate_that_says_nothing_takes_nothing_away():
    rng = np.random.default_rng(4)
    y, x = rng.normal(100, 20, 500), rng.normal(0, 1, 500)
    plain = difference(of_items(y[:250]), of_items(y[250:]), unit="s")
    adjusted = cuped(of_items(y[:250], x[:250]), of_items(y[250:], x[250:]), unit="s")
    assert adjusted.adjustment < 0.02
    assert adjusted.standard_error == pytest.approx(plain.standard_error, rel=0.02)


@pytest.mark.parametrize("x", [0.0, 37.1])
def test_a_covariate_that_is_the_same_everywhere_changes_nothing(x):
    a, c = of_items(ASSISTED, np.full(180, x)), of_items(CONTROL, np.full(95, x))
    assert cuped(a, c, unit="s") == difference(a, c, unit="s")


def test_a_covariate_of_the_first_item_does_not_mind_that_drafts_shorten_threads():
    """Fewer items per thread, none of them faster: no effect. A covariate summed over items would make one up."""
    rng = np.random.default_rng(1)
    wrong = {"first": 0, "summed": 0}
    for _ in range(100):
        arms = {kind: [] for kind in wrong}
        for mean_items in (1.6, 2.0):
            count = 1 + rng.poisson(mean_items - 1, 300)
            size = rng.lognormal(5, 0.6, count.sum())
            seconds = 0.5 * size * rng.lognormal(0, 0.3, len(size)) + 20
            starts = np.r_[0, np.cumsum(count)[:-1]]
            y = np.add.reduceat(seconds, starts)
            arms["first"].append(of_units(y, count, size[starts]))
            arms["summed"].append(of_units(y, count, np.add.reduceat(size, starts)))
        for kind, (a, c) in arms.items():
            effect = cuped(a, c, unit="s")
            wrong[kind] += not effect.low <= 0 <= effect.high
    assert wrong["first"] <= 10
    assert wrong["summed"] > 50


def test_none_of_forty_is_not_made_certain_by_a_covariate():
    x = np.arange(40.0)
    none, some = of_items(np.zeros(40), x), of_items((x > 30).astype(float), x)
    assert cuped(none, some, unit="share") == difference(none, some, unit="share")


def test_adjusted_ratios_keep_their_value_where_the_covariate_is_balanced():
    rng = np.random.default_rng(5)
    y, d = threads(rng, 200, 90)
    x = y / d + rng.normal(0, 10, 200)
    arm = of_units(y, d, x)
    effect = cuped(arm, arm, unit="s")
    assert effect.difference == pytest.approx(0, abs=1e-9)
    assert effect.adjustment > 0.3


def test_a_baseline_is_compared_as_welch_and_says_that_it_is_one():
    effect = before_after(of_items(ASSISTED), of_items(CONTROL), unit="s")
    assert effect.method == "before_after"
    assert effect.low == difference(of_items(ASSISTED), of_items(CONTROL), unit="s").low


ONE = of_items([60.0])
TWO_ALIKE = of_items([60.0, 60.0])
MANY = of_items([50.0, 60.0, 70.0])


@pytest.mark.parametrize("compared", [difference, cuped, before_after])
@pytest.mark.parametrize(
    ("assisted", "control", "trouble", "gap"),
    [
        (Moments(), MANY, "empty_arm", None),
        (MANY, Moments(), "empty_arm", None),
        (ONE, MANY, "too_few", 0.0),
        (MANY, ONE, "too_few", 0.0),
        (TWO_ALIKE, TWO_ALIKE, "no_spread", 0.0),
        (TWO_ALIKE, MANY, "no_spread", 0.0),
        (Moments(3.0), MANY, "empty_arm", None),  # three units of which none was counted
    ],
)
def test_where_no_interval_is_honest_there_is_none(compared, assisted, control, trouble, gap):
    effect = compared(assisted, control, unit="s")
    assert effect.trouble == trouble
    assert effect.difference == (None if gap is None else pytest.approx(gap))
    assert (effect.low, effect.high, effect.standard_error, effect.p_value) == (None,) * 4


@pytest.mark.parametrize(("value", "count"), [(0.1, 100_000), (37.3, 20_000), (1e9 + 0.1, 1_000)])
def test_rounding_is_no_spread(value, count):
    arm = Moments()
    for _ in range(count):
        arm = arm + Moments.of(value)
    assert difference(arm, arm, unit="s").trouble == "no_spread"
    assert arm_estimate(arm, unit="s").low is None


@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6])
def test_a_small_spread_about_a_large_mean_is_kept(mean):
    y = mean + np.tile([-1.0, 0.0, 1.0], 100)
    effect = difference(of_items(y), of_items(y), unit="s")
    assert effect.standard_error == pytest.approx(math.sqrt(2 * y.var(ddof=1) / 300), rel=1e-3)


def test_the_dust_of_units_that_were_taken_back_is_an_empty_arm():
    dust = Moments(units=0.0, y=3e-17, d=1e-17, yy=1e-18, dd=1e-18, yd=1e-18)
    assert difference(dust, MANY, unit="items/h").trouble == "empty_arm"
    assert difference(dust, MANY, unit="items/h").assisted is None
    assert arm_estimate(dust, unit="items/h") is None


@pytest.mark.parametrize("value", [1e-170, 1e160, 1e300])
def test_values_whose_squares_are_no_floats_have_no_interval(value):
    arm = of_items([value, 2 * value, 3 * value], [value, 0, 0])
    assert difference(arm, MANY, unit="points").trouble
    assert cuped(MANY, arm, unit="points").trouble


def test_a_lift_is_unknown_where_control_is_0_or_below_and_unbounded_where_it_may_be():
    assert difference(MANY, of_items([-1.0, 0.0, 1.0]), unit="points").relative is None
    near = difference(MANY, of_items([-1.0, 0.5, 2.0]), unit="points").relative
    assert near.value > 0
    assert near.low is None


@pytest.mark.parametrize(("yes", "total"), [(0, 40), (7, 40), (400, 10_000), (40, 40)])
def test_a_share_of_one_arm_is_that_of_statsmodels(yes, total):
    estimate = arm_estimate(of_items([1.0] * yes + [0.0] * (total - yes)), unit="share", share=True)
    low, high = proportion_confint(yes, total, method="wilson")
    assert (estimate.low, estimate.high, estimate.n) == (pytest.approx(low, abs=1e-9), pytest.approx(high), total)


def test_a_mean_of_one_arm_is_that_of_scipy():
    estimate = arm_estimate(of_items(CONTROL), unit="s")
    peer = stats.ttest_1samp(CONTROL, 0).confidence_interval()
    assert (estimate.low, estimate.high) == pytest.approx((peer.low, peer.high))
    assert arm_estimate(Moments(), unit="s") is None
    assert arm_estimate(ONE, unit="s").low is None


def test_the_share_of_several_items_a_thread_stays_within_0_and_1():
    estimate = arm_estimate(of_units([3.0, 2.0, 0.0], [3.0, 2.0, 1.0]), unit="share", share=True)
    assert estimate.value == pytest.approx(5 / 6)
    assert estimate.high == 1


def test_shares_are_compared_as_agresti_and_caffo_say():
    """Their variance: one yes and one no more in each arm. Plain Welch would call 0 of 40 certain."""
    effect = difference(of_items([0.0] * 40), of_items([1.0] * 5 + [0.0] * 35), unit="share")
    added = [(1 / 42), (6 / 42)]
    assert effect.standard_error == pytest.approx(math.sqrt(sum(p * (1 - p) / 42 for p in added)))
    assert effect.difference == -0.125
    none = difference(of_items([0.0] * 40), of_items([0.0] * 40), unit="share")
    assert (none.trouble, none.difference) == ("", 0)
    assert -0.1 < none.low < 0 < none.high < 0.1


values = st.lists(st.floats(0.5, 5_000), min_size=3, max_size=40)


@given(values, values)
def test_swapped_arms_swap_the_sign(a, c):
    one, other = difference(of_items(a), of_items(c), unit="s"), difference(of_items(c), of_items(a), unit="s")
    assume(not one.trouble)
    assert (one.difference, one.low, one.high) == pytest.approx((-other.difference, -other.high, -other.low))
    assert one.p_value == pytest.approx(other.p_value)


@given(values, values, st.floats(1e-3, 1e3))
def test_minutes_for_seconds_scale_everything_and_change_no_p_value(a, c, factor):
    one = difference(of_items(a), of_items(c), unit="s")
    scaled = difference(of_items(np.array(a) * factor), of_items(np.array(c) * factor), unit="min")
    assume(not one.trouble and one.standard_error > 1e-6)
    assert (scaled.low, scaled.high) == pytest.approx((one.low * factor, one.high * factor), rel=1e-6, abs=1e-6)
    assert scaled.p_value == pytest.approx(one.p_value, rel=1e-4, abs=1e-9)


@given(values, values, st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(a, c, chance):
    mixed = list(a)
    chance.shuffle(mixed)
    assert difference(of_items(mixed), of_items(c), unit="s") == difference(of_items(a), of_items(c), unit="s")


@given(values, values, st.integers(1, 39))
def test_days_added_up_say_the_same_as_the_whole(a, c, at):
    whole = of_items(a)
    parts = of_items(a[:at]) + of_items(a[at:])
    one, other = difference(whole, of_items(c), unit="s"), difference(parts, of_items(c), unit="s")
    assert one.trouble == other.trouble
    if not one.trouble:
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-6, abs=1e-6)


@given(values, values)
def test_what_was_added_can_be_taken_away_again(a, extra):
    kept = of_items(a) + of_items(extra) - of_items(extra)
    again = arm_estimate(kept, unit="s")
    assert again.value == pytest.approx(np.mean(a))


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.1, 50), st.floats(-1e3, 1e3)), min_size=2, max_size=30))
def test_every_interval_holds_its_value_and_no_number_is_nan(units):
    y, d, x = zip(*units, strict=True)
    for effect in (cuped(of_units(y, d, x), MANY, unit="s"), difference(of_units(y, d, x), MANY, unit="s")):
        if not effect.trouble:
            assert effect.low <= effect.difference <= effect.high
            assert 0 <= effect.p_value <= 1
            assert effect.standard_error > 0


@pytest.mark.parametrize("outliers", [0.0, 0.03])
def test_the_interval_of_skewed_times_with_outliers_covers_as_often_as_it_says(outliers):
    rng = np.random.default_rng(20261122)
    covered = 0
    for _ in range(500):
        arms = (times(rng, 400, mean=mean, outliers=outliers) for mean in (100.0, 130.0))
        effect = difference(*map(moments, arms), unit="s")
        covered += effect.low <= -30 <= effect.high
    assert 0.93 <= covered / 500 <= 0.97
