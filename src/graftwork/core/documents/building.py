"""A document in the making: readers add blocks and pages in order, and offsets follow."""

from hashlib import sha256
from pathlib import PurePath

from graftwork.core.document import Block, BlockKind, Document, DocumentFormat, DocumentNotice, Page
from graftwork.core.documents.cleaning import normalised, one_line, title_of, without_unwanted
from graftwork.core.documents.errors import DocumentEmpty, DocumentTooLarge
from graftwork.core.documents.options import ReadingOptions

_CLOSE_KINDS = frozenset({"list_item", "table_row"})
_DEEPEST_HEADING = 9
SENTENCE_ENDS = frozenset('.!?:;"\u201d\u2019)]')


class Budget:
    """What a document may still add, shared with all that is attached to it."""

    def __init__(self, options: ReadingOptions) -> None:
        self.most_characters = self._characters_left = options.most_characters
        self._blocks_left = options.most_blocks
        self.attachments_left = options.most_attachments

    def check(self, name: str, characters: int) -> None:
        """Raises `DocumentTooLarge` where so many could not be added any more."""
        if characters > self._characters_left:
            raise DocumentTooLarge(name, f"it has more than {self.most_characters:,} characters of text")

    def spend(self, name: str, characters: int) -> None:
        """Raises `DocumentTooLarge`."""
        self.check(name, characters)
        self._characters_left -= characters

    def spend_block(self, name: str) -> None:
        """Raises `DocumentTooLarge`."""
        self._blocks_left -= 1
        if self._blocks_left < 0:
            raise DocumentTooLarge(name, "it has more paragraphs and rows than a document would")


class Builder:
    """Text, blocks, pages, notices and attachments of one document.

    Blocks stand a blank line apart; rows of a table and items of a list stand on lines of their own.
    """

    def __init__(self, name: str, content: bytes, options: ReadingOptions, budget: Budget, depth: int = 0) -> None:
        self.name, self.options, self.budget, self.depth = name, options, budget, depth
        self.title = ""
        self._sha256 = sha256(content).hexdigest()
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []
        self._pages: list[tuple[str, int]] = []
        self._begun_pages: list[str] = []
        self._notices: dict[str, DocumentNotice] = {}
        self._attachments: list[Document] = []
        self._replaced = 0

    def page(self, label: str = "") -> None:
        """What is added from here on stands on a new page."""
        self._begun_pages.append(title_of(label))

    def heading(self, text: str, level: int) -> None:
        """`level` counts from 1, the outermost."""
        words = one_line(self._cleaned(text))
        if not words:
            return
        self.leave_headings(level)
        self._add("heading", words)
        self._headings.append((min(level, _DEEPEST_HEADING), title_of(words)))

    def leave_headings(self, level: int = 1) -> None:
        """What is added from here on does not stand under the headings of `level` or deeper."""
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()

    def block(self, kind: BlockKind, text: str) -> None:
        words = self._cleaned(text)
        words = words.strip("\n").rstrip() if kind == "code" else words.strip()
        if words.strip():
            self._add(kind, words)

    def goes_on(self, text: str) -> None:
        """Text of the last block that stands on the page begun after it."""
        words = self._cleaned(text).strip()
        if not words or not self._blocks:
            return self.block("paragraph", text)
        last = self._blocks[-1]
        joined = "" if last.kind == "code" else " "
        self._write(joined)
        self._open_pages()
        self._write(words)
        self._blocks[-1] = Block(last.kind, last.start, self._length, last.number, last.headings, last.page)
        return None

    def kept(self, text: str, blocks: list[tuple[BlockKind, int, int]]) -> None:
        """The whole text as it is, with the kind, start and end of its blocks. Instead of all other adding."""
        self._write(text)
        for kind, start, end in blocks:
            self.budget.spend_block(self.name)
            self._blocks.append(Block(kind, start, end, len(self._blocks) + 1))

    def replaced(self, count: int) -> None:
        """Counts characters that could not be read or kept."""
        self._replaced += count

    def notice(self, notice: DocumentNotice) -> None:
        """Each code once: what is said again under the same code is put behind it."""
        known = self._notices.get(notice.code)
        text = f"{known.text} {notice.text}" if known and notice.text not in known.text else notice.text
        self._notices[notice.code] = DocumentNotice(notice.code, text[:2_000])

    def attach(self, document: Document) -> None:
        self._attachments.append(document)

    @property
    def is_empty(self) -> bool:
        return not self._blocks

    @property
    def last_paragraph_is_open(self) -> bool:
        """Whether the last block is a paragraph that ends within a sentence."""
        if not self._blocks or self._blocks[-1].kind != "paragraph":
            return False
        return self._pieces[-1][-1:] not in SENTENCE_ENDS

    def finish(self, format_: DocumentFormat) -> Document:
        """Raises `DocumentEmpty` where there is no text, and no notice that would say why."""
        if self._replaced:
            count = f"{self._replaced:,} character{'s' if self._replaced > 1 else ''}"
            self.notice(DocumentNotice("replaced_characters", f"{count} could not be read, and were replaced."))
        if not self._blocks and not self._notices and not self._attachments:
            raise DocumentEmpty(self.name)
        self._open_pages()
        text = "".join(self._pieces)
        title = title_of(self.title) or self._first_heading(text) or PurePath(self.name).stem or self.name
        notices = tuple(self._notices.values())
        return Document(
            self.name,
            format_,
            title,
            text,
            tuple(self._blocks),
            self._sha256,
            self._finished_pages(),
            notices,
            tuple(self._attachments),
        )

    def _cleaned(self, text: str) -> str:
        cleaned, count = without_unwanted(normalised(text))
        self._replaced += count
        return cleaned

    def _add(self, kind: BlockKind, words: str) -> None:
        if self._blocks:
            close = kind in _CLOSE_KINDS and self._blocks[-1].kind == kind
            self._write("\n" if close else "\n\n")
        self._open_pages()
        start = self._length
        self._write(words)
        path = tuple(heading for _, heading in self._headings)
        page = len(self._pages) or None
        self.budget.spend_block(self.name)
        self._blocks.append(Block(kind, start, self._length, len(self._blocks) + 1, path, page))

    def _write(self, text: str) -> None:
        self.budget.spend(self.name, len(text))
        self._pieces.append(text)
        self._length += len(text)

    def _open_pages(self) -> None:
        """Pages begin where their first word does, so that no offset of a block lies before its page."""
        self._pages += [(label, self._length) for label in self._begun_pages]
        self._begun_pages.clear()

    def _finished_pages(self) -> tuple[Page, ...]:
        ends = [*[start for _, start in self._pages], self._length][1:]
        return tuple(
            Page(number, start, end, label)
            for number, ((label, start), end) in enumerate(zip(self._pages, ends, strict=True), 1)
        )

    def _first_heading(self, text: str) -> str:
        return next((title_of(text[one.start : one.end]) for one in self._blocks if one.kind == "heading"), "")
