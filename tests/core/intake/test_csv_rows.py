"""CSV: header, delimiters, quotes, and where reading starts again."""

import csv
import time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.errors import InputEmpty, InputHeaderInvalid
from graftwork.core.intake import records
from graftwork.core.intake.rows import Row, open_rows


def read(folder: Path, content: bytes, **options: int) -> list[Row]:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return list(open_rows(path, **options))


READ = {
    "commas": (b"a,b\n1,2\n", {"a": "1", "b": "2"}),
    "semicolons": (b"a;b\n1,5;2\n", {"a": "1,5", "b": "2"}),
    "tabs": (b"a\tb\n1;2\t3\n", {"a": "1;2", "b": "3"}),
    "one column": (b'a\n"x;y,z"\n', {"a": "x;y,z"}),
    "commas within a quoted name": (b'"a,b,c";d\n1;2\n', {"a,b,c": "1", "d": "2"}),
    "a byte order mark before a quote": (b'\xef\xbb\xbf"a",b\n1,2\n', {"a": "1", "b": "2"}),
    "a line end within quotes": (b'a,b\n"x\ny",2\n', {"a": "x\ny", "b": "2"}),
    "a line end within a name": (b'"a\n1",b\n1,2\n', {"a\n1": "1", "b": "2"}),
    "a doubled quote": (b'a,b\n"x ""y""",2\n', {"a": 'x "y"', "b": "2"}),
    "a quote in the middle of a cell": (b'a,b\n5" pipe,2\n', {"a": '5" pipe', "b": "2"}),
    "Windows line ends": (b"a,b\r\n1,2\r\n", {"a": "1", "b": "2"}),
    "no last line end": (b"a,b\n1,2", {"a": "1", "b": "2"}),
    "an index column without a name": (b",a\n0,x\n", {"a": "x"}),
    "a cell over the csv module's own limit": (b"a\n" + b"x" * 200_000 + b"\n", {"a": "x" * 200_000}),
    "spaces around names": (b" a , b\n1,2\n", {"a": "1", "b": "2"}),
}

REFUSED = {
    "a cell too few": (b"secret\n", "the number of cells is 1, but the header names 2"),
    "a cell too many": (b"1,2,secret\n", "the number of cells is 3, but the header names 2"),
    "Latin-1": (b"secret,\xe9\n", "not UTF-8 at byte 8 of the row"),
    "a NUL": (b"secret,\x00\n", "a NUL byte stands at byte 8 of the row"),
    "a lone carriage return": (b"secret\rx,2\n", "a carriage return stands outside quotes"),
}


@pytest.mark.parametrize("name", READ)
def test_a_row_is_read(name: str, tmp_path: Path) -> None:
    content, data = READ[name]
    assert [(row.data, row.problem) for row in read(tmp_path, content)] == [(data, None)]


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_is_refused_and_the_next_one_is_read(name: str, tmp_path: Path) -> None:
    content, problem = REFUSED[name]
    refused, following = read(tmp_path, b"a,b\n" + content + b"3,4\n")
    assert refused.data is None
    assert problem in str(refused.problem)
    assert "secret" not in str(refused.problem)
    assert following.data == {"a": "3", "b": "4"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b,a\n1,2,3\n", "names `a` twice, as columns 1 and 3"),
        (b"a, a\n1,2\n", "names `a` twice, as columns 1 and 2"),
        (b",,\n1,2,3\n", "names no column"),
        (b"a,\xe9\n1,2\n", "not UTF-8 at byte 3"),
        (b'a,"b\n1,2\n', "is never closed"),
    ],
)
def test_a_header_that_cannot_stand_is_refused_before_any_row(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InputHeaderInvalid, match=reason):
        read(tmp_path, content)


def test_names_that_differ_by_case_are_two_columns(tmp_path: Path) -> None:
    assert [row.data for row in read(tmp_path, b"a,A\n1,2\n")] == [{"a": "1", "A": "2"}]


