"""Guard metrics against their margins."""

import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from graftwork.core.value.effects import difference
from graftwork.core.value.guards import non_inferior
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect
from support.moments import of_items


def effect(low, high):
    return Effect((low + high) / 2, low, high, 1.0, 0.5, 5.0, 5.0, 100, 100, "points", "welch")


@pytest.mark.parametrize(
    ("low", "high", "better", "worse_by", "holds"),
    [
        (-2.0, 0.9, "lower", 0.9, True),
        (-2.0, 1.0, "lower", 1.0, None),  # at the margin it is not settled
        (0.5, 1.5, "lower", 1.5, None),
        (1.1, 2.0, "lower", 2.0, False),
        (-0.9, 2.0, "higher", 0.9, True),
        (-2.0, 0.9, "higher", 2.0, None),
        (-2.0, -1.1, "higher", 2.0, False),
        (1.0, 2.0, "higher", -1.0, True),
    ],
)
def test_a_guard_holds_where_the_bound_of_being_worse_stays_below_the_margin(low, high, better, worse_by, holds):
    guarded = non_inferior(effect(low, high), 1.0, better)
    assert (guarded.worse_by, guarded.holds) == (pytest.approx(worse_by), holds)


def test_an_unknown_effect_is_neither_held_nor_broken():
    guarded = non_inferior(difference(Moments(), of_items([1.0, 2.0]), unit="points"), 1.0, "lower")
    assert (guarded.worse_by, guarded.holds) == (None, None)


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_is_above_0(margin):
    with pytest.raises(ValueError, match="margin"):
        non_inferior(effect(0, 1), margin, "lower")


def test_the_verdict_is_that_of_statsmodels_one_sided_test():
    a, c = stats.norm.rvs(loc=4.1, size=80, random_state=1), stats.norm.rvs(loc=4.2, size=90, random_state=2)
    for margin in (0.1, 0.2, 0.4, 0.6):
        _, (_, lower, _), _ = ttost_ind(a, c, -margin, 99, usevar="unequal")
        guarded = non_inferior(difference(of_items(a), of_items(c), unit="points"), margin, "higher")
        assert (guarded.holds is True) == (lower < 0.025)
