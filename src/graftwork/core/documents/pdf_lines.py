"""The lines of a PDF page with their places, from PDFium's text layer (pypdfium2, Apache-2.0 and BSD)."""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

# A gap this wide, in sizes of the letters, parts two cells; between words it is about a quarter.
_CELL_GAP = 1.0
_WORD = re.compile(r"[^ \t\xa0]+")
_LINE = re.compile(r"[^\r\n]+")
_BOLD_WEIGHT = 600
# Where PDFium knows that a hyphen only marks the end of the line, it writes one of these instead.
_HYPHENS = ("\x02", "\ufffe")
_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand close together. `left` and `right` are points from the left edge of the page."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """`y` is its baseline, in points from the lower edge; `size` that of its letters, in points."""

    cells: tuple[Cell, ...]
    y: float
    size: float
    is_bold: bool
    is_hyphenated: bool
    first_word_width: float

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right


def read_lines(page: pdfium.PdfPage) -> list[Line]:
    """The lines in the order of the page's content, which is the reading order of what programs write."""
    text_page = page.get_textpage()
    try:
        text = _characters(text_page)
        return [line for match in _LINE.finditer(text) for line in _line(text_page, match[0], match.start())]
    finally:
        text_page.close()


def _characters(text_page: Any) -> str:
    """One character for each of PDFium's, so that an offset is also a place."""
    count = text_page.count_chars()
    text: str = text_page.get_text_range() if count else ""
    if len(text) == count:
        return text
    codes = [raw.FPDFText_GetUnicode(text_page, index) for index in range(count)]
    return "".join(chr(code) if 0 < code < 0x110000 else " " for code in codes)


def _line(text_page: Any, text: str, start: int) -> Iterator[Line]:
    is_hyphenated = text.rstrip().endswith(_HYPHENS)
    text = text.translate({0x02: " ", 0xFFFE: " "})
    words = [
        (match[0], *_span(text_page, start + match.start(), start + match.end() - 1)) for match in _WORD.finditer(text)
    ]
    if not words:
        return
    first = start + len(text) - len(text.lstrip(" \t\xa0"))
    last = start + len(text.rstrip(" \t\xa0")) - 1
    # A bullet, or a word set as code, is often smaller than the line that it begins.
    size = max(_size(text_page, first), _size(text_page, last))
    is_bold = _is_bold(text_page, first) and _is_bold(text_page, last)
    cells = tuple(_cells(words, _CELL_GAP * size))
    yield Line(cells, _baseline(text_page, first), size, is_bold, is_hyphenated, words[0][2] - words[0][1])


def _cells(words: list[tuple[str, float, float]], gap: float) -> Iterator[Cell]:
    held: list[str] = []
    left = right = words[0][1]
    for word, word_left, word_right in words:
        if held and word_left - right > gap:
            yield Cell(" ".join(held), left, right)
            held = []
        left = left if held else word_left
        held.append(word)
        right = word_right
    yield Cell(" ".join(held), left, right)


def _span(text_page: Any, first: int, last: int) -> tuple[float, float]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text_page, first, left, right, bottom, top)
    begin = left.value
    if last != first:
        raw.FPDFText_GetCharBox(text_page, last, left, right, bottom, top)
    return begin, right.value


def _baseline(text_page: Any, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, index, x, y)
    return y.value


def _size(text_page: Any, index: int) -> float:
    """In points of the page: many programs set letters of size 1 and scale them by the matrix."""
    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(text_page, index))
    if raw.FPDFText_GetMatrix(text_page, index, matrix):
        size *= (matrix.b**2 + matrix.d**2) ** 0.5 or 1.0
    return round(size * 2) / 2 or 1.0


def _is_bold(text_page: Any, index: int) -> bool:
    if raw.FPDFText_GetFontWeight(text_page, index) >= _BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(_NAME_BYTES)
    raw.FPDFText_GetFontInfo(text_page, index, name, _NAME_BYTES, None)
    return b"bold" in name.value.lower()
