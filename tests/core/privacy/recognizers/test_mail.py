"""Mail addresses: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.mail import RECOGNIZER

HITS = (
    ("?a=1&to=jo@example.com", ["jo@example.com"]),
    ("bounce+jo=example.org@list.example.com", ["bounce+jo=example.org@list.example.com"]),
    ("write to jo.smith+x@mail.example.co.uk, please", ["jo.smith+x@mail.example.co.uk"]),
    ("<JO@EXAMPLE.COM>", ["JO@EXAMPLE.COM"]),
    ("mailto:jo@example.com?subject=x", ["jo@example.com"]),
    ("jörg@müller.example", ["jörg@müller.example"]),
    ("jo@\nexample.com", ["jo@\nexample.com"]),
    ("j\u043e@ex\u0430mple.com", ["j\u043e@ex\u0430mple.com"]),
    ("jo\u200b@example.com", ["jo\u200b@example.com"]),
    ("?to=jo%40example.com&x=1", ["jo%40example.com"]),
    ("jo [at] example [dot] com", ["jo [at] example [dot] com"]),
    ("jo at example dot com", ["jo at example dot com"]),
    ("pay jo.smith@oksbi now", ["jo.smith@oksbi"]),
    ("jo@ example.com", ["jo@ example.com"]),
    ("jo@[203.0.113.7]", ["jo@[203.0.113.7]"]),
)
NEAR_MISSES = (
    "meet me at noon",
    "a@b",
    "@example",
    "git@github:x",
    "5@6",
    "look at example dot",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
