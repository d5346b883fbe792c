"""PDF, page by page: the text layer, or text recognition where a page is only a picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from graftwork.core.document import DocumentNotice
from graftwork.core.documents import plain
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import normalised
from graftwork.core.documents.errors import DocumentBroken, DocumentEncrypted, DocumentTooLarge
from graftwork.core.documents.ocr import Recogniser
from graftwork.core.documents.pdf_layout import Layout, PageLines, Piece, outline_key
from graftwork.core.documents.pdf_lines import read_lines

_LOCKED_ERRORS = (4, 5)  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_MOST_BOOKMARKS = 5_000
_MOST_NAMED_PAGES = 12


def fill(builder: Builder, content: bytes) -> None:
    """Raises `DocumentEncrypted`, `DocumentBroken` or `DocumentTooLarge`."""
    with _opened(builder.name, content) as document:
        if len(document) > builder.options.most_pages:
            raise DocumentTooLarge(builder.name, f"it has more than {builder.options.most_pages:,} pages")
        builder.title = _metadata_title(document)
        pages, scanned = _read_pages(builder, document)
        layout = Layout(pages, _outline(document))
        for number, page in enumerate(pages):
            _add_page(builder, _label(document, number), layout.pieces(number, page), scanned.get(number, ""))


@contextmanager
def _opened(name: str, content: bytes) -> Iterator[Any]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED_ERRORS:
            raise DocumentEncrypted(name) from None
        raise DocumentBroken(name, "not a PDF that can be read") from None
    try:
        document.init_forms()
        yield document
    except pdfium.PdfiumError:
        raise DocumentBroken(name, "a page of the PDF cannot be read") from None
    finally:
        document.close()


def _read_pages(builder: Builder, document: Any) -> tuple[list[PageLines], dict[int, str]]:
    """The lines of each page, and the recognised text of those that are pictures, by number from 0."""
    recogniser = Recogniser(builder.options)
    pages: list[PageLines] = []
    scanned: dict[int, str] = {}
    unread: list[int] = []
    characters = 0
    for number in range(len(document)):
        with _opened_page(document, number) as page:
            lines = read_lines(page)
            characters += sum(len(line.text) for line in lines)
            builder.budget.check(builder.name, characters)
            pages.append(PageLines(lines, page.get_height()))
            if lines or not _shows_something(page):
                continue
            text = recogniser.read(page)
        if text is None:
            unread.append(number + 1)
        else:
            scanned[number] = normalised(text)
    if scanned:
        numbers = [number + 1 for number in scanned]
        text = f"{_named(numbers)} of the document were read by text recognition, which makes mistakes."
        builder.notice(DocumentNotice("ocr", text))
    if unread:
        text = f"{_named(unread)} of the document are pictures without text. {recogniser.lacks}"
        builder.notice(DocumentNotice("scanned", text))
    return pages, scanned


@contextmanager
def _opened_page(document: Any, number: int) -> Iterator[Any]:
    """The page, with what its form fields and annotations show as part of it."""
    page = document[number]
    if (
        raw.FPDFPage_GetAnnotCount(page) > 0
        and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    ):
        page.close()
        page = document[number]  # what was drawn is seen by a new handle only
    try:
        yield page
    finally:
        page.close()


def _shows_something(page: Any) -> bool:
    return bool(raw.FPDFPage_CountObjects(page) > 0)


def _add_page(builder: Builder, label: str, pieces: list[Piece], scanned: str) -> None:
    builder.page(label)
    for place, piece in enumerate(pieces):
        if piece.kind == "heading":
            builder.heading(piece.text, piece.level)
        elif place == 0 and piece.continues and builder.last_paragraph_is_open:
            builder.goes_on(piece.text)
        else:
            builder.block(piece.kind, piece.text)
    for kind, start, end in plain.paragraphs(scanned):
        builder.block(kind, scanned[start:end])


def _label(document: Any, number: int) -> str:
    label: str = document.get_page_label(number) or ""
    return "" if label == str(number + 1) else label


def _metadata_title(document: Any) -> str:
    title: str = document.get_metadata_value("Title") or ""
    return "" if title.strip().lower() in ("untitled", "(anonymous)", "anonymous") else title


def _outline(document: Any) -> dict[tuple[int, str], int]:
    """The level of each heading that has a bookmark, by the number of its page and its words."""
    levels: dict[tuple[int, str], int] = {}
    for bookmark in islice(document.get_toc(max_depth=6), _MOST_BOOKMARKS):
        target = bookmark.get_dest()
        place = target.get_index() if target is not None else None
        if place is not None:
            levels[place, outline_key(bookmark.get_title())] = bookmark.level + 1
    return levels


def _named(numbers: list[int]) -> str:
    if len(numbers) > _MOST_NAMED_PAGES:
        return f"{len(numbers):,} pages (from {numbers[0]} to {numbers[-1]})"
    return f"Page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
