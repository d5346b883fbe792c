"""A text as recognizers read it: normalised, with a way back to every character of the original."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

_NON_ASCII = re.compile(r"[^\x00-\x7f]")


class Text:
    """`normal` is what recognizers read; `original_span` leads back. Built by `normalise.normalise`.

    `offsets[i]` is where character `i` of `normal` begins in the original, with one more for its end; `None` where
    both are the same, which is the rule and costs nothing.
    """

    def __init__(self, original: str, normal: str, offsets: Sequence[int] | None = None) -> None:
        self.original = original
        self.normal = normal
        self.offsets = offsets

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `normal[start:end]` was made from; an empty span stays empty."""
        if self.offsets is None:
            return start, end
        first = self.offsets[start]
        if start >= end:
            return first, first
        # Of a character that became several, all begin at the same place: its end is where the next one begins.
        while self.offsets[end] == self.offsets[end - 1]:
            end += 1
        return first, self.offsets[end]

    @cached_property
    def utf8(self) -> bytes:
        return self.normal.encode("utf-8", "surrogatepass")

    def char_at(self, byte: int) -> int:
        """The character offset of a byte offset into `utf8`."""
        if len(self.utf8) == len(self.normal):
            return byte
        starts, extra = self._wide
        position = bisect_left(starts, byte)
        return byte - extra[position]

    @cached_property
    def _wide(self) -> tuple[list[int], list[int]]:
        """Byte offsets at which characters of several bytes begin, and how many bytes beyond one they took so far."""
        starts: list[int] = []
        extra = [0]
        for match in _NON_ASCII.finditer(self.normal):
            starts.append(match.start() + extra[-1])
            extra.append(extra[-1] + len(match[0].encode("utf-8", "surrogatepass")) - 1)
        return starts, extra
