"""Licences: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.licence import RECOGNIZER

HITS = (
    ("driver's license number Y820-9283-4432", ["Y820-9283-4432"]),
    ("driver\u2019s license Y820-9283", ["Y820-9283"]),
    ("driving licence MORGA657054SM9IJ", ["MORGA657054SM9IJ"]),
    ("DL: FL5678901", ["DL: FL5678901"]),
    ("Führerschein Nr. B072RRE2I55", ["B072RRE2I55"]),
    ("NºCol: 28 28 45702", ["28 28 45702"]),
    ("bar number 123456", ["123456"]),
    ("NYDL-87654321A", ["NYDL-87654321A"]),
)
NEAR_MISSES = (
    "a driving licence",
    "licensed in 2019",
    "the license of MIT",
    "column 28",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
