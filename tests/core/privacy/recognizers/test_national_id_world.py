"""National identity numbers of other countries: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.national_id_world import RECOGNIZER

HITS = (
    ("2341 2341 2346", ["2341 2341 2346"]),
    ("ACUPA7085R", ["ACUPA7085R"]),
    ("390.533.447-05", ["390.533.447-05"]),
    ("44051401359", ["44051401359"]),
    ("880320-0016", ["880320-0016"]),
    ("756.9217.0769.85", ["756.9217.0769.85"]),
    ("85.07.30-033.28", ["85.07.30-033.28"]),
    ("131052-308T", ["131052-308T"]),
    ("BOXW310820HNERXN09", ["BOXW310820HNERXN09"]),
    ("S1234567D", ["S1234567D"]),
    ("12531909-2", ["12531909-2"]),
    ("130 692 544", ["130 692 544"]),
    ("6433435F", ["6433435F"]),
)
NEAR_MISSES = (
    "2341 2341 2347",
    "390.533.447-06",
    "44051401358",
    "880320-0018",
    "756.9217.0769.86",
    "131052-308U",
    "S1234567A",
    "12531909-3",
    "123456780004",
    "130 692 545",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+48 512 345 678 and +385 91 234 5678", {"phone"}),
        ("4111 1111 1111 1111", {"card"}),
        ("call 612 345 674", {"phone"}),
        ("my mobile is 5551234567", {"phone"}),
    ],
)
def test_a_check_digit_that_fits_by_chance_does_not_make_an_identity_of_a_telephone_or_a_card(text, kind, values):
    assert {found for found, _ in values(text)} == kind
