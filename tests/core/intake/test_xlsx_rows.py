"""Sheets as rows: what a cell says, where the header stands, resuming, and files that are not what they say."""

import io
import json
import time as clock
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from graftwork.core.errors import InputEmpty, InputError, InputFormatUnknown, InputHeaderInvalid
from graftwork.core.intake import workbook as guard
from graftwork.core.intake import xlsx_rows
from graftwork.core.intake.errors import TableTooWide, WorkbookUnreadable
from graftwork.core.intake.header import MOST_COLUMNS, distinct_columns
from graftwork.core.intake.row import Resume, Row
from graftwork.core.intake.rows import open_rows, total_bytes


def saved(workbook: Any) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def sheet_of(*rows: Sequence[Any], formats: dict[str, str] | None = None) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(list(row))
    for place, shown in (formats or {}).items():
        workbook.active[place].number_format = shown
    return saved(workbook)


def read(content: bytes, after: Resume | None = None, limit_bytes: int = 10_000, **options: Any) -> list[Row]:
    return list(_rows(content, after or Resume(), limit_bytes, **options))


def _rows(content: bytes, after: Resume, limit_bytes: int, **options: Any) -> Iterator[Row]:
    return xlsx_rows.read_sheet(io.BytesIO(content), "x.xlsx", after, limit_bytes, **options)


def with_part(content: bytes, name: str, text: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, text if part == name else old.read(part))
    return stream.getvalue()


