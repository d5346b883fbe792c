"""A document as text with positions, whatever it was written in.

`documents` reads files into this form, `knowledge` cuts it into passages, and pages show a place of it again. All
offsets are characters of `Document.text`, ends exclusive.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

DocumentFormat = Literal["text", "markdown", "html", "pdf", "docx", "csv", "xlsx", "mail"]
BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table row. `number` counts from 1 through the document.

    `headings` is the path of headings above it, outermost first; for a heading, those above itself. `page` counts from
    1 and is `None` where the format has no pages; a block that runs over a page's end belongs to the page that it
    begins on.
    """

    kind: BlockKind
    start: int
    end: int
    number: int
    headings: tuple[str, ...] = field(default=(), repr=False)
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`number` counts from 1; `label` is what the document itself calls it, such as a sheet's name."""

    number: int
    start: int
    end: int
    label: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DocumentNotice:
    """Something about the reading that people must know, such as pages without text."""

    code: Literal["scanned", "ocr", "macros", "attachment", "extension", "replaced_characters", "hidden_text"]
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one document and the positions in it. `sha256` is that of the file's bytes, in hexadecimal.

    `name` is the file's name, or that of an attachment; `attachments` are documents of their own.
    """

    name: str
    format: DocumentFormat
    title: str = field(repr=False)
    text: str = field(repr=False)
    blocks: tuple[Block, ...]
    sha256: str
    pages: tuple[Page, ...] = ()
    notices: tuple[DocumentNotice, ...] = ()
    attachments: tuple["Document", ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The number of the page at `offset`; `None` where the document has no pages."""
        place = bisect_right([page.start for page in self.pages], offset) - 1
        return self.pages[max(place, 0)].number if self.pages else None

    def block_at(self, offset: int) -> Block | None:
        """The block at `offset`, or the last one before it; `None` in a document without any."""
        place = bisect_right([block.start for block in self.blocks], offset) - 1
        return self.blocks[max(place, 0)] if self.blocks else None
