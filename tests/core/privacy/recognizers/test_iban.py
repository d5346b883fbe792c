"""IBANs: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.iban import RECOGNIZER

HITS = (
    ("DE89370400440532013000", ["DE89370400440532013000"]),
    ("to GB29 NWBK 6016 1331 9268 19 today", ["GB29 NWBK 6016 1331 9268 19"]),
    ("fr1420041010050500013m02606", ["fr1420041010050500013m02606"]),
    ("de89 3704 0044 0532 0130 00", ["de89 3704 0044 0532 0130 00"]),
    ("DE89 3704 0044\n0532 0130 00", ["DE89 3704 0044\n0532 0130 00"]),
    ("D\u041589370400440532013000", ["D\u041589370400440532013000"]),
    ("NL91ABNA0417164300\nGB29NWBK60161331926819", ["NL91ABNA0417164300", "GB29NWBK60161331926819"]),
    ("IBAN: DE00 1234 5678 9012 3456 78", ["DE00 1234 5678 9012 3456 78"]),
)
NEAR_MISSES = (
    "DE88370400440532013000",
    "ZZ89370400440532013000",
    "in 2003 the applicant turned sixty",
    "GB29 NWBK",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
