"""Tables in a text: a line of labels parted by bars, tabs, semicolons or commas, and the lines below it."""

import re
from collections.abc import Iterator

from graftwork.core.privacy.languages.form_labels import find_label, words_of

_SEPARATORS = ("|", "\t", ";", ",")
_MIN_LABELS = 2
_MAX_HEAD_CHARS = 400
_MAX_HEAD_CELL_CHARS = 40
_MANY = 3
_PARTED = re.compile(r"[|\t;,]")
_RULER = re.compile(r"[\s|:+=-]+")
_CELL = {sign: re.compile(rf'\s*"[^"\n]*"\s*(?={re.escape(sign)}|$)|[^{re.escape(sign)}\n]*') for sign in _SEPARATORS}

Span = tuple[int, int]


def cells_of_tables(text: str) -> Iterator[tuple[str, int, int]]:
    """What the head of its column announces, start and end, for each cell of a column whose head is a label."""
    head: tuple[str, list[str | None]] | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        end = start + len(line.rstrip("\r\n"))
        if head is not None:
            cells = _cells(text, start, end, head[0])
            if len(cells) == len(head[1]):
                yield from _announced(text, cells, head[1])
                continue
            if _RULER.fullmatch(line) and line.strip():
                continue
        head = _head(text, start, end)


def _announced(text: str, cells: list[Span], columns: list[str | None]) -> Iterator[tuple[str, int, int]]:
    for (start, end), announces in zip(cells, columns, strict=True):
        value = text[start:end].strip(" \"'*")
        if announces and value:
            first = text.index(value, start)
            yield announces, first, first + len(value)


def _head(text: str, start: int, end: int) -> tuple[str, list[str | None]] | None:
    """The separator and what each column announces, if most cells of this line are labels and nothing else."""
    if not 0 < end - start <= _MAX_HEAD_CHARS or not _PARTED.search(
        text, start, min(end, start + _MAX_HEAD_CELL_CHARS)
    ):
        return None
    for sign in _SEPARATORS:
        if not _may_part(text, start, end, sign):
            continue
        columns = [_label(text, *cell) for cell in _cells(text, start, end, sign)]
        known = sum(column is not None for column in columns)
        enough = _MANY if sign == "," else _MIN_LABELS
        if known >= enough and known * 2 >= sum(last > first for first, last in _cells(text, start, end, sign)):
            return sign, columns
    return None


def _may_part(text: str, start: int, end: int, sign: str) -> bool:
    """The first cells of a head are short; in prose a comma rarely comes twice so soon, on a line without a stop."""
    first = text.find(sign, start, min(end, start + _MAX_HEAD_CELL_CHARS))
    if first < 0 or sign != ",":
        return first >= 0
    return text[end - 1] != "." and text.find(sign, first + 1, first + _MAX_HEAD_CELL_CHARS) >= 0


def _label(text: str, start: int, end: int) -> str | None:
    if end - start > _MAX_HEAD_CELL_CHARS or any(map(str.isdigit, text[start:end])):
        return None
    label = find_label(words_of(text, start, end))
    return label.announces if label is not None and label.whole else None


def _cells(text: str, start: int, end: int, sign: str) -> list[Span]:
    cells: list[Span] = []
    form = _CELL[sign]
    while start <= end:
        match = form.match(text, start, end)
        last = match.end() if match else end
        cells.append((start, last))
        start = last + 1
    return cells
