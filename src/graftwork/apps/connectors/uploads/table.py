"""An uploaded file as a table: what it is, by its content, and its rows. Nothing here touches the disk."""

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Literal

from graftwork.core.documents.decoding import encoding_of
from graftwork.core.errors import InputEmpty, InputEncodingUnknown, InputFormatUnknown, InputHeaderInvalid
from graftwork.core.intake import csv_rows, jsonl, xlsx_rows
from graftwork.core.intake.header import check_count, distinct_columns
from graftwork.core.intake.row import Resume, Row, clean
from graftwork.core.intake.rows import MAX_ROW_BYTES
from graftwork.core.intake.workbook import COMPOUND_MARK, PACKAGE_MARK

Form = Literal["csv", "xlsx", "jsonl"]
# What people may choose where the guess is wrong; Python's names, as `encoding_of` gives them.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16, big end first",
    "cp1252": "Windows-1252 (Latin-1)",
    "iso8859_15": "Latin-9",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp850": "CP 850 (DOS)",
}
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_COLUMNS_FROM_ROWS = 50
# Rows that are very long name their columns sooner.
_COLUMNS_FROM_BYTES = 2_000_000
_NO_ROWS = "has no row below it"
_OBJECT_NAMES = (".jsonl", ".ndjson", ".json")
_MEDIA = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class Table:
    """How an uploaded file is read. `encoding` is empty for a workbook; `sheet` and `sheets` are for one only.

    `features` are what rows do not tell of themselves: `formulas`, `merged`, and `renamed` where a name stood twice.
    """

    form: Form
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


def recognise(content: bytes, name: str, *, encoding: str = "", sheet: str = "") -> Table:
    """What `content` is, whatever its name says; `encoding` and `sheet` are what a person chose instead of the guess.

    Raises `InputEmpty`, `InputFormatUnknown`, `InputEncodingUnknown`, `InputHeaderInvalid`, `TableTooWide`,
    `WorkbookUnreadable`.
    """
    if not content.strip():
        raise InputEmpty(name)
    if content.startswith((PACKAGE_MARK, COMPOUND_MARK)):
        return _workbook(content, name, sheet)
    if content.startswith(_MEDIA):
        raise InputFormatUnknown(name)
    # Python knows codecs that are no encodings of text, and take the square of the time.
    if encoding and encoding not in ENCODINGS and encoding != _guessed(content):
        raise InputEncodingUnknown(name, "another encoding")
    chosen = encoding or _guessed(content)
    text = _as_utf8(content, chosen, name)
    if b"\x00" in text[:64_000]:
        raise InputFormatUnknown(name)
    is_objects = text.lstrip().startswith(b"{") and (name.lower().endswith(_OBJECT_NAMES) or b'"' in text[:1_000])
    table = Table("jsonl" if is_objects else "csv", chosen)
    if is_objects:
        return _with_columns(table, content, name)
    delimiter = csv_rows.delimiter_of(io.BytesIO(text), name)
    return _with_columns(Table("csv", chosen, delimiter), content, name)


def open_table(table: Table, content: bytes, name: str) -> tuple[BinaryIO, int]:
    """The stream that `read_rows` reads, and its size in bytes: text is in UTF-8 from here on."""
    text = content if table.form == "xlsx" else _as_utf8(content, table.encoding, name)
    return io.BytesIO(text), len(text)


def read_rows(table: Table, file: BinaryIO, name: str, after: Resume | None = None) -> Iterator[Row]:
    """The rows behind `after`. Raises an `InputError`, in a workbook also in the midst of the rows."""
    start = after or Resume()
    match table.form:
        case "csv":
            return csv_rows.read(file, name, start, MAX_ROW_BYTES, header=distinct_columns)
        case "xlsx":
            return xlsx_rows.read_sheet(file, name, start, MAX_ROW_BYTES, sheet=table.sheet, header=distinct_columns)
        case "jsonl":
            return jsonl.read(file, name, start, MAX_ROW_BYTES)


def _workbook(content: bytes, name: str, sheet: str) -> Table:
    found = xlsx_rows.survey(io.BytesIO(content), name, sheet, header=distinct_columns)
    if not found.has_rows:
        raise InputHeaderInvalid(name, _NO_ROWS)
    table = Table("xlsx", sheet=found.sheet, sheets=found.sheets)
    return replace(table, columns=found.columns, features=_features(found.columns, found.features))


def _with_columns(table: Table, content: bytes, name: str) -> Table:
    """Raises `InputHeaderInvalid` where there is no row below it: nothing could be shown, and nothing imported."""
    file, _ = open_table(table, content, name)
    first = []
    for row in islice(read_rows(table, file, name), _COLUMNS_FROM_ROWS):
        first.append(row)
        if row.resume.offset_bytes > _COLUMNS_FROM_BYTES:
            break
    if not first:
        raise InputHeaderInvalid(name, _NO_ROWS)
    # A name that is no text, such as half of a surrogate pair, can be shown nowhere.
    found = (column for row in first if row.data for column in row.data if clean(column) == column)
    columns = tuple(dict.fromkeys(found))
    check_count(name, len(columns))
    return replace(table, columns=columns, features=() if table.form == "jsonl" else _features(columns, ()))


def _features(columns: tuple[str, ...], found: Collection[str]) -> tuple[str, ...]:
    names = frozenset(columns)
    renamed = {"renamed"} if any(_is_second(one, names) for one in columns) else set()
    return tuple(sorted({*found, *renamed}))


def _is_second(column: str, columns: frozenset[str]) -> bool:
    stem, _, number = column.rpartition(" (")
    return number.rstrip(")").isdigit() and stem in columns


def _guessed(content: bytes) -> str:
    """The likeliest encoding in which every byte stands for something; a few bytes of Windows-1252 do not."""
    likeliest = encoding_of(content)
    if likeliest not in ENCODINGS or likeliest.startswith("cp125"):
        # Of code pages that read it the same, the one that people know it by.
        same = _decodes(content, "cp1252") and _decodes(content, likeliest)
        likeliest = "cp1252" if same and content.decode("cp1252") == content.decode(likeliest) else likeliest
    return next((one for one in (likeliest, "cp850") if one == "utf-8" or _decodes(content, one)), "iso8859_15")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (LookupError, ValueError):
        return False
    return True


def _as_utf8(content: bytes, encoding: str, name: str) -> bytes:
    """Bytes that are no UTF-8 stay as they are: they cost the rows that they stand in, and no others."""
    if encoding == "utf-8":
        return content
    try:
        return content.decode(encoding).removeprefix("\ufeff").encode()
    except (LookupError, ValueError):
        raise InputEncodingUnknown(name, ENCODINGS.get(encoding, "another encoding")) from None
