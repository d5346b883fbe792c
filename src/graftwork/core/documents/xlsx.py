"""XLSX: each sheet is a page, each row a block. Read with openpyxl row by row, so a large sheet costs little memory."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from graftwork.core.document import DocumentNotice
from graftwork.core.documents import packages, tables
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import one_line
from graftwork.core.documents.errors import DocumentBroken

FORMULA_WITHOUT_VALUE = "(formula without a value)"
_PIECE_BYTES = 1_000_000


def fill(builder: Builder, content: bytes) -> None:
    """Values are those that the program last saved; a formula is never computed. Hidden sheets are left out."""
    parts = packages.check(builder.name, content)
    packages.note_macros(builder, parts)
    import openpyxl  # noqa: PLC0415 - takes half a second, and only workbooks need it

    try:
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        formulas = None
        if _has_formulas(content, parts):
            formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for sheet in values.worksheets:
            _add_sheet(builder, sheet, formulas[sheet.title] if formulas is not None else None)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile, EOFError):
        raise DocumentBroken(builder.name, "not a workbook that can be read") from None
    builder.title = str(values.properties.title or "")


def _add_sheet(builder: Builder, sheet: Any, formulas: Any) -> None:
    if sheet.sheet_state != "visible":
        builder.notice(DocumentNotice("hidden_text", "Sheets that the workbook hides were left out."))
        return
    builder.leave_headings()
    builder.page(sheet.title)
    builder.heading(sheet.title, 1)
    tables.add_rows(builder, _rows(sheet, formulas))


def _rows(sheet: Any, formulas: Any) -> Iterator[list[str]]:
    # The size that a sheet declares is often wrong: one that says A1 would end there, one that says XFD1048576 never.
    sheet.reset_dimensions()
    if formulas is None:
        for row in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in row]
        return
    formulas.reset_dimensions()
    for row, written in zip(sheet.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=False):
        yield [_text(value, formula) for value, formula in zip(row, written, strict=False)]


def _text(value: object, formula: object = None) -> str:
    if value is None:
        return FORMULA_WITHOUT_VALUE if formula is not None else ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return (
            value.date().isoformat() if midnight else value.isoformat(" ", "minutes" if not value.second else "seconds")
        )
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else one_line(str(value))


def _has_formulas(content: bytes, parts: list[str]) -> bool:
    """Whether a sheet holds any: only then is it read a second time."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in parts:
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                with package.open(part) as file:
                    end = b""
                    while piece := file.read(_PIECE_BYTES):
                        if b"<f>" in end + piece or b"<f " in end + piece:
                            return True
                        end = piece[-3:]
    return False
