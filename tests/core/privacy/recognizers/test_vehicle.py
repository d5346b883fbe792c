"""Vehicles: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.vehicle import RECOGNIZER

HITS = (
    ("1M8GDM9AXKP042788", ["1M8GDM9AXKP042788"]),
    ("VIN: WVWZZZ1JZXW000001", ["WVWZZZ1JZXW000001"]),
    ("license plate 7ABC123", ["7ABC123"]),
    ("Kennzeichen: B-AB 1234", ["B-AB 1234"]),
    ("number plate AB12 CDE", ["AB12 CDE"]),
    ("matrícula 1234 BCD", ["1234 BCD"]),
    ("AB-123-CD", ["AB-123-CD"]),
)
NEAR_MISSES = (
    "1M8GDM9A0KP042788",
    "plaquetas 169",
    "license plate frames",
    "a plate of 12 oysters",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
