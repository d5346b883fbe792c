"""Rows and counts on the screen."""

import pytest

from graftwork.cli.tables import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_200, "1,200 files")])
def test_one_is_not_plural(count, text):
    assert counted(count, "file") == text
