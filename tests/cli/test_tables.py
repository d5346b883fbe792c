"""Rows and counts on the screen."""

from decimal import Decimal

import pytest

from graftwork.cli.key import shown
from graftwork.cli.tables import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_200, "1,200 files")])
def test_one_is_not_plural(count, text):
    assert counted(count, "file") == text


@pytest.mark.parametrize(
    ("money", "text"), [("0", "0.00"), ("0.000000400", "<0.01"), ("0.01", "0.01"), ("1234.5", "1,234.50")]
)
def test_money_is_shown_as_prices_are_written(money, text):
    assert shown(Decimal(money)) == text
