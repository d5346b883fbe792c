"""Payment cards: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.card import RECOGNIZER

HITS = (
    ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("card=4111111111111111&x", ["4111111111111111"]),
    ("5555-5555-5555-4444", ["5555-5555-5555-4444"]),
    ("3782 822463 10005", ["3782 822463 10005"]),
    (
        "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        ["\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11"],
    ),
    ("4111\u200b1111\u200b1111\u200b1111", ["4111\u200b1111\u200b1111\u200b1111"]),
    ("4111 1111\n1111 1111", ["4111 1111\n1111 1111"]),
    ("4111 1111 1111 1111 123", ["4111 1111 1111 1111"]),
    ("credit card number 1234 5678 9012 3456", ["1234 5678 9012 3456"]),
    ("XXXX-XXXX-XXXX-1234", ["XXXX-XXXX-XXXX-1234"]),
    ("card ending in 4242", ["4242"]),
    ("CVV: 123", ["123"]),
)
NEAR_MISSES = (
    "4111 1111 1111 1112",
    "1234567890123456",
    "ISBN 978-3-16-148410-0",
    "9111111111111111",
    "2019 2020 2021 2022",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
