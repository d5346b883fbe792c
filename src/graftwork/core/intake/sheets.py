"""Sheets read row by row with openpyxl, in time and memory that go with what the file spells out.

Where a sheet does not declare its size, openpyxl reads all of it when the workbook is opened; its iteration makes a row
as wide as the sheet for every number that the file leaves out, so one cell in the last corner costs a billion cells;
and nothing bounds one row. Here the size is looked for in the first bytes only, and its parser is asked for rows as
they come. Importing this takes half a second, so it is done where a workbook is opened.
"""

import re
from collections.abc import Iterator
from typing import Any

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser

# Of one row, which is held as a whole: 16,384 cells, each with some elements of its own, and more texts than a row has.
LARGEST_ROW_BYTES = 20_000_000
LARGEST_ROW_TAGS = 300_000

_HEAD_BYTES = 64_000
_LAST_ROW = re.compile(rb"""<(?:\w+:)?dimension\s[^>]*ref=["'][A-Z]+\d+:[A-Z]+(\d{1,7})["']""")


class Sheet(ReadOnlyWorksheet):  # type: ignore[misc] # openpyxl has no types
    """`max_row` is what the sheet declares, which is often wrong, or `None`."""

    def _get_size(self) -> None:
        with self._get_source() as source:
            declared = _LAST_ROW.search(source.read(_HEAD_BYTES))
        self._max_row = int(declared[1]) if declared else None


class Reader(ExcelReader):  # type: ignore[misc] # openpyxl has no types
    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.read_chartsheet(sheet, relation)
                continue
            found = Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
            found.sheet_state = sheet.state
            self.wb._sheets.append(found)


def written_rows(sheet: Any) -> Iterator[tuple[int, Iterator[Any]]]:
    """Each row that the file spells out, with its number and those of its cells that have a value.

    Raises `ValueError` at a row that is too large to be held, and whatever openpyxl raises.
    """
    book = sheet.parent
    with sheet._get_source() as source:
        bounded = _RowBound(source)
        parser = WorkSheetParser(
            bounded,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            bounded.row_is_read()
            yield number, (ReadOnlyCell(sheet, **cell) for cell in cells if cell["value"] is not None)


class _RowBound:
    """A part that is read as long as no row of it is too large. What it counts begins anew with each row."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._bytes = self._tags = 0

    def row_is_read(self) -> None:
        self._bytes = self._tags = 0

    def read(self, size_bytes: int = -1) -> bytes:
        piece: bytes = self._source.read(size_bytes)
        self._bytes += len(piece)
        self._tags += piece.count(b"<")
        if self._bytes > LARGEST_ROW_BYTES or self._tags > LARGEST_ROW_TAGS:
            raise ValueError
        return piece