_DAY = datetime(2026, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no time zones
CELLS: list[tuple[Any, str, str]] = [
    ("00123", "General", "00123"),
    (123, "General", "123"),
    (123.0, "0.00", "123"),
    (123, "00000", "00123"),
    (123456, "00000", "123456"),
    (-7, "000", "-7"),
    (0.1 + 0.2, "General", "0.3"),
    (1e20, "General", "1e+20"),
    (True, "General", "true"),
    (_DAY, "yyyy-mm-dd", "2026-03-01"),
    (date(2026, 3, 1), "dd.mm.yyyy", "2026-03-01"),
    (_DAY.replace(hour=9, minute=5), "yyyy-mm-dd hh:mm", "2026-03-01 09:05"),
    (_DAY.replace(hour=9, minute=5, second=7), "yyyy-mm-dd hh:mm:ss", "2026-03-01 09:05:07"),
    (time(9, 30), "hh:mm", "09:30:00"),
    (timedelta(hours=30), "[h]:mm", "1 day, 6:00:00"),
    ("  kept  ", "General", "  kept  "),
    ("two\nlines", "General", "two\nlines"),
    ("#N/A", "General", ""),
]


@pytest.mark.parametrize(("value", "shown", "text"), CELLS, ids=[f"{cell[0]!r} as {cell[1]}" for cell in CELLS])
def test_a_cell_is_the_text_that_csv_would_hold(value: Any, shown: str, text: str) -> None:
    content = sheet_of(["id", "cell"], ["a", value], formats={"B2": shown})
    assert read(content)[0].data == {"id": "a", "cell": text}


def test_a_formula_gives_the_value_that_was_saved_and_is_never_computed() -> None:
    content = sheet_of(["id", "sum"], ["a", "=1+1"])
    assert read(content)[0].data == {"id": "a", "sum": ""}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    filled = with_part(
        content, "xl/worksheets/sheet1.xml", sheet.replace(b"<v />", b"<v>7</v>").replace(b"<v></v>", b"<v>7</v>")
    )
    assert read(filled)[0].data == {"id": "a", "sum": "7"}
    assert xlsx_rows.survey(io.BytesIO(filled), "x.xlsx").features == {"formulas"}


def test_of_merged_cells_the_first_holds_the_value_and_the_sheet_says_so() -> None:
    workbook = openpyxl.Workbook()
    for row in (["thread", "text"], ["t-1", "one"], ["", "two"]):
        workbook.active.append(row)
    workbook.active.merge_cells("A2:A3")
    content = saved(workbook)
    assert [row.data for row in read(content)] == [{"thread": "t-1", "text": "one"}, {"thread": "", "text": "two"}]
    assert xlsx_rows.survey(io.BytesIO(content), "x.xlsx").features == {"merged"}
    assert xlsx_rows.survey(io.BytesIO(sheet_of(["a"], ["b"])), "x.xlsx").features == frozenset()


def test_rows_carry_the_numbers_that_the_program_shows_and_blank_ones_are_passed_over() -> None:
    content = sheet_of([], ["id", "text"], ["a", "x"], [], [None, ""], ["b", "y"])
    assert [(row.line, row.origin, row.data) for row in read(content)] == [
        (3, "row 3", {"id": "a", "text": "x"}),
        (6, "row 6", {"id": "b", "text": "y"}),
    ]


HEADERS: list[tuple[list[list[Any]], list[str]]] = [
    ([["id", "text"], ["a", "b"]], ["id", "text"]),
    ([["Report of March"], [], ["id", "text"], ["a", "b"]], ["id", "text"]),
    ([["text"], ["only one column"]], ["text"]),
    ([[" id ", "text", None, None], ["a", "b", "beside"]], ["id", "text"]),
    ([["id", None, "text"], ["a", "nameless", "b"]], ["id", "text"]),
]


@pytest.mark.parametrize(("rows", "columns"), HEADERS)
def test_where_the_header_stands(rows: list[list[Any]], columns: list[str]) -> None:
    assert list(read(sheet_of(*rows))[0].data or {}) == columns


def test_a_name_that_stands_twice_is_refused_or_numbered() -> None:
    content = sheet_of(["id", "note", "note", "note (2)"], ["a", "x", "y", "z"])
    with pytest.raises(InputHeaderInvalid, match="`note` twice, as columns 2 and 3"):
        read(content)
    (row,) = read(content, header=distinct_columns)
    assert row.data == {"id": "a", "note": "x", "note (2)": "y", "note (2) (2)": "z"}


def test_the_first_sheet_that_is_shown_is_read_or_the_one_that_was_chosen() -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "hidden"
    workbook.active.sheet_state = "hidden"
    for name in ("shown", "other"):
        workbook.create_sheet(name).append(["id"])
        workbook[name].append([name])
    content = saved(workbook)
    found = xlsx_rows.survey(io.BytesIO(content), "x.xlsx", "hidden")
    assert (found.sheets, found.sheet, found.columns, found.has_rows) == (("shown", "other"), "shown", ("id",), True)
    assert xlsx_rows.survey(io.BytesIO(content), "x.xlsx", "other").sheet == "other"
    assert read(content)[0].data == {"id": "shown"}
    assert read(content, sheet="other")[0].data == {"id": "other"}
    with pytest.raises(WorkbookUnreadable, match="no such sheet"):
        read(content, sheet="hidden")


def test_reading_goes_on_after_any_row(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(sheet_of(["id"], *[[f"r-{number}"] for number in range(30)], [], ["last"]))
    rows = list(open_rows(path))
    assert len(rows) == 31
    for count, row in enumerate(rows, 1):
        kept = Resume(**json.loads(json.dumps(asdict(row.resume))))
        assert list(open_rows(path, after=kept)) == rows[count:]
    offsets = [row.resume.read_bytes for row in rows]
    assert offsets == sorted(offsets)
    assert offsets[-1] == total_bytes(path)


def test_a_row_over_the_limit_is_passed_over_and_the_rest_goes_on() -> None:
    rows = read(sheet_of(["id"], ["x" * 200], ["short"]), limit_bytes=100)
    assert [(row.line, bool(row.problem)) for row in rows] == [(2, True), (3, False)]


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"<a>" + b" " * 60_000_000)
    return stream.getvalue()


def laughing() -> bytes:
    part = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><sst>&b;</sst>'
    return with_part(sheet_of(["id"], ["a"]), "xl/workbook.xml", part)


def locked() -> bytes:
    content = bytearray(sheet_of(["id"], ["a"]))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # the flag of encryption in the directory
    return bytes(content)


REFUSED: list[tuple[str, bytes, type[InputError], str]] = [
    ("a text called .xlsx", b"id;text\n1;x\n", InputFormatUnknown, "not a format"),
    ("an old workbook", guard.COMPOUND_MARK + b"\x00" * 500, WorkbookUnreadable, "password, or a workbook of the old"),
    (
        "another package",
        with_part(sheet_of(["id"]), "[Content_Types].xml", b"<x/>"),
        WorkbookUnreadable,
        "not a workbook",
    ),
    ("cut off", sheet_of(["id"], ["a"])[:900], WorkbookUnreadable, "not a workbook"),
    ("a bomb", bomb(), WorkbookUnreadable, "would unpack to 60 MB"),
    ("entities", laughing(), WorkbookUnreadable, "declares a document type"),
    ("locked", locked(), WorkbookUnreadable, "password"),
    ("no rows at all", sheet_of(), InputEmpty, "empty"),
]


@pytest.mark.parametrize(
    ("content", "error", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_file_that_is_not_what_it_says_is_refused(content: bytes, error: type[InputError], words: str) -> None:
    with pytest.raises(error, match=words):
        read(content)


def test_a_header_alone_is_an_export_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(sheet_of(["id", "text"]))
    assert list(open_rows(path)) == []


def test_a_cell_far_out_costs_no_memory_and_a_broken_sheet_quotes_nothing() -> None:
    content = sheet_of(["id", "text"], ["a", "secret"])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    far = with_part(content, "xl/worksheets/sheet1.xml", sheet.replace(b'r="B2"', b'r="XFD2"'))
    assert read(far)[0].data == {"id": "a", "text": ""}
    broken = with_part(content, "xl/worksheets/sheet1.xml", sheet.replace(b"</row></sheetData>", b"</sheetData>"))
    with pytest.raises(WorkbookUnreadable) as raised:
        read(broken)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"
SMALL = sheet_of(["id"])


def cells(*texts: str) -> bytes:
    return b"<row>" + b"".join(b'<c t="inlineStr"><is><t>%b</t></is></c>' % text.encode() for text in texts) + b"</row>"


def written(*rows: bytes) -> bytes:
    """A workbook whose sheet spells out `rows`, without saying how large it is."""
    return with_part(SMALL, SHEET, HEAD + b"".join(rows) + END)


CORNER = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
COSTLY = {
    "a cell in the last corner": (CORNER, 0),
    "a last row below a gap of a million": (CORNER.replace(b"XFD", b"A"), 1),
    "empty rows without end": (b"<row/>" * 1_000_000 + cells("lost"), 0),
    "rows with empty cells without end": (b"<row><c/><c/></row>" * 500_000, 0),
    "one number again and again": (b'<row r="1"/>' * 1_000_000, 0),
    "rows above the first": (b'<row r="0"/>' * 1_000_000, 0),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_a_sheet_claims_and_does_not_hold_costs_no_time(name: str) -> None:
    rows, count = COSTLY[name]
    content = written(cells("id", "text"), rows)
    assert len(content) < 200_000
    start = clock.monotonic()
    assert len(read(content)) == count
    assert xlsx_rows.survey(io.BytesIO(content), "x.xlsx").has_rows == bool(count)
    assert clock.monotonic() - start < 4


def test_a_row_too_large_to_be_held_is_refused_at_once() -> None:
    content = written(cells("id"), b"<row>" + b"<c/>" * 4_000_000 + b"</row>")
    start = clock.monotonic()
    with pytest.raises(WorkbookUnreadable):
        read(content)
    assert clock.monotonic() - start < 4


def test_a_sheet_ends_behind_the_most_empty_rows_and_not_one_earlier() -> None:
    most = xlsx_rows.MOST_EMPTY_ROWS
    head, last = cells("id"), cells("last")
    assert [row.line for row in read(written(head, b"<row/>" * (most - 1), last))] == [most + 1]
    assert read(written(head, b"<row/>" * most, last)) == []
    twice = written(head, b"<row/>" * (most - 1), cells("one"), b"<row/>" * (most - 1), last)
    assert [(row.data or {})["id"] for row in read(twice)] == ["one", "last"]


def test_a_header_has_at_most_so_many_columns() -> None:
    names = [f"c{number}" for number in range(MOST_COLUMNS + 1)]
    assert len(read(sheet_of(names[:-1], names[:-1]), limit_bytes=100_000)[0].data or {}) == MOST_COLUMNS
    with pytest.raises(TableTooWide, match="more than 1,000 columns"):
        read(sheet_of(names, names))


def test_a_sheet_that_says_how_large_it_is_and_one_that_does_not_give_the_same_rows() -> None:
    content = sheet_of(["id"], ["a"], ["b"])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read(SHEET)
    assert b'<dimension ref="A1:A3"' in sheet
    for claim in (b'<dimension ref="A1"', b'<dimension ref="A1:XFD9999999"', b'<other ref="A1:A3"'):
        other = with_part(content, SHEET, sheet.replace(b'<dimension ref="A1:A3"', claim))
        assert [row.data for row in read(other)] == [row.data for row in read(content)] == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    "texts",
    ["<si>" + "<r/>" * 100_000 + "</si>", "<si><t>a</t></si>" * 1_300_000],
    ids=["one text of many parts", "many texts"],
)
def test_texts_that_would_fill_the_memory_are_refused_at_once(texts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST_RATIO", 10_000)  # the other guard, which would catch these too
    content = io.BytesIO(sheet_of(["id"], ["one"]))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", f"<sst>{texts}</sst>")
    began = clock.monotonic()
    with pytest.raises(WorkbookUnreadable, match="more parts"):
        read(content.getvalue())
    assert clock.monotonic() - began < 4
