"""Numbers in words: with their unit, never as the language of the machine."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.appraisal.guarding import guard_sentence, units_still_needed
from graftwork.core.appraisal.improving import improvement
from graftwork.core.appraisal.ruling_sentences import verdict
from graftwork.core.appraisal.sentences import (
    count,
    effect_sentence,
    minutes,
    money,
    number,
    percent,
    points,
    probability,
    quantity,
    seconds,
    size,
    span,
)
from graftwork.core.charter.metrics import BY_KEY, METRICS, Metric
from graftwork.core.value.guards import non_inferior
from graftwork.core.value.results import Balance, Effect
from support.standings import effect, guard, saved, standing

TIME, REOPENED, CSAT = BY_KEY["handling_time"], BY_KEY["reopen_rate"], BY_KEY["csat"]
MACHINE_WORDS = re.compile(r"\b(nan|none|inf|infinity|null)\b|\de[+-]\d|-0(?![\d.,]*[1-9])", re.IGNORECASE)
ANY = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (4.24, "4.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (174, "2 min 54 s"),
        (3_599.7, "1 h"),
        (3_900, "1 h 5 min"),
        (-174, "-2 min 54 s"),
        (None, "unknown"),
        (math.nan, "unknown"),
    ],
)
def test_seconds_are_said_as_people_say_them(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (count(1_204), "1,204"),
        (count(1_204, "items"), "1,204 items"),
        (count(1, "items"), "1 item"),
        (count(None, "items"), "unknown"),
        (number(0.0312), "0.031"),
        (number(12.04), "12"),
        (number(12_345.6), "12,346"),
        (number(-0.0), "0"),
        (number(1e300), "over a trillion"),
        (percent(0.124), "12.4 %"),
        (percent(0.5), "50 %"),
        (percent(None), "unknown"),
        (probability(0.806), "81 %"),
        (probability(0.9999), "over 99 %"),
        (probability(0), "under 1 %"),
        (points(0.021), "2.1 percentage points"),
        (points(0.01), "1 percentage point"),
        (minutes(174), "2.9 min"),
        (minutes(None), "unknown"),
        (money(12_300, "EUR"), "EUR 12,300"),
        (money(0.42, "CHF"), "CHF 0.42"),
        (money(0.00123, "EUR"), "EUR 0.0012"),
        (money(-250.4, "EUR"), "EUR -250"),
        (money(9_000, ""), "9,000"),
        (money(None, "EUR"), "unknown"),
        (quantity(174, "s"), "2 min 54 s"),
        (quantity(0.042, "share"), "4.2 %"),
        (quantity(4.13, "points"), "4.1 points"),
        (size(60, "s"), "1 minute"),
        (size(90, "s"), "90 seconds"),
        (size(174, "s"), "2.9 minutes"),
        (size(0.02, "share"), "2 percentage points"),
        (size(None, "s"), "unknown"),
    ],
)
def test_numbers_have_separators_and_units(found: str, text: str) -> None:
    assert found == text


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (174, 246, "s", "2.9 to 4.1 minutes"),
        (18.2, 56.6, "s", "18 to 57 seconds"),
        (2.1, 8.4, "s", "2.1 to 8.4 seconds"),
        (7_300, 9_000, "s", "2.0 to 2.5 hours"),
        (180.2, 180.9, "s", "3.00 to 3.02 minutes"),
        (180, 180, "s", "about 3 minutes"),
        (0.012, 0.034, "share", "1.2 to 3.4 percentage points"),
        (0.1, 0.4, "items/h", "0.1 to 0.4 items/h"),
        (None, 246, "s", "unknown"),
        (174, math.inf, "s", "unknown"),
    ],
)
def test_both_ends_of_an_interval_stand_on_one_scale(low: float, high: float, unit: str, text: str) -> None:
    assert span(low, high, unit) == text


@pytest.mark.parametrize(
    ("metric", "found", "start"),
    [
        (TIME, saved(174, 246), "Drafts save 2.9 to 4.1 minutes per item (1,204 assisted, 1,189 control items, 95 %"),
        (TIME, saved(-246, -174), "Drafts cost 2.9 to 4.1 minutes per item ("),
        (TIME, saved(-24, 72), "Drafts may cost up to 24 seconds or save up to 72 seconds per item ("),
        (TIME, saved(-7.3, 132), "Drafts may cost up to 0.12 minutes or save up to 2.2 minutes per item ("),
        (REOPENED, effect(-0.034, -0.012, unit="share"), "Reopened: 1.2 to 3.4 percentage points better with drafts ("),
        (REOPENED, effect(0.012, 0.034, unit="share"), "Reopened: 1.2 to 3.4 percentage points worse with drafts ("),
        (CSAT, effect(0.1, 0.3, unit="points"), "Customer satisfaction: 0.1 to 0.3 points better with drafts ("),
        (CSAT, effect(-0.1, 0.3, unit="points"), "Customer satisfaction: between 0.1 points worse and 0.3 points bett"),
        (TIME, effect(None, None, trouble="empty_arm"), "What drafts change in handling time is unknown ("),
    ],
)
def test_an_effect_says_which_way_how_much_and_how_sure(metric: Metric, found: Effect, start: str) -> None:
    assert effect_sentence(metric, found).startswith(start)


def test_an_effect_without_an_interval_says_why_instead_of_how_sure() -> None:
    known = effect(None, None, trouble="no_spread", difference=-30.0)

    assert effect_sentence(TIME, known) == (
        "Handling time: 30 seconds better with drafts so far, and how sure that is cannot be said yet (1,204 assisted, "
        "1,189 control items, all values are the same, so there is no spread to tell an effect from chance)."
    )


def test_an_interval_for_the_planned_end_is_not_said_to_hold_at_every_look() -> None:
    assert "95 % sure at the planned end" in effect_sentence(TIME, saved(174, 246, method="welch"))
    assert "95 % sure at every look" in effect_sentence(TIME, saved(174, 246, method="sequence"))


def test_a_comparison_before_and_after_is_called_weaker() -> None:
    told = effect_sentence(TIME, saved(174, 246, method="before_after"))

    assert "1,204 items with drafts, 1,189 from before" in told
    assert "weaker than a comparison with a control arm" in told


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (
            -0.01,
            0.008,
            "Reopened: at most 0.8 percentage points worse, within the margin of 2 percentage points: holds (",
        ),
        (
            -0.03,
            -0.003,
            "Reopened: at least 0.3 percentage points better, and the margin is 2 percentage points: holds (",
        ),
        (
            0.023,
            0.05,
            "Reopened: at least 2.3 percentage points worse, beyond the margin of 2 percentage points: broken (",
        ),
        (-0.01, 0.025, "Reopened: perhaps 2.5 percentage points worse, and the margin is 2 perc"),
        (0.015, 0.045, "Reopened: perhaps 4.5 percentage points worse, and the margin is 2 perc"),
        (None, None, "Reopened: too few figures so far, and the margin is 2 percentage points: not known yet ("),
    ],
)
def test_a_guard_says_how_it_stands_to_its_margin(low: float | None, high: float | None, text: str) -> None:
    assert guard(low, high).sentence.startswith(text)


def test_units_still_needed_shrink_the_interval_to_the_margin() -> None:
    # Half the width is 1.75 points and 1.25 may be: (1.75 / 1.25) ** 2 = 1.96 times the 2,393 units.
    assert units_still_needed(REOPENED, guard(-0.01, 0.025).guarded) == 2_300


def test_a_guard_far_from_known_names_no_number_of_units() -> None:
    found = guard(-0.001, 0.0402)  # its middle, 1.96 points, all but reaches the margin

    assert "needs many more items" in found.sentence


@given(st.sampled_from(METRICS), ANY, ANY, ANY, st.integers(0, 10**9), st.floats(0.001, 1e9))
def test_no_sentence_speaks_the_language_of_the_machine(
    metric: Metric, value: float | None, low: float | None, high: float | None, units: int, margin: float
) -> None:
    known = effect(None, None, unit=metric.unit, units=(units, units), difference=value)
    whole = Effect(**{**{f: getattr(known, f) for f in known.__slots__}, "low": low, "high": high})
    told = [
        effect_sentence(metric, whole),
        guard_sentence(metric, non_inferior(whole, margin, metric.better)),
        *(say(value) for say in (number, count, percent, points, seconds, minutes, probability)),
        money(value, "EUR"),
        quantity(value, metric.unit),
        size(value, metric.unit),
        span(low, high, metric.unit),
    ]

    assert [text for text in told if MACHINE_WORDS.search(text)] == []


@given(ANY, ANY, ANY, st.integers(0, 4_000), ANY, st.sampled_from(["item", "thread", "customer", "reviewer"]))
def test_no_verdict_speaks_the_language_of_the_machine(
    low: float | None, high: float | None, p_value: float | None, days: int, chance: float | None, unit: str
) -> None:
    arms = {"unit": unit, "customer_field": "customer" if unit == "customer" else ""}
    balance = Balance(3, 4, 0.5, p_value)
    at = standing(effect(low, high), days=days, chance=chance, balance=balance, arms=arms)
    found = verdict(at)

    assert [text for text in (found.sentence, *found.reasons) if MACHINE_WORDS.search(text)] == []


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_an_improvement_is_the_effect_turned_and_keeps_its_order(low: float, width: float) -> None:
    for metric in (TIME, CSAT):
        at = improvement(metric, effect(low, low + width))

        assert at.low is not None
        assert at.high is not None
        assert at.value is not None
        assert at.low <= at.value <= at.high
    assert improvement(TIME, effect(low, low + width)).high == 0.0 - low
