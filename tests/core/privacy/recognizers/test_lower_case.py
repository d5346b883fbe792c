"""Texts in lower case, with codes in them that are not."""

import pytest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ask gertrude for the key", "gertrude"),
        ("the password for gertrude is Kn1ttingQueen! so she says", "gertrude"),
        ("the van of rosalind has the plate 7KDL882", "rosalind"),
    ],
)
def test_a_name_in_lower_case_is_found_beside_a_code_with_capitals(values, text, name):
    assert ("person", name) in values(text)


@pytest.mark.parametrize("text", ["the rose in the park was cut", "use utf8 and X11 or so"])
def test_words_in_lower_case_stay(values, text):
    assert values(text) == []
