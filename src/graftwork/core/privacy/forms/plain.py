"""Plain text and Markdown, in blocks that end where a paragraph does, so that memory does not grow with the file."""

from collections.abc import Iterator
from typing import TextIO

from graftwork.core.privacy.forms.pieces import Piece, swapped_pieces
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, Swap

BLOCK_CHARACTERS = 48_000
# The next block begins this far before the end of one that had to be cut in the middle of a line.
OVERLAP_CHARACTERS = 1_024
_BREAKS = ("\n\n", "\r\n\r\n", "\n", ". ", " ")


def pieces(text: TextIO, rewriter: Rewriter, block_characters: int = BLOCK_CHARACTERS) -> Iterator[Piece]:
    """The text with its swaps. A block is cut at a blank line where there is one, else at a line's end, else at a word.

    Nothing is decided about the last characters of a block before the text behind them was seen: a swap that touches
    them, and all that follows, waits for the next block.
    """
    held = ""
    while True:
        chunk = text.read(block_characters)
        block = held + chunk
        if not chunk:
            yield from _decided(block, rewriter, len(block))[0]
            return
        if len(block) < block_characters:
            held = block
            continue
        decided, held = _decided(block, rewriter, _cut(block))
        yield from decided


def _decided(block: str, rewriter: Rewriter, cut: int) -> tuple[list[Piece], str]:
    """The pieces up to `cut`, or to where a swap that crosses it begins; and the text behind them."""
    if not block:
        return [], ""
    [swaps] = rewriter.swaps([Field(block)])
    for swap in swaps:
        if swap.start < cut < swap.end:
            # A swap as long as the block itself would never let go of it.
            cut = swap.start if swap.start > 0 else swap.end
            break
    before: list[Swap] = [swap for swap in swaps if swap.end <= cut]
    return list(swapped_pieces(block[:cut], before)), block[cut:]


def _cut(block: str) -> int:
    latest = len(block) - OVERLAP_CHARACTERS
    earliest = len(block) // 2
    for mark in _BREAKS:
        found = block.rfind(mark, earliest, latest)
        if found >= 0:
            return found + len(mark)
    return latest
