"""A reported value: where it stands, what it seems to be, and its form without it."""

import pytest

from graftwork.core.privacy.missed import guess_kind, locate, shape
from graftwork.core.types import ItemContent, Turn


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a.b@example.com", "mail"),
        ("@anna_b", "handle"),
        ("https://example.com/x", "url"),
        ("192.0.2.7", "ip"),
        ("24.12.1980", "date"),
        ("+43 664 1234567", "phone"),
        ("AB-4711", "id"),
        ("Anna Muster", "person"),
        ("\u00d6mer", "person"),
        ("\u201cthe blue one\u201d", "term"),
    ],
)
def test_the_kind_of_a_value_is_guessed_from_its_form(value, kind):
    assert guess_kind(value) == kind


def test_a_value_is_found_whatever_its_white_space_and_its_context_is_without_it():
    content = ItemContent({"n": 1, "text": (Turn("customer", "I am Anna\n  Muster, order 7."),)})
    place = locate(content, "Anna Muster")
    assert place is not None
    assert place.value == "Anna\n  Muster"
    assert place.context == "I am {value}, order 7."


def test_the_context_ends_between_words_and_holds_the_value_nowhere():
    text = f"Quistgaard{'x' * 60} had ZQ-17, then ZQ-17 again. {'y' * 40} {'z' * 40} Lindqvist"
    place = locate(ItemContent({"text": text}), "ZQ-17")
    assert place is not None
    assert place.context == f"had {{value}}, then {{value}} again. {'y' * 40}"
    assert locate(ItemContent({"text": "a" * 99 + "-7-" + "b" * 99}), "-7-").context == "{value}"  # type: ignore[union-attr]


@pytest.mark.parametrize("wanted", ["Anna Huber", "", "  ", ".*", "anna muster"])
def test_what_does_not_stand_in_the_item_is_not_found(wanted):
    assert locate(ItemContent({"text": "I am Anna Muster."}), wanted) is None


def test_the_form_of_a_value_tells_letters_and_digits_only():
    assert shape("AB-4711 \u00e4\u00d6") == "AA-9999 aA"
