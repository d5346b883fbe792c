"""Codes and their meanings are accepted in any spelling; the nearest is named for what is unknown."""

from graftwork.core.extraction.codes import parse_codes

CODES = parse_codes("# causes\nW1\taccident at work\n\nT1\troad traffic accident\nW1\tagain\nX-9\n")


def test_one_code_a_line_with_or_without_a_meaning():
    assert CODES.meanings == {"W1": "accident at work", "T1": "road traffic accident", "X-9": ""}


def test_a_code_or_its_meaning_is_found_whatever_its_case():
    assert CODES.find("w1") == CODES.find(" Accident at  work. ") == "W1"
    assert CODES.find("x\u20119") == "X-9"


def test_what_is_neither_is_not_found_but_the_nearest_is_named():
    assert CODES.find("accident at home") is None
    assert CODES.nearest("accident at home") == "W1 (accident at work)"
    assert CODES.nearest("qqqqqq") == ""


def test_an_empty_list_knows_nothing():
    assert parse_codes("").find("W1") is None
    assert parse_codes("").nearest("W1") == ""
