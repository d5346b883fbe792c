"""Dates in their usual spellings; what is no certain day says why."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.extraction.dates import dates_in, read_date


@pytest.mark.parametrize(
    "text",
    ["2024-05-03", "2024/5/3", "3 May 2024", "May 3, 2024", "3rd of May, 2024", "3. Mai 2024", "03.05.2024",
     "3 mai 2024", "3 de mayo de 2024", "Friday, 3 May 2024", "2024-05-03T10:15:00Z", "3-May-2024", "3.5.2024"],
)  # fmt: skip
def test_usual_spellings_are_one_day(text):
    assert read_date(text).day == date(2024, 5, 3)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("31 February 2024", "no such day"),
        ("2023-02-29", "no such day"),
        ("03/05/2024", "day or month first"),
        ("3 May 24", "two-digit year"),
        ("03.05.24", "two-digit year"),
    ],
)
def test_what_is_no_certain_day_says_why(text, doubt):
    assert read_date(text).doubt == doubt
    assert read_date(text).day is None


@pytest.mark.parametrize("text", ["29 February 2024", "13/05/2024", "05/13/2024", "05/05/2024"])
def test_its_near_misses_are_certain(text):
    assert read_date(text).day is not None


@pytest.mark.parametrize(
    "text",
    ["", "May 2024", "2024", "postoperative day 3", "3 May", "from 3 May 2024 to 4 May 2024", "123.05.2024x",
     "about 14 days after 3 May 2024"],
)  # fmt: skip
def test_what_names_no_one_day_is_no_date(text):
    assert read_date(text) is None


def test_all_dates_of_a_sentence_are_found():
    found = dates_in("Admitted 3 May 2024, operated on 2024-05-04 and seen again on 31 April 2024.")
    assert {read.day for read in found} == {date(2024, 5, 3), date(2024, 5, 4), None}


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_back(day):
    assert read_date(day.isoformat()).day == day
    assert read_date(f"{day.day} {day:%B} {day.year}").day == day
    assert read_date(f"{day.day}.{day.month}.{day.year}").day == day


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text):
    dates_in(text)
