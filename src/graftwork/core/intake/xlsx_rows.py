"""XLSX sheets with a header, row by row: each cell as the text that CSV would hold.

Values are those that the program last saved; a formula is never computed. A number keeps the zeros that its format
shows ("00123"), and none that it does not ("123", not "123.0"). Of merged cells the first one holds the value.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

from graftwork.core.errors import InputEmpty
from graftwork.core.intake.errors import WorkbookUnreadable
from graftwork.core.intake.header import MOST_COLUMNS, check_columns
from graftwork.core.intake.row import Resume, Row, clean, too_long
from graftwork.core.intake.workbook import opened_workbook, sheet_features

MOST_ROWS = 1_048_576
# Programs spell out empty rows down to the last one where a whole column was formatted.
MOST_EMPTY_ROWS = 1_000
# Titles and remarks may stand above the header.
_HEADER_AMONG_ROWS = 10
_LEADING_ZEROS = re.compile("0{2,20}")

Header = Callable[[str, Sequence[str]], Sequence[str]]


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The rows of the first sheet that is shown. Raises as `read_sheet` does."""
    yield from read_sheet(file, path, after, limit_bytes)


def read_sheet(
    file: BinaryIO, path: str, after: Resume, limit_bytes: int, *, sheet: str = "", header: Header = check_columns
) -> Iterator[Row]:
    """The rows of `sheet`; `header` turns the cells of the first row into the names of the columns.

    Cells beyond the last column are left out. The sheet ends behind `MOST_EMPTY_ROWS` rows in a row that the file
    spells out and that hold nothing in these columns; numbers that the file leaves out do not count.

    `Row.line` is the number that the spreadsheet program shows. A place inside a workbook cannot be gone to, so
    `Resume.line` says where reading stopped, and its offset is an estimate. Raises `InputFormatUnknown`,
    `InputEmpty`, `InputHeaderInvalid`, `TableTooWide`, and `WorkbookUnreadable`, also in the midst of the rows.
    """
    size_bytes = file.seek(0, 2)
    if after.offset_bytes >= size_bytes:
        return
    with opened_workbook(file, path) as workbook:
        chosen = _chosen(workbook, path, sheet)
        declared = max(1, min(chosen.max_row or 1, MOST_ROWS))
        head, columns = _read_header(chosen, path, header)
        held: Row | None = None
        for number, texts in _texts(chosen, max(head, after.line), len(columns)):
            if held is not None:
                yield held
            offset_bytes = min(size_bytes - 1, size_bytes * number // (declared + 1))
            held = _row(number, texts, columns, limit_bytes, Resume(offset_bytes, number))
        if held is not None:  # the last one says that nothing is left
            yield Row(held.line, held.data, held.problem, held.origin, Resume(size_bytes, held.line))


@dataclass(frozen=True, slots=True)
class Survey:
    """What a workbook holds, found by opening it once: `sheet` is the one that `columns` and the rest are of.

    `features`: which of `formulas` and `merged` it holds, since neither is among what rows say of themselves.
    """

    sheets: tuple[str, ...]
    sheet: str
    columns: tuple[str, ...]
    has_rows: bool
    features: frozenset[str]


def survey(file: BinaryIO, path: str, sheet: str = "", *, header: Header = check_columns) -> Survey:
    """Of `sheet`, or of the first that is shown where there is none of that name. Raises as `read_sheet` does."""
    with opened_workbook(file, path) as workbook:
        sheets = tuple(found.title for found in _shown(workbook))
        chosen = _chosen(workbook, path, sheet if sheet in sheets else "")
        part = str(chosen._worksheet_path)
        head, columns = _read_header(chosen, path, header)
        has_rows = next(_texts(chosen, head, len(columns)), None) is not None
    named = tuple(name for name in columns if name)
    return Survey(sheets, chosen.title, named, has_rows, sheet_features(file, path, part))


def _shown(workbook: Any) -> list[Any]:
    return [found for found in workbook.worksheets if found.sheet_state == "visible"]


def _chosen(workbook: Any, path: str, sheet: str) -> Any:
    shown = _shown(workbook)
    if not shown:
        raise WorkbookUnreadable(path, "the workbook shows no sheet")
    if not sheet:
        return shown[0]
    for found in shown:
        if found.title == sheet:
            return found
    raise WorkbookUnreadable(path, "the workbook has no such sheet")


def _read_header(sheet: Any, path: str, header: Header) -> tuple[int, Sequence[str]]:
    """The number of the header's row, and the columns. A first row with one cell above wider ones is a title."""
    first = list(islice(_texts(sheet, 0, MOST_COLUMNS + 1), _HEADER_AMONG_ROWS))
    if not first:
        raise InputEmpty(path)
    widest = max(_filled(texts) for _, texts in first)
    number, texts = next(found for found in first if _filled(found[1]) >= min(2, widest))
    width = max(place for place, text in enumerate(texts, 1) if text.strip())
    return number, header(path, [text.strip() for text in texts[:width]])


def _filled(texts: Sequence[str]) -> int:
    return sum(bool(text.strip()) for text in texts)


def _texts(sheet: Any, after: int, width: int) -> Iterator[tuple[int, list[str]]]:
    """Each row below `after` that holds something, with its number. Cells beyond `width` are left out."""
    from graftwork.core.intake.sheets import written_rows  # noqa: PLC0415 - see `workbook`

    empty_rows, highest = 0, 0
    for number, cells in written_rows(sheet):
        if number > MOST_ROWS or empty_rows >= MOST_EMPTY_ROWS:
            return
        is_new, highest = number > highest, max(number, highest)
        if is_new and number <= after:
            continue
        texts = [""] * width
        for cell in cells:
            if cell.column <= width:
                texts[cell.column - 1] = _text(cell)
        if is_new and any(texts):  # a number that comes again is passed over
            empty_rows = 0
            yield number, texts
        else:
            empty_rows += 1


def _row(number: int, texts: list[str], columns: Sequence[str], limit_bytes: int, resume: Resume) -> Row:
    origin = f"row {number}"
    if sum(map(len, texts)) > limit_bytes:
        return Row(number, None, too_long(limit_bytes), origin, resume)
    data = {name: text for name, text in zip(columns, texts, strict=True) if name}
    return Row(number, data, None, origin, resume)


def _text(cell: Any) -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value, cell)
        case datetime():
            return _moment(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return "" if cell.data_type == "e" else clean(str(value))


def _number(value: float, cell: Any) -> str:
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 1e15:
            return f"{value:.15g}"
        value = int(value)
    shown = str(cell.number_format or "")
    return str(value).zfill(len(shown)) if value >= 0 and _LEADING_ZEROS.fullmatch(shown) else str(value)


def _moment(value: datetime) -> str:
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(" ", "seconds" if value.second else "minutes")
