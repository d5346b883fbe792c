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
# What may stand between the quotes of a cell: anything, and quotes in pairs.
_INSIDE = b'[^"]*(?:""[^"]*)*'
_QUOTED_TEXT = re.compile(_INSIDE)
# A tab may be a delimiter, so that a line of tabs is a row of empty cells.
_BLANK = re.compile(rb"(?:[ \r]*\n)+")
_SNIFFED_BYTES = 64 * 1024

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
    for record in read_records(file, max(body, after, key=_offset_bytes), limit_bytes, quotes.record_end, _BLANK):
        if not _is_blank(record):
            yield _row(record, columns, delimiter, quotes, limit_bytes)


class QuoteState:
    """Follows quotes over the pieces of a file as the csv module does: a quote opens only at the start of a cell."""

    def __init__(self, delimiter: bytes) -> None:
        end = re.escape(delimiter)
        self._cell_end = re.compile(b"[\n" + end + b"]")
        # Whole cells, each with its delimiter, in one go; the last one of a record is followed step by step.
        quoted = b'"' + _INSIDE + b'"(?!")[^\n' + end + b"]*"
        self._cells = re.compile(b"(?:(?:" + quoted + b'|[^"\n' + end + b"][^\n" + end + b"]*)?" + end + b")*")
        self._state: Literal["start", "plain", "quoted", "closing"] = "start"

    @property
    def is_open(self) -> bool:
        return self._state == "quoted"

    def record_end(self, piece: bytes, position: int) -> int:
        """The place behind the newline that ends the record, or 0 where it goes on behind `piece`."""
        while position < len(piece):
            if self._state == "start":
                newline = piece.find(b"\n", position)
                if newline >= 0 and piece.find(b'"', position, newline) < 0:
                    return newline + 1
            position, ended = self._step(piece, position)
            if ended:
                return position
        return 0

    def _step(self, piece: bytes, position: int) -> tuple[int, bool]:
        """The place up to which quotes are followed now, and whether the record ends there."""
        match self._state:
            case "quoted":
                position = _end_of(_QUOTED_TEXT, piece, position)
                if position < len(piece):
                    self._state = "closing"
                    position += 1
            case "plain":
                cell_end = self._cell_end.search(piece, position)
                if cell_end is None:
                    return len(piece), False
                self._state = "start"
                return cell_end.end(), cell_end[0] == b"\n"
            case "closing":  # a quote here is the second of a doubled one
                is_quote = piece[position] == _QUOTE
                self._state = "quoted" if is_quote else "plain"
                position += is_quote
            case "start":
                position = _end_of(self._cells, piece, position)
                if position < len(piece):
                    is_quote = piece[position] == _QUOTE
                    self._state = "quoted" if is_quote else "plain"
                    position += is_quote
        return position, False


def _end_of(pattern: re.Pattern[bytes], piece: bytes, position: int) -> int:
    found = pattern.match(piece, position)
    return found.end() if found else position


def delimiter_of(file: BinaryIO, path: str) -> str:
    """What separates the cells. Raises `InputEncodingUnknown`."""
    return _sniff(file, Resume(text_start(file, path))).decode()


def _offset_bytes(resume: Resume) -> int:
    return resume.offset_bytes


def _sniff(file: BinaryIO, start: Resume) -> bytes:
    """The delimiter that stands most often in the header, outside quotes; a comma where none does."""
    first, offset_bytes = b"", start.offset_bytes
    file.seek(offset_bytes)
    while not first and (piece := file.read(_SNIFFED_BYTES)):
        first = piece.lstrip(b" \r\n")
        offset_bytes += len(piece) - len(first)
    file.seek(offset_bytes)
    bare = _QUOTED.sub(b"", file.readline(_SNIFFED_BYTES))
    return max(DELIMITERS, key=bare.count)


def _read_header(
    file: BinaryIO, path: str, start: Resume, delimiter: bytes, limit_bytes: int
) -> tuple[Sequence[str], Resume]:
    quotes = QuoteState(delimiter)
    for record in read_records(file, start, limit_bytes, quotes.record_end, _BLANK):
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
