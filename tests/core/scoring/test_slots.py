"""Invented products only: near-misses beside hits."""

import pytest

from graftwork.core.scoring.expected import Expected
from graftwork.core.scoring.slots import score, slot_errors, vocabulary_of
from graftwork.core.scoring.tally import Case

KETTLE = {"name": "Brisa 20", "price": "49 euros", "capacity": "1.7 l", "power": "2,200 watts", "colour": "matt white"}
GOOD = "The Brisa 20 holds 1.7 litres, heats with 2200 W, comes in matt white and costs \u20ac49."


def errors(text, slots=KETTLE, vocabulary=None):
    found = slot_errors(text, slots, vocabulary or {})
    return set(found.missing), set(found.invented)


def test_a_text_with_every_attribute_has_no_errors():
    assert errors(GOOD) == (set(), set())


@pytest.mark.parametrize(
    ("text", "missing", "invented"),
    [
        (GOOD.replace(" and costs \u20ac49", ""), {"price"}, set()),
        (GOOD.replace("\u20ac49", "\u20ac94"), {"price"}, {"94 euro"}),
        (GOOD.replace("1.7 litres", "1.7 ml"), {"capacity"}, {"1.7 ml"}),
        (GOOD.replace("matt white", "white"), {"colour"}, set()),
        (GOOD.replace("matt white", "a white that is matt"), set(), set()),
        (GOOD + " It boils in 3 minutes.", set(), {"3 minute"}),
        (GOOD.replace("comes", "comes as one of many"), set(), set()),  # a number that counts nothing
        (GOOD.replace("1.7 litres", "1.7-litre jug"), set(), set()),
        ("", set(KETTLE), set()),
    ],
)
def test_what_is_missing_and_what_is_invented(text, missing, invented):
    assert errors(text) == (missing, invented)


@pytest.mark.parametrize(
    ("sentence", "invented"),
    [
        ("It is not waterproof.", {"it is not waterproof"}),
        ("Perfect for every kitchen!", {"perfect for every kitchen"}),
        ("Its colour goes with all.", set()),  # about an attribute, if not with its value
        ("Enjoy!", set()),
    ],
)
def test_a_sentence_about_no_attribute_is_invented(sentence, invented):
    assert errors(f"{GOOD} {sentence}") == (set(), invented)


@pytest.mark.parametrize("value", [None, "", "none", "dontcare", "N/A"])
def test_an_attribute_without_a_value_is_not_asked_for(value):
    found = slot_errors("A plain kettle.", {"colour": value}, {})
    assert (found.slots, found.missing, found.invented) == (0, (), ())


@pytest.mark.parametrize(
    ("value", "text", "missing", "invented"),
    [
        ("yes", "It is dishwasher safe.", set(), set()),
        (True, "Safe in the dishwasher, too.", set(), set()),
        ("no", "It is not dishwasher safe.", set(), set()),
        ("false", "It isn't safe for dishwashers.", set(), set()),
        ("yes", "It is not dishwasher safe.", {"is_dishwasher_safe"}, {"is_dishwasher_safe"}),
        ("no", "It is dishwasher safe.", {"is_dishwasher_safe"}, {"is_dishwasher_safe"}),
        ("yes", "It is not only pretty but dishwasher safe.", set(), set()),
        ("yes", "A dishwasher is not needed. It is dishwasher safe.", set(), set()),
        ("yes", "It is safe to touch.", {"is_dishwasher_safe"}, set()),
    ],
)
def test_yes_and_no_are_read_from_the_attributes_name(value, text, missing, invented):
    assert errors(text, {"is_dishwasher_safe": value}) == (missing, invented)


VOCABULARY = {
    "colour": {"matt white", "night blue"},
    "finish": {"good", "rough"},
    "system": {"Linea 8", "Linea 8.1 pro"},
    "name": {"Brisa 20", "Brisa"},
}


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("In night blue.", {"night blue"}),
        ("In a night that is blue.", {"night blue"}),
        ("The Brisa 20 is a good kettle.", set()),  # a word of praise, not a value
        ("With a rough finish.", {"rough"}),
        ("Runs Linea 8.1 pro.", set()),
        ("Runs Linea 8.", {"Linea 8"}),
        ("The Brisa 20.", set()),
    ],
)
def test_a_value_that_only_other_rows_have_is_invented(text, invented):
    slots = {"name": "Brisa 20", "system": "Linea 8.1 pro"}
    assert errors(text, slots, VOCABULARY)[1] == invented


def test_the_vocabulary_is_made_of_all_rows_without_yes_and_no():
    rows = [Expected(slots={"colour": "red", "safe": "yes"}), Expected(slots={"colour": "blue"}), Expected()]
    assert vocabulary_of(rows) == {"colour": frozenset(("red", "blue"))}


def test_the_rate_counts_missing_and_invented_over_the_attributes():
    tally = score(Case(Expected(slots=KETTLE), GOOD.replace("\u20ac49", "\u20ac94")))
    assert (tally["slots",], tally["missing",], tally["invented",], tally["with invented",]) == (5, 1, 1, 1)
    assert score(Case(Expected(), GOOD)) is None
