"""The words that a pattern cannot do without, read off the pattern that hints at it.

A label such as `(?:tax|vat)[ _-]?(?:no|number)` stands for a few words only. Where all of them can be written down,
one search for plain words tells whether the pattern can match, and no automaton of patterns has to be built for it.
"""

from collections.abc import Set
from dataclasses import dataclass

_FLAGS = "(?i)"
_AFTER_EDGE = r"(?:\b|_)"
_MOST_WORDS = 1_000
_GROUPS = ("(?:", "(?i:", "(?-i:", "(?P<value>")
# Signs of our own inside words: no more is known of what follows; here is an edge of a word.
_CUT = "\0"
_EDGE = "\1"


@dataclass(frozen=True, slots=True)
class Word:
    """`text` is in lower case. At an edge no ASCII letter or digit goes on."""

    text: str
    edge_before: bool = False
    edge_after: bool = False

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether it is this word that stands at `start` to `end` of `text`, and not a part of a longer one."""
        return not (self.edge_before and _goes_on(text[start - 1 : start])) and not (
            self.edge_after and _goes_on(text[end : end + 1])
        )


class _NotWordsError(Exception):
    """What was read stands for more than a few words."""


def words_of(hint: str) -> frozenset[Word] | None:
    """Words of which each match of `hint` has one; `None` where there are too many, or there is nothing to say.

    Only what ignores case is read: labels do.
    """
    if not hint.startswith(_FLAGS):
        return None
    try:
        written = _Reader(hint.removeprefix(_FLAGS)).words()
    except _NotWordsError:
        return None
    words = frozenset(map(_word, written))
    return None if any(len(word.text) < 2 for word in words) else words


def folded(text: str) -> str:
    """`text`, normalised, in the case of the words. Of `İ` lower case would make an ASCII letter, and RE2 does not."""
    return text.replace("İ", " ").lower()


def _word(written: str) -> Word:
    text = written.replace(_CUT, "").replace(_EDGE, "")
    bare = written.removesuffix(_CUT)
    return Word(text, bare.startswith(_EDGE) and _goes_on(text[:1]), bare.endswith(_EDGE) and _goes_on(text[-1:]))


def _goes_on(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


class _Reader:
    """Reads the part of RE2's syntax that labels use."""

    def __init__(self, regex: str) -> None:
        self._regex = regex
        self._at = 0

    def words(self) -> set[str]:
        words = self._choice()
        if self._at < len(self._regex):
            raise _NotWordsError
        return words

    def _choice(self) -> set[str]:
        words = self._sequence()
        while self._skip("|"):
            words |= self._sequence()
        return words

    def _sequence(self) -> set[str]:
        words = {""}
        while self._at < len(self._regex) and self._regex[self._at] not in "|)":
            words = _joined(words, self._repeated(self._atom()))
        return words

    def _repeated(self, words: set[str]) -> set[str]:
        many = self._skip("*") or self._skip("+") or self._skip_braces()
        optional = self._skip("?")
        if many:
            return {_CUT}
        return words | {""} if optional else words

    def _atom(self) -> set[str]:
        if self._skip(_AFTER_EDGE):
            return {_EDGE}
        for group in _GROUPS:
            if self._skip(group):
                words = self._choice()
                if not self._skip(")"):
                    raise _NotWordsError
                return words
        sign = self._next()
        if sign == "[":
            return self._one_of()
        if sign == "\\":
            return self._escaped()
        if sign in "^$.(":
            raise _NotWordsError
        return {sign.lower()}

    def _one_of(self) -> set[str]:
        signs: set[str] = set()
        plain = not self._skip("^")
        while (sign := self._next()) != "]":
            if sign == "\\" or (sign == "-" and signs and self._regex[self._at : self._at + 1] != "]"):
                sign, plain = self._next(), False
            signs.add(sign.lower())
        if not signs or "[" in signs:  # a `]` of its own, or a class by its name
            raise _NotWordsError
        return signs if plain else {_CUT}

    def _escaped(self) -> set[str]:
        sign = self._next()
        if sign == "b":
            return {_EDGE}
        if sign in "pPx" and not self._skip_braces():
            self._next()
        return {_CUT} if sign.isalnum() else {sign}

    def _skip_braces(self) -> bool:
        if not self._skip("{"):
            return False
        while self._next() != "}":
            pass
        return True

    def _next(self) -> str:
        if self._at >= len(self._regex):
            raise _NotWordsError
        self._at += 1
        return self._regex[self._at - 1]

    def _skip(self, text: str) -> bool:
        found = self._regex.startswith(text, self._at)
        self._at += len(text) * found
        return found


def _joined(heads: Set[str], tails: Set[str]) -> set[str]:
    if len(heads) * len(tails) > _MOST_WORDS:
        bare = {head for head in heads if not head.strip(_EDGE)}
        return {head.removesuffix(_CUT) + _CUT for head in heads - bare} | {a + b for a in bare for b in tails}
    return {head if head.endswith(_CUT) else head + tail for head in heads for tail in tails}
