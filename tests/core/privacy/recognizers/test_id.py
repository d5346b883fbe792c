"""Numbers of cases, orders and things: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.id import RECOGNIZER

HITS = (
    ("application (no. 47289/99)", ["47289/99"]),
    ("nos. 65731/01 and 65900/01", ["65731/01", "65900/01"]),
    ("case C-123/05", ["C-123/05"]),
    ("ID: AB-12345", ["AB-12345"]),
    ("order number 48213", ["48213"]),
    ("Ticket #48213", ["48213"]),
    ("123e4567-e89b-12d3-a456-426614174000", ["123e4567-e89b-12d3-a456-426614174000"]),
    ("1:21-cv-01234-ABC", ["1:21-cv-01234-ABC"]),
    ("Aktenzeichen: 12-3456", ["12-3456"]),
    ("Rechnungsnummer RE-2019-0815", ["RE-2019-0815"]),
    ("client IE-ID-7493093", ["IE-ID-7493093"]),
    ("expediente 2019/4432", ["2019/4432"]),
    ("987654321012", ["987654321012"]),
)
NEAR_MISSES = (
    "in case 12",
    "order of 2019",
    "ISO-27001",
    "COVID-19",
    "HTTP_404",
    "no. 5",
    "see Article 168",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
