"""Attributes that a description leaves out are named; those that it words differently are not."""

import pytest

from graftwork.core.citing.values import missing_values

COPY = "The Kestrel 5 weighs 1.3 kg, has four gigabytes of memory and a bright display, but no touch screen."


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("name", "kestrel 5", False),
        ("name", "kestrel 6", True),
        ("weight", "1,3", False),
        ("weight", "1.5", True),
        ("memory", "4 GB", False),
        ("memory", "8 GB", True),
        ("display", "bright displays", False),
        ("display", "matt display", True),
        ("touch_screen", "no", False),
        ("hastouchscreen", "no", False),
        ("hashdmi", "no", True),
        ("hdmi", "yes", True),
        ("colour", "", False),
    ],
)
def test_a_value_is_missing_where_nothing_in_the_text_means_it(name, value, missing):
    assert (missing_values(COPY, {name: value}) == [name]) is missing
