"""Plain text: kept as it is, with its paragraphs found by blank lines."""

import re

from graftwork.core.document import BlockKind
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import normalised, without_unwanted
from graftwork.core.documents.decoding import decode

_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_ITEM = re.compile(r"[ \t]*(?:[-*+\u2022\u2023\u25aa\u2013]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+\S")


def fill(builder: Builder, content: bytes) -> None:
    """Offsets are those of the text as people see it: only line ends and unreadable characters are changed."""
    text, count = without_unwanted(normalised(decode(content)))
    builder.replaced(count)
    builder.kept(text, paragraphs(text))


def paragraphs(text: str) -> list[tuple[BlockKind, int, int]]:
    """Kind, start and end of each paragraph; lines that begin with a bullet or a number are items of their own."""
    found: list[tuple[BlockKind, int, int]] = []
    for match in _PARAGRAPH.finditer(text):
        found += _split_items(text, match.start(), match.end())
    return found


def _split_items(text: str, start: int, end: int) -> list[tuple[BlockKind, int, int]]:
    starts = [start]
    at = text.find("\n", start, end)
    while at >= 0:
        if _ITEM.match(text, at + 1, end):
            starts.append(at + 1)
        at = text.find("\n", at + 1, end)
    pieces: list[tuple[BlockKind, int, int]] = []
    for first, last in zip(starts, [*starts[1:], end], strict=True):
        inner = text[first:last]
        left = first + len(inner) - len(inner.lstrip())
        kind: BlockKind = "list_item" if _ITEM.match(text, first, last) else "paragraph"
        pieces.append((kind, left, first + len(inner.rstrip())))
    return pieces
