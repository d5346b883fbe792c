"""Banks and their accounts: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.bank import RECOGNIZER

HITS = (
    ("BIC: DEUTDEFF", ["DEUTDEFF"]),
    ("SWIFT code NWBKGB2LXXX", ["NWBKGB2LXXX"]),
    ("DEUTDEFFXXX", ["DEUTDEFFXXX"]),
    ("routing number 021000021", ["021000021"]),
    ("sort code 20-00-00", ["20-00-00"]),
    ("20-00-00 55779911", ["20-00-00 55779911"]),
    ("bank account number 7391028373", ["7391028373"]),
    ("Kontonummer: 1234567890", ["1234567890"]),
    ("IFSC code SBIN0001234", ["SBIN0001234"]),
    ("CLABE 032180000118359719", ["032180000118359719"]),
)
NEAR_MISSES = (
    "the DOCUMENT",
    "routing of mail",
    "the account of the journey",
    "on 20-05-19",
    "bank account",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
