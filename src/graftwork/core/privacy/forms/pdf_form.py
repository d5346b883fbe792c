"""PDF to a redacted copy: each page as an image with its values painted over, and a text layer with placeholders.

Nothing of the original file is carried over but pixels, so what was text, metadata, attachment or history is gone by
construction (docs/decisions/0013-redacting-pdf.md). A picture cannot be read, so it is covered; a page on which
there is nothing but a picture is left empty.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import pypdfium2 as pdfium

from graftwork.core.errors import FormBroken, FormLocked, FormTooLarge, FormUnreadableText
from graftwork.core.privacy.forms.notices import Notices
from graftwork.core.privacy.forms.pdf_pages import Box, PageText, opened_page, paint, read_page
from graftwork.core.privacy.forms.pdf_writer import PdfWriter, Words
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, Swap

MOST_PAGES = 5_000
WINDOW_CHARACTERS = 32_000
WINDOW_PAGES = 16
_PASSWORD_ERROR = 4


def rewrite(source: BinaryIO, target: BinaryIO, rewriter: Rewriter, notices: Notices, name: str) -> None:
    """Write the redacted copy. Raises `FormLocked`, `FormBroken`, `FormTooLarge` or `FormUnreadableText`."""
    with _opened(source, name) as document:
        if len(document) > MOST_PAGES:
            raise FormTooLarge(name, f"it has more than {MOST_PAGES:,} pages")
        writer = PdfWriter(target)
        can_be_read = False
        for first, texts in _windows(document):
            can_be_read = can_be_read or any(text.text.strip() for text in texts)
            swaps = rewriter.swaps([Field(text.text) for text in texts])
            for number, text, own in zip(range(first, first + len(texts)), texts, swaps, strict=True):
                _write_page(document, number, text, own, writer, notices)
        if not can_be_read:
            raise FormUnreadableText(name)
        writer.finish()
        notices.add("metadata and attachments left behind")


def read(source: BinaryIO, rewriter: Rewriter, name: str) -> None:
    """Show the text of the pages to `rewriter`, for a report that writes nothing. Raises as `rewrite`."""
    with _opened(source, name) as document:
        readable = False
        for _, texts in _windows(document):
            readable = readable or any(text.text.strip() for text in texts)
            rewriter.swaps([Field(text.text) for text in texts])
        if not readable:
            raise FormUnreadableText(name)


@contextmanager
def _opened(source: BinaryIO, name: str) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(source)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise FormLocked(name) from None
        raise FormBroken(name, "not a readable PDF") from None
    try:
        document.init_forms()
        yield document
    except pdfium.PdfiumError:
        raise FormBroken(name, "a page of the PDF cannot be read") from None
    finally:
        document.close()


def _windows(document: pdfium.PdfDocument) -> Iterator[tuple[int, list[PageText]]]:
    """Pages that are read together, so that a value of one is looked for on its neighbours."""
    texts: list[PageText] = []
    first = size = 0
    for number in range(len(document)):
        with opened_page(document, number) as page:
            texts.append(read_page(page))
        size += len(texts[-1].text)
        if size >= WINDOW_CHARACTERS or len(texts) >= WINDOW_PAGES:
            yield first, texts
            texts, first, size = [], number + 1, 0
    if texts:
        yield first, texts


def _write_page(
    document: pdfium.PdfDocument,
    number: int,
    text: PageText,
    swaps: Sequence[Swap],
    writer: PdfWriter,
    notices: Notices,
) -> None:
    everything = Box(0, 0, 1_000_000, 1_000_000)
    covered = [everything] if text.is_scan else text.pictures
    boxes = [box for swap in swaps for box in text.boxes[swap.start : swap.end] if box is not None]
    with opened_page(document, number) as page:
        image = paint(page, boxes, covered)
    notices.add("pages without text left empty", int(text.is_scan))
    notices.add("pictures covered", 0 if text.is_scan else len(text.pictures))
    writer.add_page(image, _layer(text, swaps))


def _layer(text: PageText, swaps: Sequence[Swap]) -> Iterator[Words]:
    """The text in its places: what stays unseen over its own image, placeholders on their boxes."""
    done = 0
    for swap in swaps:
        yield from _lines(text, done, swap.start)
        yield from _label(text, swap)
        done = swap.end
    yield from _lines(text, done, len(text.text))


def _label(text: PageText, swap: Swap) -> Iterator[Words]:
    """The placeholder, on the first line that the value stood on."""
    box: Box | None = None
    for one in text.boxes[swap.start : swap.end]:
        if one is None:
            continue
        if box is not None and one.top >= box.bottom:
            break
        box = one if box is None else box.around(one)
    if box is not None:
        yield Words(swap.new, box, is_label=True)


def _lines(text: PageText, start: int, end: int) -> Iterator[Words]:
    """Stretches that stand on one line. A space before one stays, or words and placeholders would run together."""
    box: Box | None = None
    begun = start
    for at in range(start, end):
        one = text.boxes[at]
        is_break = text.text[at] in "\r\n" or (one is not None and box is not None and not _same_line(one, box))
        if is_break:
            if box is not None:
                yield Words(text.text[begun:at].strip("\r\n"), box)
            box, begun = None, at
        if one is not None and not one.is_empty:
            box = one if box is None else box.around(one)
    if box is not None:
        yield Words(text.text[begun:end].strip("\r\n"), box)


def _same_line(one: Box, line: Box) -> bool:
    return one.top < line.bottom and line.top < one.bottom
