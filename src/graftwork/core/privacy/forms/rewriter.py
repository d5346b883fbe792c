"""What a form asks of whoever masks or restores: which spans of its fields become what.

A form knows where the texts of a file stand and how a value must be written there. It does not know whether values
become placeholders or placeholders become values, so the same code serves both ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from graftwork.core.privacy.finding import Kind
from graftwork.core.privacy.sinks import Sink

Rule = Kind | Literal["detect", "keep"]


@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """One text of a file. `label` (a column, a key) is context for detection; `rule` says what to do with the text.

    A kind as the rule makes the whole text a value of that kind, whatever detection would say. `sink` is what the place
    makes of all of it; in prose an address that stands in the text is told by itself.
    """

    text: str
    label: str = ""
    rule: Rule = "detect"
    sink: Sink = "prose"


@dataclass(frozen=True, slots=True, repr=False)
class Swap:
    """`text[start:end]` becomes `new`. Offsets are characters, `end` exclusive."""

    start: int
    end: int
    new: str


class Rewriter(Protocol):
    """Masks or restores. Fields given together belong together: a value found in one is looked for in the others."""

    def swaps(self, fields: Sequence[Field]) -> list[list[Swap]]:
        """The swaps of each field, in order and without overlaps."""
        ...


def apply(text: str, swaps: Sequence[Swap]) -> str:
    pieces: list[str] = []
    done = 0
    for swap in swaps:
        pieces += (text[done : swap.start], swap.new)
        done = swap.end
    return "".join((*pieces, text[done:]))


def rewritten(rewriter: Rewriter, text: str, rule: Rule = "detect", label: str = "") -> str:
    """One text on its own."""
    [swaps] = rewriter.swaps([Field(text, label, rule)])
    return apply(text, swaps)
