"""Sample ratio mismatch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graftwork.core.value.balance import balance


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.floats(0.05, 0.95))
def test_the_p_value_is_that_of_scipys_chi_square_test(assisted, control, share):
    units = assisted + control
    found = balance(assisted, control, share)
    expected = [units * share, units - units * share]
    if min(expected) < 5:
        assert found.p_value is None
    else:
        assert found.p_value == pytest.approx(stats.chisquare([assisted, control], expected).pvalue, abs=1e-12)


@pytest.mark.parametrize(
    ("assisted", "control", "share", "alarms"),
    [
        (821_588, 815_482, 0.5, True),  # the example of Fabijan et al. (2019): 50.2 % instead of half
        (5_050, 4_950, 0.5, False),
        (900, 100, 0.9, False),
        (0, 60, 0.5, True),
        (0, 4, 0.5, False),
        (0, 0, 0.5, False),
    ],
)
def test_arms_that_chance_cannot_have_made_alarm(assisted, control, share, alarms):
    assert balance(assisted, control, share).alarms is alarms


@pytest.mark.parametrize("arguments", [(-1, 5, 0.5), (5, 5, 0.0), (5, 5, 1.0)])
def test_what_is_no_count_or_share_is_refused(arguments):
    with pytest.raises(ValueError, match="between 0 and 1"):
        balance(*arguments)


def test_looking_every_day_for_sixty_days_alarms_in_at_most_2_per_cent_without_a_cause():
    rng = np.random.default_rng(3)
    days = rng.binomial(60, 0.5, size=(2_000, 60)).cumsum(axis=1)
    alarms = [any(balance(int(a), 60 * (day + 1) - int(a), 0.5).alarms for day, a in enumerate(run)) for run in days]
    assert np.mean(alarms) <= 0.02
