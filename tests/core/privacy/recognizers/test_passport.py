"""Passports: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.passport import RECOGNIZER

HITS = (
    ("passport number XG9382049", ["XG9382049"]),
    ("passport ID QX2019843 and", ["QX2019843"]),
    ("Passport: US-PP-987654321", ["US-PP-987654321"]),
    ("Reisepass Nr. C01X00T47", ["C01X00T47"]),
    ("pasaporte AAA123456", ["AAA123456"]),
    ('{"passport_number": "X1234567"}', ["X1234567"]),
    (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"],
    ),
)
NEAR_MISSES = (
    "a passport issued in 2019",
    "the passport office",
    "passport 12",
    "ports 80 and 443",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
