"""Names of columns: each once, not too many, and in a time that goes with their number."""

import time
from collections.abc import Callable, Sequence

import pytest

from graftwork.core.errors import InputHeaderInvalid
from graftwork.core.intake import header
from graftwork.core.intake.errors import TableTooWide
from graftwork.core.intake.header import MOST_COLUMNS, check_columns, distinct_columns

DISTINCT: list[tuple[list[str], list[str]]] = [
    (["a", "b"], ["a", "b"]),
    (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
    (["a", "a (2)", "a"], ["a", "a (2)", "a (3)"]),
    (["a", "a", "a (2)"], ["a", "a (2)", "a (2) (2)"]),
    (["", "a", ""], ["", "a", ""]),
]


@pytest.mark.parametrize(("names", "distinct"), DISTINCT)
def test_each_name_stands_once(names: list[str], distinct: list[str]) -> None:
    assert list(distinct_columns("x.csv", names)) == distinct


@pytest.mark.parametrize("check", [check_columns, distinct_columns])
def test_a_table_has_at_most_so_many_columns_and_at_least_one_name(
    check: Callable[[str, Sequence[str]], Sequence[str]],
) -> None:
    names = [f"c{number}" for number in range(MOST_COLUMNS + 1)]
    assert len(check("x.csv", names[:-1])) == MOST_COLUMNS
    with pytest.raises(TableTooWide) as raised:
        check("x.csv", names)
    assert raised.value.code == "input.columns"
    assert raised.value.hint
    with pytest.raises(InputHeaderInvalid, match="names no column"):
        check("x.csv", ["", ""])


def test_a_name_that_stands_a_hundred_thousand_times_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MOST_COLUMNS", 100_000)
    start = time.monotonic()
    assert len(set(distinct_columns("x.csv", ["a"] * 100_000))) == 100_000
    assert time.monotonic() - start < 2
