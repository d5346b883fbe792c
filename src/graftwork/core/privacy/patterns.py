"""Recognizers that are made of patterns: one linear-time pass finds out which patterns can match at all.

RE2 (https://github.com/google/re2) has no backtracking, so no input makes a pattern slow. Its `\\w`, `\\d` and
`\\b` know ASCII only: write `\\pL` and `\\pN` for letters and digits of every script, and put the edges in the pattern
or the check.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.text import Text

Check = Callable[[str], bool]
Locate = Callable[[str], Iterable[tuple[int, int]]]

# What RE2 may keep of the automaton it builds as it reads. Beyond this it starts anew, which is slow but loses nothing.
SET_MEMORY_BYTES = 64 * 2**20
PATTERN_MEMORY_BYTES = 16 * 2**20


def anything(value: str) -> bool:  # noqa: ARG001 - the signature of a check
    """For patterns that need no further proof."""
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a kind of value is written.

    `regex` is RE2 syntax and reads normalised text. A named group `value` marks the part that is sensitive, where
    that is not the whole match; what stands before it is context. `check` proves the value (a checksum, a length, a
    known prefix) and gets it as it stands, with its separators.

    `hint` is a simpler pattern that matches wherever `regex` does, such as the label alone: the pass over all patterns
    reads hints, and long patterns would fill its memory. `locate` gives the spans inside the value that are meant,
    where a candidate may hold several or be longer than what it holds. With `overlapping` the search goes on right
    behind what was located, or one byte on where nothing was: only for patterns that match a bounded length.
    """

    kind: Kind
    regex: str
    reason: str
    check: Check = anything
    score: float = 0.6
    hint: str = ""
    locate: Locate | None = None
    overlapping: bool = False


@dataclass(frozen=True, slots=True)
class PatternRecognizer:
    """All patterns of one subject, from one file."""

    name: str
    patterns: tuple[Pattern, ...]


class PatternSet:
    """Every pattern of the chosen recognizers, compiled once; thread-safe."""

    name = "patterns"

    def __init__(self, recognizers: Iterable[PatternRecognizer]) -> None:
        self._rules: list[tuple[str, Pattern, re2._Regexp, int]] = []
        self._set = re2.Set.SearchSet(_options(SET_MEMORY_BYTES))
        for recognizer in recognizers:
            for pattern in recognizer.patterns:
                compiled = re2.compile(pattern.regex, _options(PATTERN_MEMORY_BYTES))
                self._rules.append((recognizer.name, pattern, compiled, compiled.groupindex.get("value", 0)))
                self._set.Add(pattern.hint or pattern.regex)
        # It matches every text. RE2 reports a set that ran out of memory as one in which nothing matched.
        self._witness = self._set.Add("")
        self._set.Compile()

    def find(self, text: Text) -> Iterator[Finding]:
        """Findings in `text`, in no order, with offsets into its normal form."""
        for index in self._possible(text.utf8):
            name, pattern, compiled, group = self._rules[index]
            for start, end in _spans(pattern, compiled, group, text):
                yield Finding(start, end, pattern.kind, name, pattern.reason, pattern.score)

    def _possible(self, utf8: bytes) -> Iterable[int]:
        """Indices of the rules that can match; all of them where the pass over the set failed."""
        matched = self._set.Match(utf8) or ()
        if self._witness not in matched:
            return range(len(self._rules))
        return (index for index in matched if index != self._witness)


def _options(memory_bytes: int) -> re2.Options:
    options = re2.Options()
    options.max_mem = memory_bytes
    options.log_errors = False  # RE2 would write the pattern to standard error
    return options


def _spans(pattern: Pattern, compiled: re2._Regexp, group: int, text: Text) -> Iterator[tuple[int, int]]:
    if pattern.overlapping:
        yield from _overlapping_spans(pattern, compiled, text)
        return
    for match in compiled.finditer(text.utf8):
        first, last = match.span(group)
        if first < last:
            yield from _proved(pattern, text, text.char_at(first), text.char_at(last))


def _overlapping_spans(pattern: Pattern, compiled: re2._Regexp, text: Text) -> Iterator[tuple[int, int]]:
    position = 0
    while (match := compiled.search(text.utf8, position)) is not None:
        first, last = match.span()
        position = first + 1
        for start, end in _proved(pattern, text, text.char_at(first), text.char_at(last)):
            yield start, end
            position = max(position, first + len(text.normal[text.char_at(first) : end].encode()))


def _proved(pattern: Pattern, text: Text, start: int, end: int) -> Iterator[tuple[int, int]]:
    value = text.normal[start:end]
    if pattern.locate is not None:
        yield from ((start + low, start + high) for low, high in pattern.locate(value))
    elif pattern.check(value):
        yield start, end


def kinds_of(recognizers: Sequence[PatternRecognizer]) -> frozenset[Kind]:
    return frozenset(pattern.kind for recognizer in recognizers for pattern in recognizer.patterns)
