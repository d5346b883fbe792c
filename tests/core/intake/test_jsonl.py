"""JSON Lines: what is a row, what is refused, and where reading starts again."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.intake.jsonl import MOST_NESTED
from graftwork.core.intake.rows import Row, open_rows


def read(folder: Path, content: bytes, **options: int) -> list[Row]:
    path = folder / "rows.jsonl"
    path.write_bytes(content)
    return list(open_rows(path, **options))


def deep(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


ACCEPTED = {
    "a plain object": (b'{"a": 1}', {"a": 1}),
    "an object behind a byte order mark": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    "a Windows line end": (b'{"a": 1}\r', {"a": 1}),
    "two objects with the same key": (b'{"a": {"b": 1}, "c": {"b": 2}}', {"a": {"b": 1}, "c": {"b": 2}}),
    "the word NaN in a text": (b'{"a": "NaN"}', {"a": "NaN"}),
    "a line separator in a text": ('{"a": "x\u2028y"}'.encode(), {"a": "x\u2028y"}),
    "a hundred levels": (deep(100), json.loads(deep(100))),
    "many lists side by side": (b'{"a": [' + b"[]," * 500 + b"[]]}", {"a": [[]] * 501}),
    "brackets without end in a text": (
        b'{"a": "\\"' + b"[" * (MOST_NESTED + 1) + b'"}',
        {"a": '"' + "[" * (MOST_NESTED + 1)},
    ),
    "an integer of 4000 digits": (b'{"a": ' + b"7" * 4000 + b"}", {"a": int("7" * 4000)}),
    "a large finite number": (b'{"a": 1e308}', {"a": 1e308}),
}

REFUSED = {
    "a list": (b'["secret"]', "a JSON object is expected"),
    "a bare number": (b"7", "a JSON object is expected"),
    "NaN": (b'{"secret": NaN}', "NaN and Infinity are not JSON"),
    "minus infinity": (b'{"secret": -Infinity}', "NaN and Infinity are not JSON"),
    "a number beyond all floats": (b'{"secret": 1e309}', "a number is too large"),
    "a repeated key": (b'{"secret": 1, "secret": 2}', "names the same key twice"),
    "a repeated key further down": (b'{"a": [{"secret": 1, "secret": 2}]}', "names the same key twice"),
    "a hundred and one levels": (deep(101), "nested more than 100 levels"),
    "a hundred thousand levels": (deep(100_000), "nested more than 100 levels"),
    "lists without end": (b'{"a": [' + b"[]," * MOST_NESTED + b"[]]}", "more than 200,000 lists and objects"),
    "objects without end": (b'{"a": [' + b"{}," * MOST_NESTED + b"1]}", "more than 200,000 lists and objects"),
    "escaped quotes without end": (
        b'{"a": [' + b"[" * (MOST_NESTED + 1) + b'"' + b'\\"' * 1_000_000,
        "lists and objects",
    ),
    "an integer of 5000 digits": (b'{"secret": ' + b"7" * 5000 + b"}", "too many digits"),
    "a NUL": (b'{"secret": "\x00"}', "a NUL byte stands at byte 13 of the row"),
    "Latin-1": (b'{"secret": "\xe9"}', "not UTF-8 at byte 13 of the row"),
    "a missing comma": (b'{"secret": 1 "b": 2}', "a mistake at character 14 of the row"),
    "a second byte order mark": (b'{}\n\xef\xbb\xbf{"a": 1}', "not JSON"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_row_is_read(name: str, tmp_path: Path) -> None:
    content, data = ACCEPTED[name]
    rows = read(tmp_path, content + b"\n")
    assert [(row.data, row.problem) for row in rows] == [(data, None)]


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_is_refused_and_the_next_one_is_read(name: str, tmp_path: Path) -> None:
    content, problem = REFUSED[name]
    *_, refused, following = read(tmp_path, content + b'\n{"b": 2}\n')
    assert refused.data is None
    assert refused.problem is not None
    assert problem in refused.problem
    assert "secret" not in refused.problem
    assert following.data == {"b": 2}


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    rows = read(tmp_path, b'\n{"a": 1}\n \t\n\r\n{"a": 2}\n\n')
    assert [(row.line, row.origin) for row in rows] == [(2, "line 2"), (5, "line 5")]


def test_a_cut_off_last_line_is_named_as_such(tmp_path: Path) -> None:
    *_, last = read(tmp_path, b'{"a": 1}\n{"a": "tex')
    assert last.line == 2
    assert "may be cut off" in str(last.problem)


def test_a_whole_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert [row.data for row in read(tmp_path, b'{"a": 1}\n{"a": 2}')] == [{"a": 1}, {"a": 2}]


def test_a_row_of_exactly_the_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    rows = read(tmp_path, b'{"a": "xx"}\r\n{"a": "xxx"}\n{"a": 1}', max_row_bytes=11)
    assert [row.data for row in rows] == [{"a": "xx"}, None, {"a": 1}]
    assert rows[1].problem == "the row is longer than the limit of 11 bytes"


LINES = st.lists(
    st.one_of(
        st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=2).map(lambda row: json.dumps(row).encode()),
        st.binary(max_size=8).filter(lambda line: b"\n" not in line),
        st.just(b'{"long": "' + b"x" * 200_000 + b'"}'),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=50)
@given(lines=LINES, ends=st.sampled_from([b"\n", b"\r\n"]), marked=st.booleans())
def test_resuming_after_any_row_gives_exactly_the_remaining_rows(
    lines: list[bytes], ends: bytes, marked: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "resume.jsonl"
    path.write_bytes((b"\xef\xbb\xbf" if marked else b"") + b"{}\n" + ends.join(lines))
    rows = list(open_rows(path, max_row_bytes=100_000))
    for count, row in enumerate(rows, 1):
        assert list(open_rows(path, after=row.resume, max_row_bytes=100_000)) == rows[count:]


COSTLY = {
    "blank lines": b"\n" * 16_000_000,
    "lines of tabs": b"\t\n" * 8_000_000,
    "Windows line ends": b"\r\n" * 8_000_000,
    "lists": (b'{"a":[' + b"[]," * 2_600_000 + b"1]}\n") * 2,
    "nested lists": (b'{"a":[' + (b"[" * 90 + b"]" * 90 + b",") * 43_000 + b"1]}\n") * 2,
    "a text that is never closed": b'{"a": [' + b"[" * 300_000 + b'"' + b'\\"' * 3_500_000 + b"\n",
    "a line without end": b'{"a' * 5_000_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_no_one_writes_costs_no_time(name: str, tmp_path: Path) -> None:
    content = b'{"a": 1}\n' + COSTLY[name] + b'\n{"a": 2}\n'
    start = time.monotonic()
    rows = read(tmp_path, content)
    assert time.monotonic() - start < 2
    assert rows[0].data == {"a": 1}
    assert rows[-1].data == {"a": 2}
    assert rows[-1].line == content.count(b"\n")
