"""A document of a source for the page: its blocks in their order, page marks between them, a span lit."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from graftwork.core.document import Block, Document

# A page of the desk shows this much of a long document; the rest is a link away.
SHOWN_CHARACTERS = 150_000


@dataclass(frozen=True, slots=True)
class Stretch:
    text: str
    lit: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class BlockShown:
    """`level` is that of a heading, 2 to 6; `page` is the name of the page that begins with this block, if one does."""

    kind: str
    level: int
    page: str
    stretches: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks of one kind beside each other, such as the items of a list; `page` begins with them."""

    kind: str
    page: str
    blocks: list[BlockShown]


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """`earlier` and `later` are the addresses of what is not shown of a long document, empty where all is."""

    title: str
    notices: Sequence[str]
    groups: Sequence[Group]
    has_light: bool
    earlier: str
    later: str


def document_shown(document: Document, start: int | None, end: int | None, at: int = 0) -> DocumentShown:
    """The blocks around `start`, or from offset `at` on, with `start` to `end` lit."""
    blocks = document.blocks or (Block("paragraph", 0, len(document.text), 1),)
    first, last = _window(blocks, start if start is not None else at)
    span = (start, end) if start is not None and end is not None and start < end else None
    shown = _shown(document, blocks[first:last], span)
    return DocumentShown(
        title=document.title or document.name,
        notices=[notice.text for notice in document.notices],
        groups=_groups(shown),
        has_light=any(stretch.lit for block in shown for stretch in block.stretches),
        earlier=urlencode({"at": max(0, blocks[first].start - SHOWN_CHARACTERS)}) if first else "",
        later=urlencode({"at": blocks[last].start}) if last < len(blocks) else "",
    )


def _groups(blocks: Sequence[BlockShown]) -> list[Group]:
    """A page mark ends a list or a table: it cannot stand inside."""
    groups: list[Group] = []
    for block in blocks:
        if groups and groups[-1].kind == block.kind and not block.page:
            groups[-1].blocks.append(block)
        else:
            groups.append(Group(block.kind, block.page, [block]))
    return groups


def _window(blocks: Sequence[Block], offset: int) -> tuple[int, int]:
    """Which blocks are shown: a little of what lies before `offset`, and what fits after it."""
    if blocks[-1].end <= SHOWN_CHARACTERS:
        return 0, len(blocks)
    least = max(0, offset - SHOWN_CHARACTERS // 3)
    first = next((place for place, block in enumerate(blocks) if block.end > least), len(blocks) - 1)
    limit = blocks[first].start + SHOWN_CHARACTERS
    last = next((place for place, block in enumerate(blocks) if place > first and block.end > limit), len(blocks))
    return first, last


def _shown(document: Document, blocks: Sequence[Block], span: tuple[int, int] | None) -> list[BlockShown]:
    labels = {page.number: page.label or f"Page {page.number}" for page in document.pages}
    found: list[BlockShown] = []
    page: int | None = None
    lit_before = False
    for block in blocks:
        stretches = _stretches(document.text, block, span, first=not lit_before)
        lit_before = lit_before or any(stretch.lit for stretch in stretches)
        begins = block.page is not None and block.page != page
        page = block.page
        label = labels.get(page or 0, f"Page {page}") if begins else ""
        found.append(BlockShown(block.kind, min(6, 2 + len(block.headings)), label, stretches))
    return found


def _stretches(text: str, block: Block, span: tuple[int, int] | None, *, first: bool) -> list[Stretch]:
    start, end = (max(block.start, span[0]), min(block.end, span[1])) if span else (0, 0)
    if start >= end:
        return [Stretch(text[block.start : block.end])]
    parts = [
        Stretch(text[block.start : start]),
        Stretch(text[start:end], lit=True, first=first),
        Stretch(text[end : block.end]),
    ]
    return [part for part in parts if part.text]
