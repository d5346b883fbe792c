"""A document cut into the passages that are searched and cited.

A passage never runs across a heading, keeps sentences and table rows whole where they fit, and is exactly a stretch of
the document's text, so that it can be shown on the page that it came from. What is searched is more than what is shown:
title, headings and the first row of its table stand before it, because a passage rarely repeats what it is about.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graftwork.core.document import Block, Document
from graftwork.core.knowledge.sentences import sentences

# Part of every snapshot: raise it whenever the same document would be cut, or its passages searched, differently.
CHUNKER_VERSION = 1
# About 200 tokens of English: the embedded model reads 256, and the headings need room too.
CHARACTERS = 900
_HEADINGS_CHARACTERS = 300
_TABLE_HEAD_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text` is `document.text[start:end]`; `number` counts from 1 through the document."""

    number: int
    start: int
    end: int
    text: str = field(repr=False)
    page: int | None = None
    headings: tuple[str, ...] = ()
    table_head: str = field(default="", repr=False)

    def indexed_text(self, title: str) -> str:
        """What is searched for this passage of a document called `title`."""
        return indexed_text(title, self.headings, self.table_head, self.text)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut again: a sentence, a list item, a row, a stretch of words."""

    start: int
    end: int
    table_head: str


def indexed_text(title: str, headings: Sequence[str], table_head: str, text: str) -> str:
    path = [part for place, part in enumerate((title, *headings)) if part and part not in (title, *headings)[:place]]
    return "\n".join(part for part in (" - ".join(path)[:_HEADINGS_CHARACTERS], table_head, text) if part)


def chunks_of(document: Document, *, characters: int = CHARACTERS) -> list[Chunk]:
    """The passages of `document`, in order, of at most `characters` each. Attachments are documents of their own."""
    chunks: list[Chunk] = []
    for headings, units in _sections(document, characters):
        for start, end, table_head in _packed(units, characters):
            page = document.page_at(start)
            chunks.append(Chunk(len(chunks) + 1, start, end, document.text[start:end], page, headings, table_head))
    return chunks


def _sections(document: Document, characters: int) -> Iterator[tuple[tuple[str, ...], list[_Unit]]]:
    """The units between two headings, with the headings above them."""
    headings: tuple[str, ...] = ()
    units: list[_Unit] = []
    table_head, in_table = "", False
    blocks = document.blocks or (Block("paragraph", 0, len(document.text), 1),)
    for place, block in enumerate(blocks):
        if block.kind == "heading" or block.headings != headings:
            yield headings, units
            headings, units = block.headings, []
        if block.kind == "heading":
            in_table = False
            if not _is_above(document, block, blocks[place + 1 : place + 2]):
                units = list(_units(document, block, "", characters))
                yield headings, units
                units = []
            continue
        if block.kind == "table_row":
            units.extend(_units(document, block, table_head if in_table else "", characters))
            table_head = table_head if in_table else _first_row(document, block)
        else:
            units.extend(_units(document, block, "", characters))
        in_table = block.kind == "table_row"
    yield headings, units


def _is_above(document: Document, heading: Block, following: Sequence[Block]) -> bool:
    """Whether something stands under `heading`, so that it is found through that; else it is a passage of its own."""
    path = (*heading.headings, _words(document.text[heading.start : heading.end]))
    return any([*map(_words, block.headings[: len(path)])] == [*map(_words, path)] for block in following)


def _words(text: str) -> str:
    return " ".join(text.strip("# \t\n").split())


def _first_row(document: Document, block: Block) -> str:
    return document.text[block.start : block.end][:_TABLE_HEAD_CHARACTERS]


def _units(document: Document, block: Block, table_head: str, characters: int) -> Iterator[_Unit]:
    if block.kind != "paragraph" and block.end - block.start <= characters:
        yield from (_Unit(*span, table_head) for span in _trimmed(document.text, block.start, block.end))
        return
    for start, end in sentences(document.text, block.start, block.end):
        yield from (_Unit(*span, table_head) for span in _cut(document.text, start, end, characters))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield end - len(part.lstrip()), start + len(part.rstrip())


def _cut(text: str, start: int, end: int, characters: int) -> Iterator[tuple[int, int]]:
    """A sentence that is longer than a passage, cut between words where it has any."""
    while end - start > characters:
        space = max(text.rfind(" ", start, start + characters), text.rfind("\n", start, start + characters))
        middle = space if space > start + characters // 2 else start + characters
        yield from _trimmed(text, start, middle)
        start = middle
    yield from _trimmed(text, start, end)


def _packed(units: Sequence[_Unit], characters: int) -> Iterator[tuple[int, int, str]]:
    """Neighbouring units together, in passages of about one length rather than full ones and a short rest."""
    if not units:
        return
    whole = units[-1].end - units[0].start
    wanted = whole / math.ceil(whole / characters)
    first = units[0]
    last = first
    for unit in units[1:]:
        # The half of the coming unit decides on which side of the wanted length the cut lies nearer.
        middle = (unit.start + unit.end) / 2
        if unit.end - first.start > characters or middle - first.start > wanted:
            yield first.start, last.end, first.table_head
            first = unit
        last = unit
    yield first.start, last.end, first.table_head
