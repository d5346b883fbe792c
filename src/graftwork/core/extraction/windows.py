"""Long texts, window by window. What the windows give is put together again by `merge`."""

import re
from collections.abc import Sequence

from graftwork.core.extraction.merging import merge
from graftwork.core.extraction.tree import Window

# Cutting and putting together go together: callers find both here.
__all__ = ["Window", "merge", "windows"]

# From the best place to cut at to the worst; each ends where the next window may begin.
_CUTS = (
    re.compile(r"\n(?=#{1,6} )|\f|\n\s*\n(?=[^\n]{1,80}\n\s*\n)"),
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?…]['\")\]]*\s+|[\u3002\uff01\uff1f]"),
    re.compile(r"\s+"),
)


def windows(
    text: str, *, room_characters: int, overlap_characters: int = 400, pages: Sequence[int] = ()
) -> list[Window]:
    """Windows of at most `room_characters` that cover `text`, each beginning in the last characters of the one before.

    Cut at a page's beginning (`pages`, offsets) or a heading, else a paragraph, line, sentence or word, in the second
    half of the room. The overlap is at most a quarter of the room, so that each window gets on.
    """
    if room_characters < 1:
        raise ValueError("a window needs room for a character")
    overlap = max(0, min(overlap_characters, room_characters // 4))
    found = []
    start = 0
    while len(text) - start > room_characters:
        end = _cut(text, start + (room_characters + 1) // 2, start + room_characters, pages)
        found.append(Window(start, end))
        start = max(start + 1, _begin(text, end - overlap, end))
    return [*found, Window(start, len(text))]


def _cut(text: str, least: int, most: int, pages: Sequence[int]) -> int:
    page = max((offset for offset in pages if least <= offset <= most), default=None)
    if page is not None:
        return page
    for pattern in _CUTS:
        last = None
        for match in pattern.finditer(text, least, most):
            last = match.end()
        if last is not None:
            return last
    return most


def _begin(text: str, least: int, most: int) -> int:
    """Where the next window begins: at the first sentence or line in the overlap, else at a word."""
    for pattern in (_CUTS[3], _CUTS[2], _CUTS[4]):
        match = pattern.search(text, least, most)
        if match is not None:
            return match.end()
    return least