def test_a_header_alone_is_an_export_without_rows_but_blank_lines_alone_are_empty(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n") == []
    with pytest.raises(InputEmpty):
        read(tmp_path, b"\n\n")


def test_rows_are_named_by_the_line_where_they_begin(tmp_path: Path) -> None:
    rows = read(tmp_path, b'\na,b\n\n"x\n\ny",2\n3\n"z\n",4\n')
    assert [(row.line, row.problem is None) for row in rows] == [(4, True), (7, False), (8, True)]


def test_a_quote_that_is_never_closed_is_named_with_what_it_swallows(tmp_path: Path) -> None:
    good, swallowed = read(tmp_path, b'a,b\n1,2\n"x,3\n4,5\n6,7')
    assert good.data == {"a": "1", "b": "2"}
    assert (swallowed.line, swallowed.data) == (3, None)
    assert "takes the last 3 lines" in str(swallowed.problem)


def test_a_row_over_the_limit_ends_where_its_quotes_end(tmp_path: Path) -> None:
    long = b'"' + b'x,""\n' * 50_000 + b'",1\n'
    rows = read(tmp_path, b"a,b\n" + long + b"3,4\n", max_row_bytes=1_000)
    assert [row.data for row in rows] == [None, {"a": "3", "b": "4"}]
    assert rows[0].problem == "the row is longer than the limit of 1,000 bytes"


CELLS = st.text(alphabet='ab",; \t\né', max_size=6)
RAW = st.text(alphabet='a",\n', max_size=40)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    marked=st.booleans(),
    piece_bytes=st.integers(1, 9),
)
def test_resuming_after_any_row_gives_exactly_the_remaining_rows(
    rows: list[tuple[str, str]], marked: bool, piece_bytes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "resume.csv"
    with path.open("w", newline="", encoding="utf-8-sig" if marked else "utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("one", "two"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "PIECE_BYTES", piece_bytes)
        found = list(open_rows(path))
        assert [tuple((row.data or {}).values()) for row in found] == rows
        for count, row in enumerate(found, 1):
            assert list(open_rows(path, after=row.resume)) == found[count:]


@given(text=RAW)
def test_records_end_where_the_csv_module_ends_them(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "ends.csv"
    path.write_text("a,b\n" + text, encoding="utf-8", newline="")
    expected = [cells for cells in csv.reader(StringIO(text, newline="")) if "".join(cells).strip()]
    found = list(open_rows(path))
    if not any("never closed" in str(row.problem) for row in found):
        readable = [list(row.data.values()) for row in found if row.data and "".join(row.data.values()).strip()]
        assert readable == [cells for cells in expected if len(cells) == 2]


COSTLY = {
    "blank lines": b"\n" * 16_000_000,
    "lines of spaces": b" \n" * 8_000_000,
    "Windows line ends": b"\r\n" * 8_000_000,
    "a quoted cell of many lines": b'"' + b"x\n" * 8_000_000 + b'",1\n',
    "quotes in pairs": b'"' + b'""' * 8_000_000 + b'",1\n',
    "lines that close and open quotes": b'"' + b'\n","' * 4_000_000 + b'"\n',
    "quoted cells": b'"",' * 5_000_000 + b"\n",
    "cells that go on behind their quotes": b'"a"b,' * 3_000_000 + b"\n",
    "cells with a quote in them": b'a"b,' * 4_000_000 + b"\n",
    "delimiters": b"," * 16_000_000 + b"\n",
    "a line without end": b"x" * 16_000_000 + b"\n",
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_no_one_writes_costs_no_time(name: str, tmp_path: Path) -> None:
    content = b"a,b\n1,2\n" + COSTLY[name] + b"3,4\n"
    start = time.process_time()
    rows = read(tmp_path, content)
    assert time.process_time() - start < 2
    assert rows[0].data == {"a": "1", "b": "2"}
    assert rows[-1].data == {"a": "3", "b": "4"}
    assert rows[-1].line == content.count(b"\n")


def test_blank_lines_above_the_header_and_a_quote_that_is_never_closed_cost_no_time(tmp_path: Path) -> None:
    start = time.process_time()
    assert read(tmp_path, b"\n" * 16_000_000 + b"a;b\n1;2\n")[0].data == {"a": "1", "b": "2"}
    (row,) = read(tmp_path, b'a,b\n"' + b"x\n" * 8_000_000)
    assert "is never closed" in str(row.problem)
    assert time.process_time() - start < 3


def test_a_tab_before_the_first_name_is_a_column_without_one(tmp_path: Path) -> None:
    assert [row.data for row in read(tmp_path, b"\n\ta\n0\tx\n\t\n")] == [{"a": "x"}, {"a": ""}]
