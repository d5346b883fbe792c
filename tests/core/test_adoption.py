"""Who counts as a user, bands of tenure, and what may be told of how many."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.adoption import (
    BANDS,
    STATEMENTS,
    Share,
    acceptance,
    is_anonymous,
    is_habitual,
    is_unused,
    is_user,
    merged,
    pulse_figures,
    tenure_band,
)

TODAY = date(2026, 11, 22)


def ago(*days):
    return [TODAY - timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("days", "uses", "habit"),
    [
        ((), False, False),
        ((6,), True, False),
        ((7,), False, False),
        ((-1,), False, False),
        ((0, 1, 2, 7, 8, 9), True, True),
        ((0, 3, 6, 7, 10, 13), True, True),
        ((0, 1, 2, 7, 8), True, False),  # two days in the week before
        ((0, 1, 7, 8, 9), True, False),
        ((0, 0, 0, 7, 7, 7), True, False),  # the same day again is no other day
        ((0, 1, 2, 7, 8, 14), True, False),
    ],
)
def test_weekly_is_a_day_in_seven_and_habit_three_days_in_each_of_two_weeks(days, uses, habit):
    assert is_user(ago(*days), TODAY) is uses
    assert is_habitual(ago(*days), TODAY) is habit


def test_a_share_travels_with_its_count_and_interval_and_nobody_has_none():
    estimate = Share(3, 10).estimate
    assert (estimate.value, estimate.n) == (0.3, 10)
    assert estimate.low == pytest.approx(0.1078, abs=1e-4)  # Wilson (1927), 3 of 10
    assert estimate.high == pytest.approx(0.6032, abs=1e-4)
    assert Share(0, 0).estimate is None


@pytest.mark.parametrize(
    ("decision", "rewritten", "unused"),
    [
        ("rejected", None, True),
        ("escalated", None, True),
        ("edited", 0.8, True),
        ("edited", 0.79, False),
        ("accepted", 0.0, False),
        ("edited", None, False),  # written without a draft to compare with
    ],
)
def test_a_draft_is_unused_where_hardly_anything_of_it_was_kept(decision, rewritten, unused):
    assert is_unused(decision, rewritten) is unused


@pytest.mark.parametrize(
    ("days", "band"),
    [(0, "first month"), (29, "first month"), (30, "1 to 6 months"), (182, "1 to 6 months"),
     (183, "over 6 months"), (9_000, "over 6 months"), (-1, "")],
)  # fmt: skip
def test_tenure_falls_into_a_band(days, band):
    assert tenure_band(TODAY - timedelta(days=days), TODAY) == band


def test_unknown_tenure_is_unknown():
    assert tenure_band(None, TODAY) == ""


def test_bands_fit_into_the_column_of_an_enrolment():
    assert all(len(band) <= 20 for band in BANDS)


def people(**counts):
    start, found = 0, {}
    for band, count in counts.items():
        found[BANDS[int(band[1:])]] = list(range(start, start + count))
        start += count
    return found


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        ({"b0": 6, "b1": 7}, [(0,), (1,)]),
        ({"b0": 5, "b1": 7}, [(0, 1)]),
        ({"b0": 6, "b1": 5}, [(0, 1)]),  # what is left over joins the last part
        ({"b0": 3, "b1": 3, "b2": 6}, [(0, 1), (2,)]),
        ({"b0": 5}, []),
        ({"b0": 8, "b3": 1}, [(0, 3)]),  # whose tenure is not known is told with others, or would be the difference
        ({}, []),
    ],
)
def test_small_bands_are_told_with_their_neighbours(counts, parts):
    assert merged(people(**counts)) == [tuple(BANDS[number] for number in part) for part in parts]


@given(st.lists(st.integers(0, 12), min_size=len(BANDS), max_size=len(BANDS)))
def test_nobody_is_left_out_and_every_part_is_large_enough(counts):
    by_band = people(**{f"b{number}": count for number, count in enumerate(counts)})
    parts = merged(by_band)
    sizes = [sum(len(by_band[band]) for band in part) for part in parts]
    assert all(is_anonymous(size) for size in sizes)
    assert sum(sizes) in (0, sum(counts))
    assert bool(parts) == is_anonymous(sum(counts))


def test_the_interval_of_acceptance_is_over_people():
    alike = acceptance([(50, 100)] * 8)
    apart = acceptance([(100, 100), (0, 100)] * 4)
    assert alike.value == apart.value == 0.5
    assert (alike.n, apart.n) == (8, 8)
    assert apart.high - apart.low > 0.5


def test_everything_accepted_by_everybody_still_has_an_interval():
    found = acceptance([(20, 20)] * 8)
    assert found.value == 1
    assert found.low < 0.75


def counts(of_each, value=4):
    return {statement.code: {value: of_each} for statement in STATEMENTS}


@pytest.mark.parametrize(("answers", "told"), [(0, False), (5, False), (6, True)])
def test_answers_are_told_from_six_on(answers, told):
    assert (pulse_figures(counts(answers)) is not None) is told


def test_one_statement_with_too_few_answers_hides_all():
    assert pulse_figures(counts(9) | {"ability": {4: 5}}) is None


def test_a_pulse_has_the_mean_and_the_distribution():
    found = pulse_figures({statement.code: {1: 2, 5: 6} for statement in STATEMENTS})
    assert found[0].counts == [2, 0, 0, 0, 6]
    assert found[0].mean.value == 4
    assert 1 <= found[0].mean.low < 4 < found[0].mean.high <= 5
    assert found[0].mean.n == 8


def test_the_five_statements_are_the_stages_of_change():
    assert [one.code for one in STATEMENTS] == ["awareness", "desire", "knowledge", "ability", "reinforcement"]


def test_whoever_only_starts_loads_no_numpy():
    code = (
        "import sys, graftwork.core.adoption, graftwork.core.stats, graftwork.core.value.quantiles; "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
