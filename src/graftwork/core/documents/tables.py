"""Rows of a table as text that can be found and cited by itself: `Header: value; Header: value`."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import normalised, one_line
from graftwork.core.documents.decoding import decode

_DELIMITERS = ",;\t|"
_SNIFFED_LINES = 20
# Titles and remarks may stand above the header; what looks like one further down is a row.
_HEADER_AMONG_ROWS = 10
_LONGEST_HEADER = 80
_LONGEST_CELL = 5_000_000


def fill_csv(builder: Builder, content: bytes, delimiter: str = "") -> None:
    """`delimiter` is guessed from the first lines where it is empty. Quotes that never end take in the rest."""
    text = normalised(decode(content))
    csv.field_size_limit(_LONGEST_CELL)
    lines = text.split("\n")
    separator = delimiter or _delimiter(lines[:_SNIFFED_LINES])
    rows = csv.reader((line + "\n" for line in lines), delimiter=separator)
    add_rows(builder, ([one_line(cell) for cell in row] for row in rows))


def add_rows(builder: Builder, rows: Iterable[Sequence[str]]) -> None:
    """Each row that holds something, as a block. Cells are single lines; an empty one is left out."""
    remaining = iter(rows)
    first = list(islice((row for row in remaining if any(row)), _HEADER_AMONG_ROWS))
    place = _header_place(first)
    header: Sequence[str] = first[place] if place is not None else ()
    for number, row in enumerate(_chained(first, remaining)):
        before_header = place is None or number <= place
        builder.block("table_row", _joined(row) if before_header else _named(header, row))


def _chained(first: list[Sequence[str]], rest: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield from first
    yield from rest


def _delimiter(lines: Sequence[str]) -> str:
    """The one that cuts the most lines into the same number of pieces."""

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines if line.strip()]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual), usual) if usual else (0, max(counts, default=0))

    return max(_DELIMITERS, key=score)


def _header_place(rows: Sequence[Sequence[str]]) -> int | None:
    """The first row that names every column of the rows below it, and holds no number."""
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    for place, row in enumerate(rows[:-1]):
        filled = [cell for cell in row if cell]
        if len(filled) >= max(2, widest - 1) and len(set(filled)) == len(filled):
            return place if all(_is_name(cell) for cell in filled) else None
    return None


def _is_name(cell: str) -> bool:
    return len(cell) <= _LONGEST_HEADER and not cell.lstrip("+-").replace(".", "").replace(",", "").isdigit()


def _joined(row: Sequence[str]) -> str:
    return " | ".join(cell for cell in row if cell)


def _named(header: Sequence[str], row: Sequence[str]) -> str:
    names = [*header, *[""] * (len(row) - len(header))]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell)
