"""Handles: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.handle import RECOGNIZER

HITS = (
    ("thanks @jo_smith61!", ["@jo_smith61"]),
    ("ask u/jo_smith", ["u/jo_smith"]),
    ("https://github.com/jo-smith", ["https://github.com/jo-smith"]),
    ("linkedin.com/in/jo-smith-1", ["linkedin.com/in/jo-smith-1"]),
    ("username: jsmith", ["jsmith"]),
    ("username jo_smith", ["jo_smith"]),
    ("UserID 'secure_login'", ["secure_login"]),
    ("Benutzername: jschmidt", ["jschmidt"]),
    ("@julie.curtis :", ["@julie.curtis"]),
)
NEAR_MISSES = (
    "jo@example.com",
    "@app.route('/')",
    "@media print",
    "@ 5 pm",
    "the username is required",
    "login failed",
    "username: required",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
