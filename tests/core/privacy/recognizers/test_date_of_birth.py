"""Dates of birth: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.date_of_birth import RECOGNIZER

HITS = (
    ("born on 14 March 1979", ["14 March 1979"]),
    ("DOB: 03/14/1979", ["03/14/1979"]),
    ("date of birth 1979-03-14", ["1979-03-14"]),
    ("geboren am 14.03.1979", ["14.03.1979"]),
    ("geb. 14.3.1979", ["14.3.1979"]),
    ("née le 14 mars 1979", ["14 mars 1979"]),
    ("nacido el 14 de marzo de 1979", ["14 de marzo de 1979"]),
    ("Fecha de nacimiento: 24/06/1960", ["24/06/1960"]),
    ("was born in 1959", ["1959"]),
    ("born in Kars on 3 May 1961", ["3 May 1961"]),
    ('"date_of_birth": "1979-03-14"', ["1979-03-14"]),
    ("* 14.03.1979", ["14.03.1979"]),
)
NEAR_MISSES = (
    "signed on 14 March 1979",
    "born to run",
    "the birth of an idea",
    "2 * 3",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
