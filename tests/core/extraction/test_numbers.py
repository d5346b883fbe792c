"""A number is said by its digits in any writing, by its word, and by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.extraction.numbers import says_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("51-year-old", 51),
        ("2.5 cm", 2.5),
        ("2,5 cm", 2.5),
        ("EUR 1,200.50", 1200.5),
        ("1.200,50 €", 1200.5),
        ("1 200 euros", 1200),
        ("1'200 Franken", 1200),
        ("-5 °C", -5),
        ("\u22125 °C", -5),
        ("two stents", 2),
        ("zwei Stents", 2),
        ("1.2 million", 1_200_000),
        ("3k", 3000),
        ("12 %", 12),
        ("from 3-5", 5),
        ("007", 7),
    ],
)
def test_a_number_is_said(text, value):
    assert says_number(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("51-year-old", 5),
        ("2.5 cm", 25),
        ("1,200.50", 1),
        ("-5 °C", 5),
        ("5 °C", -5),
        ("many", 2),
        ("", 0),
        ("stents", 10),
    ],
)
def test_another_number_is_not(text, value):
    assert not says_number(text, value)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_whole_number_says_itself(value):
    assert says_number(f"it was {value} then", value)
    assert says_number(f"it was {value:,} then", value)


def test_a_number_beyond_all_amounts_is_never_said():
    assert not says_number("1" * 400, int("1" * 400))


@given(st.text(max_size=60), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_is_read_without_an_error(text, value):
    says_number(text, value)
