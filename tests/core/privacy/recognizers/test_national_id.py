"""National identity numbers of seven countries: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.national_id import RECOGNIZER

HITS = (
    ("SSN 078-05-1120", ["078-05-1120"]),
    ("AB 12 34 56 C", ["AB 12 34 56 C"]),
    ("NHS 943 476 5919", ["943 476 5919"]),
    ("36 574 261 809", ["36 574 261 809"]),
    ("15 070649 C 103", ["15 070649 C 103"]),
    ("2 95 10 99 126 111 93", ["2 95 10 99 126 111 93"]),
    ("54362315K", ["54362315K"]),
    ("54.362.315-k", ["54.362.315-k"]),
    ("X-2482300-W", ["X-2482300-W"]),
    ("RCCMNL83S18D969H", ["RCCMNL83S18D969H"]),
    ("BSN: 111222333", ["111222333"]),
    ("federal tax ID number 91-3456789", ["91-3456789"]),
    ("NASS: 28 35478635 07", ["28 35478635 07"]),
    ("Steuer-ID: 12345678901", ["12345678901"]),
    ("numéro de sécurité sociale : 1234567", ["1234567"]),
    ("DNI: 1234567", ["1234567"]),
    ("SSN XXX-XX-2409", ["XXX-XX-2409"]),
)
NEAR_MISSES = (
    "000-12-3456",
    "54362315A",
    "X2482300A",
    "AB123",
    "QQ 12 34 56 C",
    "a sin of 1999",
    "Ein 100-seitiges Heft",
    "2 95 10 99 126 111 94",
    "1112.22.334",
    "36 574 261 808",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
