"""Ages: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.age import RECOGNIZER

HITS = (
    ("a 47-year-old man", ["47-year-old"]),
    ("is 47 years old", ["47 years old"]),
    ("aged 47", ["47"]),
    ("Age: 47", ["47"]),
    ("i'm 31 y/o", ["31 y/o"]),
    ("47 Jahre alt", ["47 Jahre alt"]),
    ("ein 47-jähriger Mann", ["47-jähriger"]),
    ("âgé de 47 ans", ["47 ans"]),
    ("mujer de 47 años", ["47 años"]),
    ("paciente de diez años", ["diez años"]),
    ("three years old", ["three years old"]),
    ("it happened when he was 78", ["78"]),
    ("She is 34. He left.", ["34"]),
    ("Enzo, 9 ans", ["9 ans"]),
    ("une fille de trois ans", ["trois ans"]),
    ("mit 47 Jahren", ["47 Jahren"]),
)
NEAR_MISSES = (
    "47 pages",
    "the age of reason",
    "10 years ago",
    "he was 12.5 kg heavier",
    "she was 3 minutes late",
    "garantie deux ans",
    "un préavis de trois mois",
    "depuis 24 ans",
    "con un mes de antelación",
    "durante tres años",
    "seit 3 Jahren",
    "version 47",
    "turned left",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
