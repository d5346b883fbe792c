import pytest

from graftwork.core.scoring.normal import canonical, dates_in, holds, holds_value, same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acute  Appendicitis", "acute appendicitis."),
        ("1,200.50", 1200.5),
        ("12", 12.0),
        ("500mg", "500 MG"),
        ("\u201cLeak\u201d", '"leak"'),
        ("2026-03-04", "4 March 2026"),
        ("March 4th, 2026", "04.03.2026"),
        ("03/04/2026", "2026-03-04"),  # read both ways: countries differ
        ("03/04/2026", "2026-04-03"),
        ("2026-03-04T00:00:00Z", "2026-03-04"),
        ("March 2026", "2026-03"),
        (True, "yes"),
        ("No", False),
        ("caf\u00e9", "cafe\u0301"),
    ],
)
def test_two_forms_of_one_value_say_the_same(one, other):
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("appendicitis", "acute appendicitis"),
        ("1,200.50", 1200),
        ("12", 1.2),
        ("500 mg", "500 g"),
        ("2026-03-04", "2026-03-05"),
        ("13/04/2026", "2026-01-04"),
        ("31 February 2026", "2026-02-28"),
        (True, 1),
        ("yes", "no"),
        ("3", "three"),
    ],
)
def test_near_misses_do_not(one, other):
    assert not same(one, other)


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Refund within 14 days.", "14 days", True),
        ("Refund within 114 days.", "14 days", False),
        ("Version 12.5 is out", "12", False),
        ("Pay 1,200 EUR now", "1200 eur", True),
        ("It is unsafe", "safe", False),
        ("Ends with 12.", "12", True),
    ],
)
def test_words_are_found_whole(text, words, found):
    assert holds(text, words) is found


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("seen on 4 March 2026 in the clinic", "2026-03-04", True),
        ("seen on 5 March 2026 in the clinic", "2026-03-04", False),
        ("a dose of 20 mg", 20, True),
        ("a dose of 20 mg", 2, False),
        ("no fever", False, False),
    ],
)
def test_a_value_is_found_in_another_form(text, value, found):
    assert holds_value(text, value) is found


def test_a_text_without_numbers_keeps_its_words():
    assert canonical("  A\tsmall\u00a0Note ") == "a small note"
    assert dates_in("no date here 99.99.2026") == frozenset()
