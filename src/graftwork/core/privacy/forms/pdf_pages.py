"""A page of a PDF: its characters with their boxes, what of it is a picture, and its image with boxes painted over.

Read with PDFium (pypdfium2, Apache-2.0 and BSD), which runs no script and opens no link.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

DOTS_PER_INCH = 150
MOST_PIXELS = 30_000_000
_POINTS_PER_INCH = 72
# Glyphs reach beyond the box that their font declares; a shadow of a letter can be read.
_MARGIN_PIXELS = 2
_BLACK = (0, 0, 0, 255)
_GREY = (200, 200, 200, 255)
_IMAGE, _SHADING, _FORM = 3, 4, 5  # FPDF_PAGEOBJ_*
_DEEPEST_FORM = 8


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the page's image, from its top left corner; right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def around(self, other: "Box") -> "Box":
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    @property
    def is_empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top


@dataclass(frozen=True, slots=True, repr=False)
class PageText:
    """`text[i]` stands at `boxes[i]`; white space that no glyph draws has none."""

    text: str
    boxes: Sequence[Box | None]
    pictures: Sequence[Box]
    has_drawing: bool

    @property
    def is_scan(self) -> bool:
        """Something is to be seen on it, but nothing to be read."""
        return not self.text.strip() and self.has_drawing


@dataclass(frozen=True, slots=True, repr=False)
class Image:
    width: int
    height: int
    rgb: bytes
    points_wide: float
    points_high: float


@contextmanager
def opened_page(document: pdfium.PdfDocument, number: int) -> Iterator[pdfium.PdfPage]:
    """The page with what its annotations and form fields show as part of it, so that it is read and covered too."""
    page = document[number]
    try:
        flat = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
    finally:
        page.close()
    if flat == raw.FLATTEN_FAIL:
        raise pdfium.PdfiumError("annotations cannot be drawn into the page")
    page = document[number]  # what was drawn is seen by a new handle only
    try:
        yield page
    finally:
        page.close()


def read_page(page: pdfium.PdfPage) -> PageText:
    converter = _Converter(page)
    text_page = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(text_page)
        codes = [raw.FPDFText_GetUnicode(text_page, index) for index in range(count)]
        boxes = [_char_box(text_page, index, converter) for index in range(count)]
    finally:
        text_page.close()
    characters, kept = _characters(codes, boxes)
    drawn = list(_objects(page))
    pictures = [_placed(item, matrix, converter) for item, matrix in drawn if item.type in (_IMAGE, _SHADING)]
    return PageText(characters, kept, pictures, bool(drawn))


def paint(page: pdfium.PdfPage, boxes: Iterable[Box], pictures: Iterable[Box]) -> Image:
    """The page as an image, with `boxes` in black and `pictures` in grey. What lies below them is gone."""
    bitmap = page.render(
        scale=_scale(page),
        may_draw_forms=False,
        draw_annots=False,
        rev_byteorder=True,
        force_bitmap_format=raw.FPDFBitmap_BGR,
    )
    try:
        for colour, group, margin in ((_GREY, pictures, 0), (_BLACK, boxes, _MARGIN_PIXELS)):
            for box in group:
                _fill(bitmap, box, colour, margin)
        width_points, height_points = page.get_size()
        return Image(bitmap.width, bitmap.height, _packed(bitmap), width_points, height_points)
    finally:
        bitmap.close()


def _fill(bitmap: pdfium.PdfBitmap, box: Box, colour: tuple[int, int, int, int], margin: int) -> None:
    left, top = max(box.left - margin, 0), max(box.top - margin, 0)
    right, bottom = min(box.right + margin, bitmap.width), min(box.bottom + margin, bitmap.height)
    if right > left and bottom > top:
        bitmap.fill_rect(colour, left, top, right - left, bottom - top)


def _packed(bitmap: pdfium.PdfBitmap) -> bytes:
    """The rows without the bytes that fill them up to a multiple of four."""
    row_bytes = bitmap.width * 3
    view = memoryview(bitmap.buffer).cast("B")
    return b"".join(view[start : start + row_bytes] for start in range(0, bitmap.stride * bitmap.height, bitmap.stride))


def _scale(page: pdfium.PdfPage) -> float:
    """Pixels per point. Fewer for a page so large that its image would not fit into memory."""
    width, height = page.get_size()
    wanted = DOTS_PER_INCH / _POINTS_PER_INCH
    most = (MOST_PIXELS / max(width * height, 1.0)) ** 0.5
    return float(min(wanted, most))


class _Converter:
    """From points of the page, which may be turned or cut, to pixels of its image."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        width, height = page.get_size()
        scale = _scale(page)
        size = (max(1, -int(-width * scale // 1)), max(1, -int(-height * scale // 1)))
        self._page, self._place = page, (0, 0, *size, 0)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (x1, y1), (x2, y2) = self._point(left, bottom), self._point(right, top)
        return Box(min(x1, x2), min(y1, y2), max(x1, x2) + 1, max(y1, y2) + 1)

    def _point(self, x: float, y: float) -> tuple[int, int]:
        across, down = pdfium.PdfPosConv(self._page, self._place).to_bitmap(x, y)
        return int(across), int(down)


def _objects(
    page: pdfium.PdfPage, form: Any = None, matrix: pdfium.PdfMatrix | None = None, depth: int = 0
) -> Iterator[tuple[pdfium.PdfObject, pdfium.PdfMatrix]]:
    """Everything that is drawn, with the matrix of the form it stands in, of which its bounds know nothing."""
    matrix = matrix or pdfium.PdfMatrix()
    for item in page.get_objects(max_depth=1, form=form):
        yield item, matrix
        if item.type == _FORM and depth < _DEEPEST_FORM:
            yield from _objects(page, item, item.get_matrix().multiply(matrix), depth + 1)


def _placed(item: pdfium.PdfObject, matrix: pdfium.PdfMatrix, converter: _Converter) -> Box:
    return converter.box(*matrix.on_rect(*item.get_bounds()))


def _char_box(text_page: pdfium.PdfTextPage, index: int, converter: _Converter) -> Box | None:
    """The whole height of the line, and the glyph where it reaches beyond."""
    try:
        loose = converter.box(*text_page.get_charbox(index, loose=True))
        tight = converter.box(*text_page.get_charbox(index))
    except pdfium.PdfiumError:
        return None
    return loose.around(tight)


def _characters(codes: Sequence[int], boxes: Sequence[Box | None]) -> tuple[str, list[Box | None]]:
    """One box for each character; PDFium gives a character beyond the first plane as two."""
    characters: list[str] = []
    kept: list[Box | None] = []
    for code, box in zip(codes, boxes, strict=True):
        if characters and 0xDC00 <= code <= 0xDFFF and "\ud800" <= characters[-1] <= "\udbff":
            characters[-1] = chr(0x10000 + ((ord(characters[-1]) - 0xD800) << 10) + code - 0xDC00)
            continue
        # A hyphen at the end of a line, which PDFium marks with characters of its own.
        one = "-" if code in (0x02, 0xFFFE) else chr(code) if code else " "
        characters.append(one)
        kept.append(None if one.isspace() else box)
    return "".join(characters), kept
