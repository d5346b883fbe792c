"""Telephone numbers: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.phone import RECOGNIZER

HITS = (
    ("call +1-786-555-0987 now", ["+1-786-555-0987"]),
    ("(212) 555-0123", ["(212) 555-0123"]),
    ("212.555.0123x456", ["212.555.0123x456"]),
    ("+44 20 7946 0958", ["+44 20 7946 0958"]),
    ("020 7946 0958", ["020 7946 0958"]),
    ("030/23125 011", ["030/23125 011"]),
    ("+49 (0)30 23125-011", ["+49 (0)30 23125-011"]),
    ("01 23 45 67 89", ["01 23 45 67 89"]),
    ("612 34 56 78", ["612 34 56 78"]),
    ("06-12345678", ["06-12345678"]),
    ("Tel.: 915 55 55 55", ["915 55 55 55"]),
    ("phone: 434 14 557", ["434 14 557"]),
    ("668 5702 office", ["668 5702"]),
    ("Telefon: 0301234567", ["0301234567"]),
    ("my mobile is 5551234567", ["5551234567"]),
    ("Please call 896 6914. 12 High Street", ["896 6914"]),
    ("ruf 07121 / 555 01 38 an", ["07121 / 555 01 38"]),
    ("unter 030 - 555 01 382", ["030 - 555 01 382"]),
    ("347 1234567", ["347 1234567"]),
    ("(31) 98555-0143", ["(31) 98555-0143"]),
    ("0034 612 345 678", ["0034 612 345 678"]),
    ("212\u2011555\u20110123", ["212\u2011555\u20110123"]),
)
NEAR_MISSES = (
    "order 48213 of 2019-03-14",
    "on 15/06/2018",
    "203.0.113.77",
    "EUR 1.234.567,89",
    "1234567890",
    "at 12.30 or 14.45",
    "pages 120-135",
    "12 000 000",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
