"""One file to its masked or restored copy: which form it has, and the code of that form."""

import io
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, Literal

from graftwork.core.errors import FormLocked, FormOneWay, FormTooLarge, FormUnknown
from graftwork.core.privacy.forms import csv_form, html_form, json_form, mail_form, plain
from graftwork.core.privacy.forms.encoding import Encoding, encoding_of
from graftwork.core.privacy.forms.masking import Restorer
from graftwork.core.privacy.forms.notices import Notices
from graftwork.core.privacy.forms.pieces import Journal, Patch, Piece, write_pieces
from graftwork.core.privacy.forms.rewriter import Rewriter
from graftwork.core.privacy.forms.rules import Rules

Form = Literal["text", "json", "csv", "html", "mail", "docx", "pdf"]
BINARY_FORMS: frozenset[Form] = frozenset({"mail", "docx", "pdf"})

LARGEST_WHOLE_BYTES = 64_000_000  # of what has to be held whole: HTML and mail
_HEAD_BYTES = 64 * 1024
_SUFFIXES: dict[str, Form] = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".geojson": "json", ".ipynb": "json",
    ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".xml": "html", ".svg": "html",
    ".eml": "mail",
}  # fmt: skip
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# Text by its bytes, but not by what it says: values stand in it encoded, where no detection would find them.
_ENCODED_TEXT = ((b"{\\rtf", "RTF"), (b"%!PS", "PostScript"))
_ENCODED_SUFFIXES = {".mbox": "a mailbox; split it into .eml", ".mht": "a web archive", ".mhtml": "a web archive"}


def _ignore(patch: Patch) -> None:
    """Nobody wants the very bytes back."""


@dataclass
class Job:
    """How files are rewritten. `on_bytes` hears how far into a file the work is."""

    rewriter: Rewriter
    rules: Rules = field(default_factory=Rules)
    journal: Journal = _ignore
    notices: Notices = field(default_factory=Notices)
    on_bytes: Callable[[int], None] | None = None
    is_restoring: bool = False
    is_report: bool = False


def form_of(source: BinaryIO, name: str) -> Form:
    """By its first bytes, then by its name. Raises `FormUnknown` for what no form can read, `FormLocked`."""
    source.seek(0)
    head = source.read(_HEAD_BYTES)
    source.seek(0)
    suffix = PurePath(name).suffix.lower()
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _package(source, name)
    if head.startswith(_OLE):
        if suffix == ".docx":
            raise FormLocked(name)
        raise FormUnknown(name, "an Office file of before 2007, or an encrypted one")
    _refuse_what_hides(head, suffix, name)
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    return "html" if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")) else "text"


def rewrite(source: BinaryIO, target: BinaryIO, name: str, job: Job) -> None:
    """Write the copy of `source` to `target`. Raises a `FormError`, after which `target` must be thrown away."""
    form = form_of(source, name)
    if form == "docx":
        from graftwork.core.privacy.forms import docx_form  # noqa: PLC0415 - few files need lxml, which is slow to import

        docx_form.rewrite(source, target, job.rewriter, job.notices, name)
    elif form == "pdf":
        _pdf(source, target, name, job)
    elif form == "mail":
        raw = _whole(source, name)
        target.write(mail_form.rewrite(raw, job.rewriter, _attachments(job), job.notices, name))
    else:
        _text(form, source, target, name, job)


def _text(form: Form, source: BinaryIO, target: BinaryIO, name: str, job: Job) -> None:
    encoding = encoding_of(source)
    if encoding.broken and encoding.name == "utf-8":
        job.notices.add("files with broken characters")
    target.write(encoding.mark)
    with closing(_watched(_pieces(form, source, encoding, name, job), source, job.on_bytes)) as found:
        write_pieces(found, target, encoding.encoder(name), job.journal)


def _pieces(form: Form, source: BinaryIO, encoding: Encoding, name: str, job: Job) -> Iterator[Piece]:
    text = encoding.reader(source)
    try:
        if form == "json":
            yield from json_form.pieces(text, job.rewriter, job.rules, name)
        elif form == "csv":
            yield from csv_form.pieces(text, job.rewriter, job.rules, name)
        elif form == "html":
            _check_size(source, name)
            yield from html_form.pieces(text.read(), job.rewriter)
        elif isinstance(job.rewriter, Restorer):
            yield from job.rewriter.stream(text)
        else:
            yield from plain.pieces(text, job.rewriter)
    finally:
        text.detach()  # it would close the file, which is not its own


def _watched(pieces: Iterator[Piece], source: BinaryIO, on_bytes: Callable[[int], None] | None) -> Generator[Piece]:
    last = 0
    for piece in pieces:
        yield piece
        if on_bytes is not None and (now := source.tell()) != last:
            last = now
            on_bytes(now)


def _pdf(source: BinaryIO, target: BinaryIO, name: str, job: Job) -> None:
    from graftwork.core.privacy.forms import pdf_form  # noqa: PLC0415 - few files need PDFium, which is large

    if job.is_restoring:
        raise FormOneWay(name)
    if job.is_report:
        pdf_form.read(source, job.rewriter, name)
    else:
        pdf_form.rewrite(source, target, job.rewriter, job.notices, name)


def _attachments(job: Job) -> mail_form.MaskBytes:
    def rewritten(name: str, raw: bytes) -> bytes:
        target = io.BytesIO()
        inner = Job(job.rewriter, job.rules, _ignore, job.notices, None, job.is_restoring, job.is_report)
        rewrite(io.BytesIO(raw), target, name, inner)
        return target.getvalue()

    return rewritten


def _package(source: BinaryIO, name: str) -> Form:
    try:
        with zipfile.ZipFile(source) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        raise FormUnknown(name, "a damaged archive") from None
    finally:
        source.seek(0)
    if "word/document.xml" in names:
        return "docx"
    raise FormUnknown(name, "an archive, or an Office file other than DOCX")


def _refuse_what_hides(head: bytes, suffix: str, name: str) -> None:
    for start, what in _ENCODED_TEXT:
        if head.startswith(start):
            raise FormUnknown(name, what)
    if suffix in _ENCODED_SUFFIXES:
        raise FormUnknown(name, _ENCODED_SUFFIXES[suffix])
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    if b"\x00" in head and not wide:
        raise FormUnknown(name, "binary")


def _whole(source: BinaryIO, name: str) -> bytes:
    _check_size(source, name)
    source.seek(0)
    return source.read()


def _check_size(source: BinaryIO, name: str) -> None:
    at = source.tell()
    size = source.seek(0, io.SEEK_END)
    source.seek(at)
    if size > LARGEST_WHOLE_BYTES:
        raise FormTooLarge(name, f"larger than {LARGEST_WHOLE_BYTES // 1_000_000} MB, and this form must be held whole")
