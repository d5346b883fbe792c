"""Recognizers that are made of patterns: one linear-time pass finds out which patterns can match at all.

RE2 (https://github.com/google/re2) has no backtracking, so no input makes a pattern slow. Its `\\w`, `\\d` and
`\\b` know ASCII only: write `\\pL` and `\\pN` for letters and digits of every script, and put the edges in the pattern
or the check.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import re2
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.label_words import Word, folded, words_of
from graftwork.core.privacy.text import Text

Check = Callable[[str], bool]
Locate = Callable[[str], Iterable[tuple[int, int]]]

# What RE2 may keep of the automaton it builds as it reads. Beyond this it starts anew, which is slow but loses nothing.
SET_MEMORY_BYTES = 16 * 2**20
PATTERN_MEMORY_BYTES = 16 * 2**20

WORDS_IN_ONE_PASS = 8
FIGURES_IN_ONE_PASS = 18


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
        rules_of: dict[str, list[int]] = {}
        for recognizer in recognizers:
            for pattern in recognizer.patterns:
                compiled = re2.compile(pattern.regex, _options(PATTERN_MEMORY_BYTES))
                rules_of.setdefault(pattern.hint or pattern.regex, []).append(len(self._rules))
                self._rules.append((recognizer.name, pattern, compiled, compiled.groupindex.get("value", 0)))
        words_by_hint = {hint: words_of(hint) for hint in rules_of}
        self._labels = _Labels(
            [(word, rules_of[hint]) for hint, words in words_by_hint.items() if words is not None for word in words]
        )
        others = [hint for hint, words in words_by_hint.items() if words is None]
        self._passes = [_Pass(hints, rules_of) for hints in _groups(others)]

    def warm(self) -> None:
        """Compile now what RE2 leaves to the first match of each pattern: backwards, which takes up to 80 ms for one.

        Takes about 0.7 s and 13 MB for all of them.
        """
        for _, _, compiled, _ in self._rules:
            _ = compiled.reverseprogramsize  # asking for its size has it compiled

    def find(self, text: Text) -> Iterator[Finding]:
        """Findings in `text`, in no order, with offsets into its normal form."""
        for index in self._possible(text):
            name, pattern, compiled, group = self._rules[index]
            for start, end in _spans(pattern, compiled, group, text):
                yield Finding(start, end, pattern.kind, name, pattern.reason, pattern.score)

    def _possible(self, text: Text) -> Iterator[int]:
        """Indices of the rules that can match."""
        yield from self._labels.possible(text.normal)
        for one in self._passes:
            yield from one.possible(text.utf8)


class _Labels:
    """The words of all labels in one search, and the rules that each is needed by.

    Found by Aho and Corasick's automaton (CACM 18(6), 1975), which is complete from the beginning. A set of RE2 makes
    a state for every subset of hints that a text has matched so far, so each new text costs it new ones.
    """

    def __init__(self, rules_by_word: Iterable[tuple[Word, Iterable[int]]]) -> None:
        needed: dict[str, dict[Word, set[int]]] = {}
        for word, rules in rules_by_word:
            needed.setdefault(word.text, {}).setdefault(word, set()).update(rules)
        self._needed = [tuple((word, frozenset(rules)) for word, rules in by.items()) for by in needed.values()]
        self._automaton = AhoCorasick(
            list(needed), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def possible(self, normal: str) -> set[int]:
        """Rules one of whose words is there."""
        text = folded(normal)
        found: set[int] = set()
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for word, rules in self._needed[index]:
                if not rules <= found and word.stands(text, start, end):
                    found |= rules
        return found


class _Pass:
    """A few hints in one automaton, and the rules that each stands for."""

    def __init__(self, hints: Sequence[str], rules_of: Mapping[str, Sequence[int]]) -> None:
        self._rules = [rules_of[hint] for hint in hints]
        self._set = re2.Set.SearchSet(_options(SET_MEMORY_BYTES))
        for hint in hints:
            self._set.Add(hint)
        # It matches every text. RE2 reports a set that ran out of memory as one in which nothing matched.
        self._witness = self._set.Add(r"\A")
        self._set.Compile()
        self._nothing = [self._witness]

    def possible(self, utf8: bytes) -> Iterable[int]:
        """Rules whose hint matched; all of them where the pass failed."""
        matched = self._set.Match(utf8) or ()
        if matched == self._nothing:
            return ()
        if self._witness not in matched:
            matched = range(len(self._rules))
        return chain.from_iterable(self._rules[index] for index in matched if index != self._witness)


def _groups(hints: Sequence[str]) -> Iterator[list[str]]:
    """Hints that are alike, words or figures, in groups.

    In one automaton the states of patterns multiply, and RE2 builds them while it reads: with all in one, 1,000
    characters that are new to it took 2 ms, in groups of this size 0.2, and no more than 0.06 once they are built.
    """
    words = [hint for hint in hints if hint.startswith("(?i)")]
    figures = [hint for hint in hints if not hint.startswith("(?i)")]
    for kind, size in ((words, WORDS_IN_ONE_PASS), (figures, FIGURES_IN_ONE_PASS)):
        yield from (kind[start : start + size] for start in range(0, len(kind), size))


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
    if pattern.kind == "address":
        end = _without_cut_letter(text.normal, start, end)
    value = text.normal[start:end]
    if pattern.locate is not None:
        yield from ((start + low, start + high) for low, high in pattern.locate(value))
    elif pattern.check(value):
        yield start, end


def _without_cut_letter(text: str, start: int, end: int) -> int:
    """Where an address ends that took the first letter of the next word for that of a house: `5 f` of `5 für`.

    RE2's `\\b` knows the letters of ASCII only, so to it a word ends before `ü`.
    """
    if text[end : end + 1].isalpha() and not text[end].isascii():
        before = text[start : end - 1]
        if text[end - 1].isalpha() and before[-1:] in " 0123456789":
            return start + len(before.rstrip(" "))
    return end
