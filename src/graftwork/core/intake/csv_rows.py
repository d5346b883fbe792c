"""CSV with a header (RFC 4180), separated by comma, semicolon or tab.

The csv module reads the cells of one record; where a record ends is decided here, on bytes, because resuming needs the
byte offset behind it and a record over the limit must be passed over without being held.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Literal

from graftwork.core.errors import InputEmpty, InputHeaderInvalid
from graftwork.core.intake.header import check_columns
from graftwork.core.intake.records import Record, read_records, text_start
from graftwork.core.intake.row import Resume, Row, RowMalformed, decode, too_long

DELIMITERS = (b",", b";", b"\t")

_QUOTED = re.compile(rb'"(?:[^"]|"")*(?:"|$)')
_QUOTE = ord('"')


Header = Callable[[str, Sequence[str]], Sequence[str]]


def read(
    file: BinaryIO, path: str, after: Resume, limit_bytes: int, *, header: Header = check_columns
) -> Iterator[Row]:
    """The rows of a CSV file; `header` turns the cells of its first row into the names of the columns.

    Raises `InputHeaderInvalid`; a row with too few or too many cells is malformed.
    """
    # The csv module knows only one limit for the whole process, at 131,072 characters; ours is the one that counts.
    csv.field_size_limit(max(csv.field_size_limit(), limit_bytes))
    start = Resume(text_start(file, path))
    delimiter = _sniff(file, start)
    names, body = _read_header(file, path, start, delimiter, limit_bytes)
    columns = header(path, names)
    quotes = QuoteState(delimiter)
    for record in read_records(file, max(body, after, key=_offset_bytes), limit_bytes, quotes.ends_record):
        if not _is_blank(record):
            yield _row(record, columns, delimiter, quotes, limit_bytes)


class QuoteState:
    """Follows quotes over the pieces of a file as the csv module does: a quote opens only at the start of a cell."""

    def __init__(self, delimiter: bytes) -> None:
        self._cell_end = re.compile(b"[\n" + re.escape(delimiter) + b"]")
        self._state: Literal["start", "plain", "quoted", "closing"] = "start"

    @property
    def is_open(self) -> bool:
        return self._state == "quoted"

    def ends_record(self, piece: bytes) -> bool:
        if self._state != "quoted" and b'"' not in piece:
            self._state = "start" if self._cell_end.fullmatch(piece[-1:]) else "plain"
        else:
            self._follow(piece)
        return self._state != "quoted" and piece.endswith(b"\n")

    def _follow(self, piece: bytes) -> None:
        position = 0
        while position < len(piece):
            position = self._step(piece, position)

    def _step(self, piece: bytes, position: int) -> int:
        match self._state:
            case "quoted":
                found = piece.find(b'"', position)
                self._state = "quoted" if found < 0 else "closing"
                return len(piece) if found < 0 else found + 1
            case "plain":
                cell_end = self._cell_end.search(piece, position)
                self._state = "start" if cell_end else "plain"
                return cell_end.end() if cell_end else len(piece)
            case _:  # a quote here opens the cell, or is the second of a doubled one
                is_quote = piece[position] == _QUOTE
                self._state = "quoted" if is_quote else "plain"
                return position + is_quote


def delimiter_of(file: BinaryIO, path: str) -> str:
    """What separates the cells. Raises `InputEncodingUnknown`."""
    return _sniff(file, Resume(text_start(file, path))).decode()


def _offset_bytes(resume: Resume) -> int:
    return resume.offset_bytes


def _sniff(file: BinaryIO, start: Resume) -> bytes:
    """The delimiter that stands most often in the header, outside quotes; a comma where none does."""
    file.seek(start.offset_bytes)
    first_line = b"\n"
    while first_line and not first_line.strip():
        first_line = file.readline(64 * 1024)
    bare = _QUOTED.sub(b"", first_line)
    return max(DELIMITERS, key=bare.count)


def _read_header(
    file: BinaryIO, path: str, start: Resume, delimiter: bytes, limit_bytes: int
) -> tuple[Sequence[str], Resume]:
    quotes = QuoteState(delimiter)
    for record in read_records(file, start, limit_bytes, quotes.ends_record):
        if _is_blank(record):
            continue
        try:
            columns = [name.strip() for name in _cells(record, delimiter, quotes, limit_bytes)]
        except RowMalformed as error:
            raise InputHeaderInvalid(path, f"cannot be read: {error}") from None
        return columns, record.resume
    raise InputEmpty(path)


def _is_blank(record: Record) -> bool:
    return record.content is not None and not record.content.strip(b" \r\n")


def _row(record: Record, columns: Sequence[str], delimiter: bytes, quotes: QuoteState, limit_bytes: int) -> Row:
    origin = f"line {record.line}"
    try:
        cells = _cells(record, delimiter, quotes, limit_bytes)
        if len(cells) != len(columns):
            raise RowMalformed(f"the number of cells is {len(cells)}, but the header names {len(columns)}")
    except RowMalformed as error:
        return Row(record.line, None, str(error), origin, record.resume)
    # A column without a name is the row index that spreadsheets and data frames write.
    data = {name: cell for name, cell in zip(columns, cells, strict=True) if name}
    return Row(record.line, data, None, origin, record.resume)


def _cells(record: Record, delimiter: bytes, quotes: QuoteState, limit_bytes: int) -> list[str]:
    never_closed = " and the quote that opens in it is never closed" if not record.complete and quotes.is_open else ""
    if record.content is None:
        raise RowMalformed(too_long(limit_bytes) + never_closed)
    if never_closed:
        lines = record.content.count(b"\n") + 1
        raise RowMalformed(f"the row takes the last {lines:,} lines of the file{never_closed}")
    text = decode(record.content)
    try:
        return next(csv.reader([text], delimiter=delimiter.decode()))
    except csv.Error:
        raise RowMalformed("not CSV: a carriage return stands outside quotes") from None
