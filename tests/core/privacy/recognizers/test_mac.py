"""Addresses of interfaces and devices: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.mac import RECOGNIZER

HITS = (
    ("00:1B:44:11:3A:B7", ["00:1B:44:11:3A:B7"]),
    ("00-1b-44-11-3a-b7", ["00-1b-44-11-3a-b7"]),
    ("001b.4411.3ab7", ["001b.4411.3ab7"]),
    ("IMEI: 490154203237518", ["490154203237518"]),
    ("49-015420-323751-8", ["49-015420-323751-8"]),
    ("serial number C02XK1ZZJG5H", ["C02XK1ZZJG5H"]),
)
NEAR_MISSES = (
    "FF:FF:FF:FF:FF:FF",
    "00:1B:44:11:3A",
    "49-015420-323751-9",
    "12:30:45",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
