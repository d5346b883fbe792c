"""One document from its bytes, in this process. What comes from outside is read by `sandbox.DocumentReader` instead."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from graftwork.core.document import Document, DocumentFormat, DocumentNotice
from graftwork.core.documents import docx, html, mail, markdown, mbox, plain, tables, xlsx
from graftwork.core.documents.building import Budget, Builder
from graftwork.core.documents.detecting import SUFFIXES, detect, is_mailbox, suffix_of
from graftwork.core.documents.errors import DocumentBroken, DocumentError, DocumentTooLarge, DocumentTooMuchMemory
from graftwork.core.documents.files import opened
from graftwork.core.documents.options import ReadingOptions

__all__ = ["SUFFIXES", "read", "read_document", "read_mbox"]

LARGEST_MESSAGE_BYTES = 200_000_000

Fill = Callable[[Builder, bytes], None]


def read_document(content: bytes, name: str, *, ocr: bool = True) -> Document:
    """The document in `content`, by what it is; `name` decides only where that says nothing. Raises `DocumentError`."""
    return read(content, name, ReadingOptions(ocr=ocr))


def read(content: bytes, name: str, options: ReadingOptions) -> Document:
    """Like `read_document`, with all options."""
    return _read(content, name, options, Budget(options), 0)


def read_mbox(path: Path, options: ReadingOptions | None = None) -> Iterator[Document | DocumentError]:
    """The messages of a mailbox, one in memory at a time; an error in the place of one that cannot be read.

    Raises `DocumentUnreadable`.
    """
    with opened(path) as file:
        for number, content in enumerate(mbox.messages(file, LARGEST_MESSAGE_BYTES), 1):
            name = mbox.message_name(path.name, number)
            try:
                if content is None:
                    raise DocumentTooLarge(name, f"it has more than {LARGEST_MESSAGE_BYTES / 1e6:,.0f} MB")
                yield read(content, name, options or ReadingOptions())
            except DocumentError as error:
                yield error


def _read(content: bytes, name: str, options: ReadingOptions, budget: Budget, depth: int) -> Document:
    try:
        detected = detect(content, name)
        builder = Builder(name, content, options, budget, depth)
        if detected.surprise:
            builder.notice(DocumentNotice("extension", detected.surprise))
        if detected.format == "mail":
            _fill_mail(builder, content)
        else:
            _FILLS[detected.format](builder, content)
        return builder.finish(detected.format)
    except DocumentError:
        raise
    except MemoryError:
        raise DocumentTooMuchMemory(name) from None
    except RecursionError:
        raise DocumentBroken(name, "its parts nest too deeply") from None
    except Exception as error:  # noqa: BLE001 - readers meet every kind of broken file; their messages may quote it
        raise DocumentBroken(name, f"reading it failed with an unexpected {type(error).__name__}") from None


def _fill_mail(builder: Builder, content: bytes) -> None:
    fill = mbox.fill if is_mailbox(content) else mail.fill
    fill(builder, content, _read)


def _fill_pdf(builder: Builder, content: bytes) -> None:
    from graftwork.core.documents import pdf  # noqa: PLC0415 - loads PDFium, and only PDF needs it

    pdf.fill(builder, content)


def _fill_csv(builder: Builder, content: bytes) -> None:
    tables.fill_csv(builder, content, "\t" if suffix_of(builder.name) == ".tsv" else "")


_FILLS: Mapping[DocumentFormat, Fill] = {
    "text": plain.fill,
    "markdown": markdown.fill,
    "html": html.fill,
    "pdf": _fill_pdf,
    "docx": docx.fill,
    "csv": _fill_csv,
    "xlsx": xlsx.fill,
}
