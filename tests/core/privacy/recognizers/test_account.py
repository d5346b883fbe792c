"""Accounts: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.account import RECOGNIZER

HITS = (
    ("account number 12435678X", ["12435678X"]),
    ("customer ID: 48-213-99", ["48-213-99"]),
    ("employee ID 127854", ["127854"]),
    ("AccountNo_55555555", ["55555555"]),
    ("Kundennummer 4711-0815", ["4711-0815"]),
    ("numéro de client : 889123", ["889123"]),
    ("número de cliente 889123", ["889123"]),
    ("0x52908400098527886E0F7030069857D2E4169EE7", ["0x52908400098527886E0F7030069857D2E4169EE7"]),
    ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"]),
    ("X-Customer-ID: 998877", ["998877"]),
)
NEAR_MISSES = (
    "the account of 2019",
    "on account of 12 complaints",
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
    "employees 12",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
