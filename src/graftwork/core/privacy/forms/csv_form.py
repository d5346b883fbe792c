"""CSV and TSV by column; quoting, line ends and separators of the file are kept (RFC 4180 and what people write)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from graftwork.core.errors import FormTooLarge
from graftwork.core.privacy.forms.columns import kind_of_column
from graftwork.core.privacy.forms.pieces import Piece, Swapped
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, Swap, apply
from graftwork.core.privacy.forms.rules import Rules

DELIMITERS = (",", ";", "\t", "|")
READ_CHARACTERS = 1 << 16
WINDOW_CHARACTERS = 32_000
LONGEST_CELL_CHARACTERS = 16_000_000

# A spreadsheet works these out when it opens the file, and some fetch an address.
_FORMULA = re.compile(r"\s*(?:=|[-+@][^\n]*\()")
_QUOTED = re.compile(r'"(?:[^"]|"")*(?:"|\Z)')


@dataclass(frozen=True, slots=True, repr=False)
class Cell:
    """One cell as written, and what stands behind it: a separator, a line end, or nothing at the end of the file."""

    raw: str
    behind: str

    @property
    def is_quoted(self) -> bool:
        return len(self.raw) > 1 and self.raw[0] == '"' and self.raw[-1] == '"'

    @property
    def ends_row(self) -> bool:
        return self.behind in ("", "\n", "\r", "\r\n")

    @property
    def value(self) -> str:
        return self.raw[1:-1].replace('""', '"') if self.is_quoted else self.raw


Row = list[Cell]


def pieces(text: TextIO, rewriter: Rewriter, rules: Rules, path: str) -> Iterator[Piece]:
    """The file with its swaps. Rows may be ragged: a cell beyond the header has no column and is detected."""
    start = text.read(READ_CHARACTERS)
    delimiter = sniff(start)
    reading = rows(start, text, delimiter, path)
    first = next(reading, None)
    if first is None:
        return
    names = [cell.value.strip() for cell in first]
    if not _looks_like_a_header(names):
        names = []
    yield from _first_row(first, names, rewriter, delimiter)
    window: list[Row] = []
    size = 0
    for row in reading:
        window.append(row)
        size += sum(len(cell.raw) for cell in row)
        if size >= WINDOW_CHARACTERS:
            yield from _written(window, names, rewriter, rules, delimiter)
            window, size = [], 0
    yield from _written(window, names, rewriter, rules, delimiter)


def sniff(start: str) -> str:
    """The separator that stands most often in the first line that has one, outside quotes; a comma where none does."""
    bare = _QUOTED.sub("", start)
    for line in bare.splitlines()[:20]:
        best = max(DELIMITERS, key=line.count)
        if best in line:
            return best
    return ","


def rows(start: str, text: TextIO, delimiter: str, path: str) -> Iterator[Row]:
    row: Row = []
    for cell in _cells(start, text, delimiter, path):
        row.append(cell)
        if cell.ends_row:
            yield row
            row = []
    if row:
        yield row


def _cells(buffer: str, text: TextIO, delimiter: str, path: str) -> Iterator[Cell]:
    edge = f"[{re.escape(delimiter)}\r\n]"
    # A quote opens only at the start of a cell; behind the closing one, what stands before the separator belongs to it.
    cell = re.compile(
        rf'((?:"(?:[^"]|"")*")?[^{re.escape(delimiter)}\r\n"][^{re.escape(delimiter)}\r\n]*'
        rf'|"(?:[^"]|"")*"[^{re.escape(delimiter)}\r\n]*|)(\r\n|{edge}|\Z)'
    )
    at, final = 0, False
    while True:
        match = cell.match(buffer, at)
        if match is None or (match.end() >= len(buffer) - 1 and not final):
            if final:
                # A quote that nobody closes: what is left of the file is one cell.
                yield Cell(buffer[at:], "")
                return
            if len(buffer) - at > LONGEST_CELL_CHARACTERS:
                raise FormTooLarge(path, f"a cell longer than {LONGEST_CELL_CHARACTERS:,} characters")
            more = text.read(max(READ_CHARACTERS, len(buffer) - at))
            final = not more
            buffer, at = buffer[at:] + more, 0
            continue
        if match.end() == at:
            return
        yield Cell(match[1], match[2])
        at = match.end()
        if not match[2]:
            return


_DATA = re.compile(r"@|^[-+(]?\d[\d ./:()+-]*$|://")
# Two words that both begin with a capital may be a title of a column, or a person in a file without a header.
_TWO_CAPITALS = re.compile(r"[^\W\d_a-z]\w+ [^\W\d_a-z]\w+")


def _looks_like_a_header(names: Sequence[str]) -> bool:
    """A first row is a header unless a cell of it is one that no column is called by: a number, an address, a date."""
    return any(names) and not any(_DATA.search(name) for name in names)


def _first_row(row: Row, names: Sequence[str], rewriter: Rewriter, delimiter: str) -> Iterator[Piece]:
    """A header stays, but for what may be a person: the file may have none."""
    doubtful = [not names or (_TWO_CAPITALS.search(c.value) and not kind_of_column(c.value)) for c in row]
    fields = [
        Field(cell.value, "", "detect" if doubt else "keep", "image" if _FORMULA.match(cell.value) else "prose")
        for cell, doubt in zip(row, doubtful, strict=True)
    ]
    for cell, swaps in zip(row, rewriter.swaps(fields), strict=True):
        yield from _cell(cell, swaps, delimiter)
        yield cell.behind


def _written(
    window: list[Row], names: Sequence[str], rewriter: Rewriter, rules: Rules, delimiter: str
) -> Iterator[Piece]:
    fields: list[Field] = []
    for row in window:
        for column, cell in enumerate(row):
            name = names[column] if column < len(names) else ""
            rule = rules.of((name,)) if name else "detect"
            fields.append(Field(cell.value, name, rule, "image" if _FORMULA.match(cell.value) else "prose"))
    found = iter(rewriter.swaps(fields))
    for row in window:
        for cell in row:
            yield from _cell(cell, next(found), delimiter)
            yield cell.behind


def _cell(cell: Cell, swaps: Sequence[Swap], delimiter: str) -> Iterator[Piece]:
    if not swaps:
        yield cell.raw
        return
    new = apply(cell.value, swaps)
    if cell.is_quoted or any(mark in new for mark in ('"', "\n", "\r", delimiter)):
        new = '"' + new.replace('"', '""') + '"'
    yield Swapped(cell.raw, new)
