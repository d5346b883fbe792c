"""How an estimate is written on the comparison of deployments."""

import pytest

from graftwork.apps.pilots.templatetags.pilot_money import estimate
from graftwork.core.stats import Estimate


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Estimate(310.2, 250.0, 390.0, 20, "EUR"), "EUR 310 (250 to 390)"),
        (Estimate(300.1, 300.0, 301.0, 20, "EUR"), "EUR 300 (300 to 301)"),
        (Estimate(300.1, 299.9, 300.3, 20, "EUR"), "EUR 300"),
        (Estimate(0.62, 0.58, 0.66, 20, "share"), "62 % (58 to 66 %)"),
        (Estimate(4.2, 3.9, 4.5, 20, "s"), "4.2 s (3.9 to 4.5 s)"),
    ],
)
def test_an_interval_names_its_unit_once_and_only_where_it_says_more(found, told):
    assert estimate(found) == told
