"""Sample sizes and power: against statsmodels, published examples, and simulated pilots."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from graftwork.core.value import planning
from graftwork.core.value.effects import difference
from graftwork.core.value.sequences import sequence
from support.pilot_draws import moments


@pytest.mark.parametrize(
    ("size", "share", "power", "confidence"),
    [(0.5, 0.5, 0.8, 0.95), (0.2, 0.5, 0.9, 0.95), (0.8, 0.3, 0.8, 0.99), (0.1, 0.8, 0.8, 0.9), (1.5, 0.5, 0.8, 0.95)],
)
def test_the_sample_for_a_mean_is_that_of_statsmodels(size, share, power, confidence):
    units = planning.units_for_mean(size * 40, 40, share_assisted=share, power=power, confidence=confidence)
    peer = TTestIndPower().solve_power(size, None, 1 - confidence, power, ratio=(1 - share) / share)
    assert units == math.ceil(peer / share - 1e-6)


def test_the_published_example_of_a_medium_effect():
    """Cohen (1992), A power primer, table 2: 64 in each group for d = 0.5 at 80 % and 5 %."""
    assert planning.units_for_mean(0.5, 1.0) in (127, 128)


def test_the_published_example_of_two_shares():
    """Chow, Shao and Wang (2008), section 4.2.3: 65 % against 85 %, 70 in each arm at 80 % and 5 %."""
    assert planning.units_for_share(0.65, 0.2) in (139, 140)


def test_huge_samples_are_those_of_the_normal_distribution_and_need_no_solver():
    units = planning.units_for_mean(0.01, 1.0)
    assert units == pytest.approx(2 * NormalIndPower().solve_power(0.01, None, 0.05, 0.8), rel=1e-5)
    assert abs(planning.units_for_mean(0.0564, 1.0) - planning.units_for_mean(0.0560, 1.0)) < 200  # no step at 10,000


def test_a_design_effect_multiplies():
    assert planning.units_for_mean(10, 40, design_effect=3.0) == pytest.approx(
        3 * planning.units_for_mean(10, 40), abs=3
    )
    assert planning.design_effect(21, 0.05) == pytest.approx(2.0)
    assert planning.design_effect(1, 0.5) == planning.design_effect(0.5, 0.5) == 1


@given(st.floats(0.05, 2), st.floats(0.1, 0.9), st.floats(1, 5))
@settings(max_examples=15, deadline=None)
def test_what_is_detectable_with_the_sample_for_an_effect_is_that_effect(size, share, inflation):
    units = planning.units_for_mean(size, 1.0, share_assisted=share, design_effect=inflation)
    found = planning.detectable_mean(units, 1.0, share_assisted=share, design_effect=inflation)
    assert found <= size * (1 + 1e-6)
    assert found == pytest.approx(size, rel=0.2 if units < 40 * inflation else 0.05)


@pytest.mark.parametrize(("share", "effect"), [(0.5, 0.1), (0.05, 0.02), (0.05, -0.02), (0.9, 0.05), (0.02, -0.02)])
def test_the_power_for_a_share_is_near_that_of_statsmodels(share, effect):
    units = planning.units_for_share(share, effect)
    assert planning.power_of_share(units, share, effect) == pytest.approx(0.8, abs=0.01)
    peer = power_proportions_2indep(effect, share, units / 2, return_results=False)
    assert peer == pytest.approx(0.8, abs=0.03)


def test_the_detectable_share_is_the_harder_of_up_and_down():
    units = planning.units_for_share(0.1, 0.05)
    assert planning.detectable_share(units, 0.1) == pytest.approx(0.05, rel=0.01)
    assert planning.power_of_share(units, 0.1, -0.05) > 0.8
    assert planning.detectable_share(200, 0.01) > 0.01  # only up
    assert planning.detectable_share(4, 0.5) == math.inf


def test_reviewers_are_planned_with_the_t_of_so_few():
    few = planning.clusters_for_mean(60, 100, items_per_cluster=50, intraclass_correlation=0.2)
    error = 100 * math.sqrt(planning.design_effect(50, 0.2) / 50)
    assert few == planning.units_for_mean(60, error)
    items = planning.units_for_mean(60, 100, design_effect=planning.design_effect(50, 0.2))
    assert few > items / 50


def test_who_decides_by_the_sequence_plans_for_about_twice_as_many():
    assert planning.sequence_factor() == pytest.approx(((3.035 + 0.8416) / (1.96 + 0.8416)) ** 2, rel=1e-3)
    rng = np.random.default_rng(8)
    units = round(planning.units_for_mean(15, 60) * planning.sequence_factor() / 2)
    found = 0
    for _ in range(1_000):
        effect = difference(moments(rng.gamma(4, 30, units) - 15), moments(rng.gamma(4, 30, units)), unit="s")
        held = sequence(effect, tightest_at_units=2 * units)
        found += not held.low <= 0 <= held.high
    assert 0.77 <= found / 1_000 <= 0.83


@pytest.mark.parametrize("units", [0, 1, 3])
def test_nothing_is_detectable_with_fewer_than_two_in_an_arm(units):
    assert planning.detectable_mean(units, 10.0) == math.inf
    assert planning.power_of(units, 5.0, 10.0) == 0


@pytest.mark.parametrize(
    "plan",
    [
        lambda: planning.units_for_mean(0, 10),
        lambda: planning.units_for_mean(5, 0),
        lambda: planning.units_for_mean(5, 10, share_assisted=1.0),
        lambda: planning.units_for_mean(5, 10, power=1.0),
        lambda: planning.units_for_mean(5, 10, design_effect=0),
        lambda: planning.units_for_share(0.95, 0.1),
        lambda: planning.units_for_share(0.05, -0.1),
        lambda: planning.units_for_share(0.5, 0.0),
        lambda: planning.design_effect(0, 0.1),
        lambda: planning.design_effect(10, 1.1),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan):
    with pytest.raises(ValueError, match=r"must|lie"):
        plan()


def test_statsmodels_is_not_imported_before_a_plan_needs_it():
    code = (
        "import sys\n"
        "from graftwork.core.value import effects, sequences, clusters, quantiles\n"
        "from graftwork.core.value import guards, balance, planning, subgroups\n"
        "print([name for name in ('statsmodels', 'pandas', 'scipy.stats') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_planned_sample_finds_the_planned_effect_in_four_of_five_pilots():
    rng = np.random.default_rng(20261122)
    units = planning.units_for_mean(15, 60)
    found = 0
    for _ in range(1_000):
        y = rng.gamma(4, 30, size=units)  # mean 120, standard deviation 60
        effect = difference(moments(y[: units // 2] - 15), moments(y[units // 2 :]), unit="s")
        found += not effect.low <= 0 <= effect.high
    assert 0.77 <= found / 1_000 <= 0.83


@pytest.mark.parametrize(("share", "effect", "arm"), [(0.6, 0.1, 0.5), (0.08, -0.03, 0.5), (0.3, 0.08, 0.7)])
def test_the_planned_sample_finds_the_planned_change_of_a_share(share, effect, arm):
    rng = np.random.default_rng(5)
    units = planning.units_for_share(share, effect, share_assisted=arm)
    assisted = round(units * arm)
    found = 0
    for _ in range(1_500):
        a = (rng.random(assisted) < share + effect).astype(float)
        c = (rng.random(units - assisted) < share).astype(float)
        result = difference(moments(a), moments(c), unit="share")
        found += not result.low <= 0 <= result.high
    assert 0.77 <= found / 1_500 <= 0.83
