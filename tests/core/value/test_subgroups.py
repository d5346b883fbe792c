"""Subgroups: intervals that hold together, and which of them differs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from graftwork.core.value.effects import difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.sequences import sequence
from graftwork.core.value.subgroups import heterogeneity, holm, simultaneous
from support.moments import of_items
from support.pilot_draws import moments

RNG = np.random.default_rng(11)
GROUPS = [(RNG.normal(100 + 3 * n, 20, 12), RNG.normal(110, 25, 15)) for n in range(4)]
EFFECTS = [difference(of_items(a), of_items(c), unit="s") for a, c in GROUPS]
EMPTY = difference(Moments(), of_items([1.0, 2.0]), unit="s")


def test_intervals_that_hold_together_are_those_of_scipy_at_a_quarter_of_the_error():
    for (a, c), effect in zip(GROUPS, simultaneous(EFFECTS, confidence=0.95), strict=True):
        peer = stats.ttest_ind(a, c, equal_var=False).confidence_interval(1 - 0.05 / 4)
        assert (effect.low, effect.high) == pytest.approx((peer.low, peer.high), rel=1e-5)
        assert effect.confidence == pytest.approx(0.9875)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)  # the peer takes 60 ms
def test_corrected_p_values_are_those_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_p_values_are_corrected_too():
    expected = multipletests([effect.p_value for effect in EFFECTS], method="holm")[1]
    assert [effect.p_value for effect in simultaneous(EFFECTS)] == pytest.approx(list(expected))


def test_one_subgroup_alone_is_left_as_it_is_and_an_empty_one_does_not_count():
    alone, empty = simultaneous([EFFECTS[0], EMPTY])
    assert (alone.low, alone.high) == pytest.approx((EFFECTS[0].low, EFFECTS[0].high), rel=1e-6)
    assert empty is EMPTY
    assert simultaneous([]) == []
    assert simultaneous([EMPTY]) == [EMPTY]


def test_a_widened_effect_can_become_a_sequence_but_no_sequence_is_widened():
    widened = simultaneous(EFFECTS)[0]
    found = sequence(widened, tightest_at_units=5_000, least_units=5)
    assert found.high > widened.high
    with pytest.raises(ValueError, match="first"):
        simultaneous([found, found])


def normal_effect(rng, gap, units=400):
    return difference(moments(rng.normal(100 + gap, 20, units)), moments(rng.normal(100, 20, units)), unit="s")


def test_the_one_that_differs_is_named_and_the_others_are_not():
    rng = np.random.default_rng(2)
    alike = [normal_effect(rng, -10) for _ in range(3)]
    assert heterogeneity([*alike, normal_effect(rng, 8)])[3] is True
    assert heterogeneity(alike) == [False] * 3


@pytest.mark.parametrize("effects", [[], [EFFECTS[0]], [EMPTY, EFFECTS[0]], [EMPTY, EMPTY]])
def test_nothing_differs_from_no_rest(effects):
    assert heterogeneity(effects) == [False] * len(effects)


def test_five_alike_subgroups_are_told_apart_in_at_most_one_of_twenty_pilots():
    rng = np.random.default_rng(20261122)
    told = sum(any(heterogeneity([normal_effect(rng, -5, 60) for _ in range(5)])) for _ in range(400))
    assert told / 400 <= 0.07


def test_looking_every_day_does_not_make_alike_subgroups_differ():
    rng = np.random.default_rng(6)
    once, sequential = 0, 0
    for _ in range(100):
        y = rng.normal(100, 20, size=(3, 2, 3_000))
        days = [
            [difference(moments(a[:end]), moments(c[:end]), unit="s") for a, c in y] for end in range(300, 3_001, 300)
        ]
        once += any(any(heterogeneity(day)) for day in days)
        sequential += any(any(heterogeneity(day, tightest_at_units=5_000)) for day in days)
    assert sequential / 100 <= 0.05 < once / 100
