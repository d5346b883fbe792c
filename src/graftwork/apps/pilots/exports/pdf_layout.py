"""The looks of a report: A4, one family of letters that is embedded, head and foot on every page.

Loads reportlab, so it is imported where a report is written, and nowhere else.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Table

from graftwork.apps.pilots.exports import words as said
from graftwork.core.value.results import Effect

Story = list[Any]
# Bitstream Vera comes with reportlab, may be embedded, and has the euro sign and the letters of western languages.
REGULAR, BOLD, ITALIC = "Vera", "VeraBd", "VeraIt"
INK, MUTED, LINE, PAPER = (colors.HexColor(code) for code in ("#1b2430", "#5a6675", "#ccd3db", "#f3f5f8"))
ACCENT, BAND, GOOD, BAD, WARN = (
    colors.HexColor(code) for code in ("#1f5fa8", "#cfe0f3", "#1d6b3a", "#a3271f", "#8a5a00")
)
MARGIN = 18 * mm
WIDTH: float = A4[0] - 2 * MARGIN
_TOP, _FOOT = 24 * mm, 20 * mm
_LONGEST_TEXT = 6_000
_ENDLESS = re.compile(r"\S{66}(?=\S)")
# What Vera lacks, in signs that it has.
_INSTEAD = {"\u2192": "to", "\u2190": "from", "\u2003": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u200b": ""}


@cache
def _glyphs() -> frozenset[int]:
    for name in (REGULAR, BOLD, ITALIC):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


def drawable(text: str) -> str:
    """`text` in letters that the font has: others lose their accent, or are shown as a question mark."""
    return "".join(_drawn(sign) for sign in text[:_LONGEST_TEXT])


def _drawn(sign: str) -> str:
    if sign in "\n\t" or ord(sign) in _glyphs():
        return sign
    if sign in _INSTEAD:
        return _INSTEAD[sign]
    plain = "".join(one for one in unicodedata.normalize("NFKD", sign) if ord(one) in _glyphs())
    return plain or "?"


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    _glyphs()
    known = {
        "fontName": REGULAR,
        "bulletFontName": REGULAR,
        "fontSize": size,
        "leading": size * 1.42,
        "textColor": INK,
        "splitLongWords": 1,
    }
    return ParagraphStyle(name, **{**known, **more})


@cache
def styles() -> dict[str, ParagraphStyle]:
    heading = {"fontName": BOLD, "keepWithNext": 1}
    return {
        "title": _style("title", 19, fontName=BOLD, leading=24, spaceAfter=3),
        "under": _style("under", 9, textColor=MUTED, spaceAfter=10),
        "h1": _style("h1", 13, **heading, spaceBefore=13, spaceAfter=5),
        "h2": _style("h2", 10, **heading, spaceBefore=9, spaceAfter=4),
        "text": _style("text", 9, spaceAfter=5),
        "verdict": _style("verdict", 12, fontName=BOLD, leading=17),
        "ruling": _style("ruling", 9.5, fontName=BOLD),
        "cell": _style("cell", 8, leading=10.8),
        "number": _style("number", 8, leading=10.8, alignment=TA_RIGHT),
        "head": _style("head", 8, leading=10.8, fontName=BOLD, textColor=MUTED),
        "numberhead": _style("numberhead", 8, leading=10.8, fontName=BOLD, textColor=MUTED, alignment=TA_RIGHT),
        "note": _style("note", 8, leading=11.4, textColor=MUTED, spaceAfter=4),
        "bullet": _style("bullet", 9, leftIndent=11, bulletIndent=1, spaceAfter=3),
        "mono": _style("mono", 7.5, keepWithNext=1, leading=10.5, textColor=MUTED, spaceAfter=4),
    }


def text(words: str, style: str = "text", **more: Any) -> Paragraph:
    """A paragraph of plain words: nothing in them is markup, and a word without end is broken."""
    broken = _ENDLESS.sub(r"\g<0> ", drawable(words).strip())
    return Paragraph(escape(broken).replace("\n", "<br/>"), styles()[style], **more)


def ruling(words: str, colour: Any) -> Paragraph:
    """A word in the colour of what it says."""
    return Paragraph(escape(drawable(words)), styles()["ruling"].clone("coloured", textColor=colour))


def bullets(lines: Sequence[str]) -> list[Paragraph]:
    return [text(line, "bullet", bulletText="\u2022") for line in lines]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], numbers: str = "") -> Table:
    """Cells wrap, the head comes again on each page. `widths` are shares of the page; `numbers` has an r for each
    column that is set to the right, another letter for the rest.
    """
    right = [index < len(numbers) and numbers[index] == "r" for index in range(len(widths))]
    cells = [[text(cell, "number" if right[at] else "cell") for at, cell in enumerate(row)] for row in rows]
    if head:
        cells.insert(0, [text(cell, "numberhead" if right[at] else "head") for at, cell in enumerate(head)])
    look: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 7),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if head:
        look += [("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED), ("BACKGROUND", (0, 0), (-1, 0), PAPER)]
    made = Table(cells, [share * WIDTH for share in widths], repeatRows=1 if head else 0, splitInRow=1, style=look)
    made.hAlign, made.spaceAfter = "LEFT", 6
    return made


def box(content: Sequence[Any], colour: Any, background: Any) -> Table:
    """Something set apart by a bar at its left."""
    look = [
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("BACKGROUND", (0, 0), (-1, -1), background),
        ("LINEBEFORE", (0, 0), (0, -1), 3, colour),
        ("LEFTPADDING", (0, 0), (-1, -1), 10),
        ("RIGHTPADDING", (0, 0), (-1, -1), 10),
        ("TOPPADDING", (0, 0), (-1, 0), 8),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 8),
    ]
    made = Table([[one] for one in content], [WIDTH], style=look)
    made.hAlign, made.spaceAfter = "LEFT", 8
    return made


def kept(*parts: Any) -> KeepTogether:
    """On one page, where they fit on one."""
    return KeepTogether(list(parts))


def units(found: Effect) -> str:
    """Assisted and control."""
    return f"{said.count(found.units_assisted)} + {said.count(found.units_control)}"


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Knows how many pages there are before it writes the first: they are held until the end."""

    def __init__(self, *args: Any, head: str, foot: str, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []
        self._head, self._foot, self._mark = drawable(head), drawable(foot), mark

    def _make_preamble(self) -> None:
        """Without a first font: reportlab would name Helvetica on each page, which is not in the file."""
        self._preamble = "1 0 0 1 0 0 cm"

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._pages
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._furnish(number, len(pages))
            super().showPage()
        super().save()

    def _furnish(self, number: int, of: int) -> None:
        width, height = A4
        self.setFont(REGULAR, 7.5)
        self.setFillColor(MUTED)
        self.drawString(MARGIN, height - 13 * mm, _fitting(self._head, WIDTH * 0.62))
        self.drawString(MARGIN, 11 * mm, _fitting(self._foot, WIDTH * 0.85))
        self.drawRightString(width - MARGIN, 11 * mm, f"{number} of {of}")
        self.setStrokeColor(LINE)
        self.setLineWidth(0.4)
        self.line(MARGIN, 15 * mm, width - MARGIN, 15 * mm)
        if self._mark:
            self._draw_mark(width - MARGIN, height - 13 * mm)

    def _draw_mark(self, right: float, base: float) -> None:
        self.setFont(BOLD, 8.5)
        wide = pdfmetrics.stringWidth(self._mark, BOLD, 8.5) + 12
        self.setFillColor(WARN)
        self.roundRect(right - wide, base - 4.5, wide, 15, 3, stroke=0, fill=1)
        self.setFillColor(colors.white)
        self.drawString(right - wide + 6, base, self._mark)


def _fitting(line: str, width: float) -> str:
    """As much of `line` as fits, with an ellipsis where something is left out."""
    if pdfmetrics.stringWidth(line, REGULAR, 7.5) <= width:
        return line
    while line and pdfmetrics.stringWidth(f"{line}…", REGULAR, 7.5) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def build(story: list[Any], *, title: str, author: str, subject: str, foot: str, mark: str) -> bytes:
    """The document. `mark` stands at the head of every page; empty where there is nothing to mark."""
    _glyphs()
    stream = BytesIO()
    document = BaseDocTemplate(
        stream, pagesize=A4, title=title, author=author, subject=subject, creator="Graftwork", lang="en-GB",
        initialFontName=REGULAR,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=_TOP, bottomMargin=_FOOT,
    )  # fmt: skip
    frame = Frame(MARGIN, _FOOT, WIDTH, A4[1] - _TOP - _FOOT, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate("page", [frame])])

    def canvas(*args: Any, **kwargs: Any) -> _NumberedCanvas:
        return _NumberedCanvas(*args, head=title, foot=foot, mark=mark, **kwargs)

    document.build(story, canvasmaker=canvas)
    return stream.getvalue()
