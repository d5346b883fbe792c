"""Web addresses: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.url import RECOGNIZER

HITS = (
    ("see https://example.com/a?b=c.", ["https://example.com/a?b=c"]),
    ("(www.example.com)", ["www.example.com"]),
    ("(https://en.example.org/wiki/A_(b))", ["https://en.example.org/wiki/A_(b)"]),
    ("visit Example.de, now", ["Example.de"]),
    ("shop.example.co.uk/x", ["shop.example.co.uk/x"]),
    ("goo.gl.to/x", ["goo.gl.to/x"]),
    ("ftp://files.example.net", ["ftp://files.example.net"]),
    ("hxxp://bad.example.com", ["hxxp://bad.example.com"]),
)
NEAR_MISSES = (
    "http://localhost:8000/x",
    "read main.py",
    "e.g. this",
    "end.Then",
    "Node.js",
    "v1.2.so",
    "the README.md file",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
