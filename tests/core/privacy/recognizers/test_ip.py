"""Internet addresses: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.ip import RECOGNIZER

HITS = (
    ("from 203.0.113.77 at noon", ["203.0.113.77"]),
    ("[203.0.113.77]:443", ["203.0.113.77"]),
    ("10.1.2.0/24", ["10.1.2.0/24"]),
    ("2001:db8:85a3::8a2e:370:7334", ["2001:db8:85a3::8a2e:370:7334"]),
    ("fe80::1ff:fe23:4567:890a%eth0", ["fe80::1ff:fe23:4567:890a%eth0"]),
    ("at ::ffff:203.0.113.7,", ["::ffff:203.0.113.7"]),
    ("1.2.3.4,5.6.7.8", ["1.2.3.4", "5.6.7.8"]),
)
NEAR_MISSES = (
    "127.0.0.1",
    "300.1.2.3",
    "version 1.2.3",
    "at 12:30:45",
    "std::vector",
    "::1",
    "a:b:c",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
