"""Recognizers that are made of patterns: one linear-time pass finds out which patterns can match at all.

RE2 (https://github.com/google/re2) has no backtracking, so no input makes a pattern slow. Its `\\w`, `\\d` and `\\b` know
ASCII only: write `\\pL` and `\\pN` for letters and digits of every script, and put the edges in the pattern or the check.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.text import Text

Check = Callable[[str], bool]


def anything(value: str) -> bool:  # noqa: ARG001 - the signature of a check
    """For patterns that need no further proof."""
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a kind of value is written.

    `regex` is RE2 syntax and reads normalised text. A named group `value` marks the part that is sensitive, where
    that is not the whole match; what stands before it is context. `check` proves the value (a checksum, a length, a
    known prefix) and gets it as it stands, with its separators.
    """

    kind: Kind
    regex: str
    reason: str
    check: Check = anything
    score: float = 0.6


@dataclass(frozen=True, slots=True)
class PatternRecognizer:
    """All patterns of one subject, from one file."""

    name: str
    patterns: tuple[Pattern, ...]


class PatternSet:
    """Every pattern of the chosen recognizers, compiled once; thread-safe."""

    def __init__(self, recognizers: Iterable[PatternRecognizer]) -> None:
        self._rules: list[tuple[str, Pattern, re2._Regexp, int]] = []
        self._set = re2.Set.SearchSet()
        for recognizer in recognizers:
            for pattern in recognizer.patterns:
                compiled = re2.compile(pattern.regex)
                self._rules.append((recognizer.name, pattern, compiled, compiled.groupindex.get("value", 0)))
                self._set.Add(pattern.regex)
        self._set.Compile()

    def find(self, text: Text) -> Iterator[Finding]:
        """Findings in `text`, in no order, with offsets into its normal form."""
        for index in self._set.Match(text.utf8):
            name, pattern, compiled, group = self._rules[index]
            for match in compiled.finditer(text.utf8):
                first, last = match.span(group)
                if first < last and pattern.check(text.utf8[first:last].decode()):
                    yield Finding(
                        text.char_at(first), text.char_at(last), pattern.kind, name, pattern.reason, pattern.score
                    )


def kinds_of(recognizers: Sequence[PatternRecognizer]) -> frozenset[Kind]:
    return frozenset(pattern.kind for recognizer in recognizers for pattern in recognizer.patterns)
