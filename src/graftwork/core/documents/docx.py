"""DOCX: headings by style, paragraphs, lists and tables in the order of the document.

python-docx opens the package; its elements are walked here, because its own iteration leaves out content controls and
accepted insertions. What was deleted under change tracking is left out, and so are headers, footers and comments.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from graftwork.core.document import DocumentNotice
from graftwork.core.documents import packages
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import one_line
from graftwork.core.documents.docx_styles import Styles, tag_of, w
from graftwork.core.documents.errors import DocumentBroken

if TYPE_CHECKING:
    from lxml.etree import _Element

_MACRO_TYPE = b"macroEnabled"
_DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# What holds blocks without being one itself.
_WRAPPERS = frozenset(("sdt", "sdtContent", "customXml", "ins", "moveTo", "body", "smartTag"))
_LEFT_OUT = frozenset(("del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "sdtPr", "tblPr", "sectPr"))


def fill(builder: Builder, content: bytes) -> None:
    """Raises `DocumentBroken`, `DocumentTooLarge` or `DocumentEncrypted`."""
    parts = packages.check(builder.name, content)
    packages.note_macros(builder, parts)
    document = _opened(builder.name, content)
    try:
        builder.title = document.core_properties.title or ""
        styles = document.part._styles_part.element
        numbering = [] if not any(part.endswith("numbering.xml") for part in parts) else _numbering(document)
    except (KeyError, ValueError, AttributeError):
        raise DocumentBroken(builder.name, "not a Word document that can be read") from None
    _Reader(builder, Styles(styles, numbering)).read(document.element.body)


def _opened(name: str, content: bytes) -> Any:
    import docx  # noqa: PLC0415 - only where a Word document is read
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        return docx.Document(io.BytesIO(_without_macro_type(content)))
    except (
        OpcError,
        LxmlError,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        zipfile.BadZipFile,
        EOFError,
        OSError,
    ):
        raise DocumentBroken(name, "not a Word document that can be read") from None


def _without_macro_type(content: bytes) -> bytes:
    """The package with the type of a plain document: python-docx takes no other."""
    source = zipfile.ZipFile(io.BytesIO(content))
    try:
        types = source.read("[Content_Types].xml")
        changed = types
        for kind in (b"document.macroEnabled.main", b"template.macroEnabledTemplate.main"):
            changed = changed.replace(b"application/vnd.ms-word." + kind + b"+xml", _DOCX_TYPE.encode())
        changed = changed.replace(_DOCX_TYPE.replace("document.main", "template.main").encode(), _DOCX_TYPE.encode())
        if changed == types:
            return content
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as package:
            for part in source.infolist():
                package.writestr(
                    part.filename, changed if part.filename == "[Content_Types].xml" else source.read(part)
                )
        return target.getvalue()
    finally:
        source.close()


def _numbering(document: Any) -> Any:
    return document.part.numbering_part.element


class _Reader:
    def __init__(self, builder: Builder, styles: Styles) -> None:
        self._builder, self._styles = builder, styles
        self._hidden_characters = 0

    def read(self, body: "_Element") -> None:
        for block in _blocks(body):
            if tag_of(block) == "tbl":
                self._table(block)
            else:
                self._paragraph(block)
        if self._hidden_characters:
            text = f"Text that is not shown to people ({self._hidden_characters:,} characters) was left out."
            self._builder.notice(DocumentNotice("hidden_text", text))

    def _paragraph(self, paragraph: "_Element") -> None:
        text = self._text(paragraph)
        style = self._styles.of_paragraph(paragraph)
        if text.strip() and style.number is not None:
            text = f"{self._styles.next_label(style.number)} {text}".strip()
        if style.heading_level and len(text) < 1_000:
            self._builder.heading(text, style.heading_level)
        else:
            self._builder.block("list_item" if style.number is not None else "paragraph", text)
        for box in _text_boxes(paragraph):
            self._paragraph(box)

    def _table(self, table: "_Element") -> None:
        for row in (element for element in _within(table, "tr") if not _is_deleted(element)):
            cells = [one_line(self._cell(cell)) for cell in _within(row, "tc")]
            if any(cells):
                self._builder.block("table_row" if len(cells) > 1 else "paragraph", " | ".join(cells))

    def _cell(self, cell: "_Element") -> str:
        """All that stands in a cell, also in a table within it, as one line. A cell merged upwards is empty."""
        return " ".join(self._text(paragraph) for paragraph in cell.iter(w("p")))

    def _text(self, paragraph: "_Element") -> str:
        pieces: list[str] = []
        hides = self._styles.of_paragraph(paragraph).hides
        for run in _runs(paragraph):
            text = _run_text(run)
            if hides or self._styles.hides_run(run):
                self._hidden_characters += len(text.strip())
            else:
                pieces.append(text)
        return "".join(pieces)


def _blocks(root: "_Element") -> Iterator["_Element"]:
    """Paragraphs and tables in their order, through content controls and the like."""
    for child in root:
        tag = tag_of(child)
        if tag in ("p", "tbl"):
            yield child
        elif tag in _WRAPPERS:
            yield from _blocks(child)


def _within(root: "_Element", wanted: str) -> Iterator["_Element"]:
    """The rows of a table or the cells of a row, not those of a table inside."""
    for child in root:
        tag = tag_of(child)
        if tag == wanted:
            yield child
        elif tag in _WRAPPERS:
            yield from _within(child, wanted)


def _runs(root: "_Element") -> Iterator["_Element"]:
    for child in root:
        tag = tag_of(child)
        if tag == "r":
            yield child
        elif tag not in _LEFT_OUT:
            yield from _runs(child)


def _run_text(run: "_Element") -> str:
    pieces: list[str] = []
    for child in run:
        tag = tag_of(child)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag in ("tab", "ptab"):
            pieces.append("\t")
        elif tag in ("br", "cr"):
            pieces.append("\n")
        elif tag == "noBreakHyphen":
            pieces.append("-")
    return "".join(pieces)


def _text_boxes(paragraph: "_Element") -> Iterator["_Element"]:
    """Paragraphs of the boxes that are anchored in this one; the fallback for older programs says the same again."""
    for box in paragraph.iter(w("txbxContent")):
        if not any(tag_of(parent) == "Fallback" for parent in box.iterancestors()):
            yield from box.iterchildren(w("p"))


def _is_deleted(row: "_Element") -> bool:
    properties = row.find(w("trPr"))
    return properties is not None and properties.find(w("del")) is not None
