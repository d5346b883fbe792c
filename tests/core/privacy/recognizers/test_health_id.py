"""Numbers of patients and insured people: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.health_id import RECOGNIZER

HITS = (
    ("MRN 4420217", ["4420217"]),
    ("Patient MRN ALPHA-442021", ["ALPHA-442021"]),
    ("patient ID 100-DOC-888", ["100-DOC-888"]),
    ("insurance policy number CP198753", ["CP198753"]),
    ("NHC: 8343735", ["8343735"]),
    ("CIPA: nhc-272226", ["nhc-272226"]),
    ("DEA BB1388568", ["BB1388568"]),
    ("BB1388568", ["BB1388568"]),
    ("1EG4-TE5-MK73", ["1EG4-TE5-MK73"]),
    ("Versichertennummer: A123456780", ["A123456780"]),
    ("Policyholder ID 7654321", ["7654321"]),
)
NEAR_MISSES = (
    "BB1388569",
    "the patient was 47",
    "insurance in 2019",
    "episode 4",
    "a policy of 2020",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
