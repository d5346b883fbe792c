"""Dates: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.date import RECOGNIZER

HITS = (
    ("on 2019-03-14", ["2019-03-14"]),
    ("14/03/2019", ["14/03/2019"]),
    ("03/14/19", ["03/14/19"]),
    ("14. 3. 2019", ["14. 3. 2019"]),
    ("14 March 2019", ["14 March 2019"]),
    ("March 14th, 2019", ["March 14th, 2019"]),
    ("14. März 2019", ["14. März 2019"]),
    ("le 14 mars 2019", ["14 mars 2019"]),
    ("14 de marzo de 2019", ["14 de marzo de 2019"]),
    ("2019-03-14T10:11:12Z", ["2019-03-14T10:11:12Z"]),
    ("in 1994", ["1994"]),
)
NEAR_MISSES = (
    "version 2.10.11",
    "they may go",
    "99/99/9999",
    "1/2",
    "in 1200",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
