"""Putting values back, in text that comes in pieces: the result is the same however it was split."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from graftwork.core.privacy import sinks
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.mangling import LONGEST, Mangled, Wait, next_mangled
from graftwork.core.privacy.placeholders import LABELS, Placeholder
from graftwork.core.privacy.sinks import DEFAULT, Escape, SinkPolicy, SinkTracker, plain
from graftwork.core.privacy.surrogates import LONGEST_SURROGATE, surrogate_pattern

HOLD_BACK = max(LONGEST, LONGEST_SURROGATE + 1)
"""The most characters that `Restorer` keeps back, waiting for what comes after them."""


@dataclass(frozen=True, slots=True, repr=False)
class Restored:
    """Text with its values in it, and how many placeholders were put back, not known, and left because of the sink."""

    text: str
    restored: int
    unknown: int
    withheld: int

    def __repr__(self) -> str:
        return f"Restored(restored={self.restored}, unknown={self.unknown}, withheld={self.withheld})"


class Restorer:
    """One answer on its way back. `feed` returns what is certain so far; `close` the rest.

    Placeholders are taken in any form of `mangling`; one that the book does not have stays as it is, and so does one
    in a sink that the policy withholds. Values are inserted as they are, written by `escape`, and never read again.
    The book is read as it is when a placeholder passes; surrogates are those it has when the answer begins.
    """

    def __init__(self, book: Book, *, sinks: SinkPolicy = DEFAULT, escape: Escape = plain) -> None:
        self.restored = 0
        self.unknown = 0
        self.withheld = 0
        self._book = book
        self._policy = sinks
        self._escape = escape
        self._tracker = SinkTracker()
        self._before = "\n"
        self._held = ""
        # Where no sink makes a difference, none is looked for.
        self._tracks = {sinks.prose, sinks.link, sinks.image} != {"restore"}
        self._surrogates = sorted(book.surrogates)
        self._surrogate_pattern = surrogate_pattern(book.surrogates)

    def feed(self, piece: str) -> str:
        return self._advance(piece, closed=False)

    def close(self) -> str:
        """What was held back. Nothing may be fed after it."""
        return self._advance("", closed=True)

    def _advance(self, piece: str, *, closed: bool) -> str:
        text = self._before + self._held + piece
        at = len(self._before)
        out: list[str] = []
        for found in self._found(text, at, closed):
            self._pass(text, at, found.start, out)
            at = found.start
            if isinstance(found, Wait):
                break
            written = text[found.start : found.end]
            out.append(self._shown(found.placeholder, written) if self._accepts(found) else written)
            at = found.end
        else:
            self._pass(text, at, len(text), out)
            at = len(text)
        self._held = text[at:]
        self._before = text[max(0, at - sinks.LOOK_BACK) : at]
        return "".join(out)

    def _found(self, text: str, at: int, closed: bool) -> Iterator[Mangled | Wait]:
        """Placeholders and surrogates in their order; a `Wait` is the last."""
        mangled = next_mangled(text, at, closed=closed)
        surrogate = self._next_surrogate(text, at, closed)
        while mangled is not None or surrogate is not None:
            found = _first(mangled, surrogate)
            yield found
            if isinstance(found, Wait):
                return
            if mangled is not None and mangled.start < found.end:
                mangled = next_mangled(text, found.end, closed=closed)
            if surrogate is not None and surrogate.start < found.end:
                surrogate = self._next_surrogate(text, found.end, closed)

    def _next_surrogate(self, text: str, at: int, closed: bool) -> Mangled | Wait | None:
        if self._surrogate_pattern is None:
            return None
        waits = None if closed else self._begun_surrogate(text, at)
        match = self._surrogate_pattern.search(text, at)
        if match is None or (waits is not None and waits <= match.start()):
            return None if waits is None else Wait(waits)
        return Mangled(match.start(), match.end(), self._book.of_surrogate(match[0]), "bare")

    def _begun_surrogate(self, text: str, at: int) -> int | None:
        for start in range(max(at, len(text) - LONGEST_SURROGATE), len(text)):
            rest = text[start:]
            place = bisect_left(self._surrogates, rest)
            if place < len(self._surrogates) and self._surrogates[place].startswith(rest):
                return start
        return None

    def _pass(self, text: str, start: int, end: int, out: list[str]) -> None:
        """Let `text[start:end]` through as it is."""
        if start < end:
            out.append(text[start:end])
            if self._tracks:
                self._tracker.read(text, start, end)

    def _accepts(self, found: Mangled) -> bool:  # noqa: ARG002 - for a subclass that takes fewer forms
        return True

    def _shown(self, placeholder: Placeholder | None, written: str) -> str:
        value = None if placeholder is None else self._book.value_of(placeholder)
        if value is None:
            self.unknown += 1
            return written
        rule = self._policy.rule(self._tracker.sink)
        # A literal is what somebody typed in the form of a placeholder (`<input name="address_1">`): nobody's value.
        if rule == "withhold" and placeholder is not None and placeholder.label != LABELS["literal"]:
            self.withheld += 1
            return written
        self.restored += 1
        return self._escape(sinks.url(value) if rule == "encode" else value)


def _first(one: Mangled | Wait | None, other: Mangled | Wait | None) -> Mangled | Wait:
    if one is None or other is None:
        found = one or other
        assert found is not None
        return found
    return other if other.start < one.start else one


def restore(text: str, book: Book, *, sinks: SinkPolicy = DEFAULT, escape: Escape = plain) -> Restored:
    """The whole of a text at once."""
    restorer = Restorer(book, sinks=sinks, escape=escape)
    whole = restorer.feed(text) + restorer.close()
    return Restored(whole, restorer.restored, restorer.unknown, restorer.withheld)
