"""Runs of capitalised words: `Mr John van der Berg`, `University of Oslo`. All that names somebody or something is one.

One regular expression finds the runs (a character class to begin with, no nested repetition, so it is linear), then
every word is looked up once. The recognizers of names, places, organisations and addresses read the same runs.
"""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graftwork.core.privacy.vocabulary import Vocabulary

_ABBREVIATIONS = "Mr|Mrs|Ms|Dr|Prof|St|Rev|Fr|Sr|Sra|Mme|Mlle|Jr|Hon|Capt|Col|Gen|Lt|Sgt|Sen|Gov|Av|Avda|Mt|Ft"

_FIRST_PLANE = 0x10000
_LOOK_BACK = 40


@cache
def capital_letters() -> str:
    """Every capital letter, as the inside of a character class: `re` has no `\\p{Lu}`.

    Only of Unicode's first plane: `re` seeks a class that reaches beyond it ten times slower.
    """
    capitals = [code for code in range(_FIRST_PLANE) if chr(code).isupper() or chr(code).istitle()]
    ranges, start = [], capitals[0]
    for before, code in zip(capitals, [*capitals[1:], 0], strict=True):
        if code != before + 1:
            ranges.append(chr(start) if start == before else f"{chr(start)}-{chr(before)}")
            start = code
    return "".join(ranges)


_CAPITAL = f"[{capital_letters()}]"
_INITIALS = rf"\.(?:-?{_CAPITAL}\.)*(?![^\W_])"
# Only behind a word with a full stop is it asked which abbreviation it is.
_SHORTENED = "|".join(rf"(?<={short}\.)(?<![^\W_]{short}\.)" for short in _ABBREVIATIONS.split("|"))
_REST = rf"[^\W_]*+(?:\.(?=[ \t])(?:{_SHORTENED})|(?:['’.&-][^\W_]++)*+)"
# The capital comes first, so that `re` can skip to it.
_WORD = rf"{_CAPITAL}(?<![^\W_].)(?:{_INITIALS}|{_REST})"
_JOINT = (
    r"(?:of|and|&|the|for|in|de|del|della|da|di|do|dos|du|la|le|las|los|van|von|der|den|ter|ten|zu|zum|el|al|bin|ibn|y|e"
    r"|und|et)"
)
_GAP = r"[ \t\u00a0]"
# Longer ones, as of a list without commas, are cut: what reads a run may look at each of its words for each.
_LONGEST = 40
RUN = re.compile(rf"{_WORD}(?:{_GAP}(?:{_WORD}|(?:{_JOINT}{_GAP}){{1,3}}+{_WORD})){{0,{_LONGEST - 1}}}+")
_SENTENCE_ENDS = frozenset('.!?:;\n>|*•·–—"“”‘([{#\t')


@dataclass(slots=True)
class Word:
    start: int
    end: int
    text: str
    flags: int


@dataclass(slots=True)
class Run:
    """Words in a row. `first` tells that a sentence or line begins here, where a capital says nothing."""

    start: int
    end: int
    words: list[Word]
    first: bool
    use: int
    """Every flag that one of the words has."""


def runs_of(text: str, vocabulary: Vocabulary, skip: int) -> Iterator[Run]:
    """Every run of `text` but single words that have one of the flags `skip` and no other use."""
    flags_of = vocabulary.memo.__getitem__
    for match in RUN.finditer(text):
        start, end = match.span()
        pieces = match[0].split()
        flags = list(map(flags_of, pieces))
        if len(pieces) == 1 and flags[0] & skip and not flags[0] & ~skip:
            continue
        words = []
        at = start
        use = 0
        for piece, flag in zip(pieces, flags, strict=True):
            last = at + len(piece)
            words.append(Word(at, last, piece, flag))
            use |= flag
            at = last + 1  # A gap is one character.
        yield Run(start, end, words, starts_sentence(text, start), use)


def starts_sentence(text: str, start: int) -> bool:
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in _SENTENCE_ENDS


def last_word(text: str, start: int) -> str:
    """The last of the words that `before` gives; empty if there are none."""
    line = text[max(0, start - _LOOK_BACK) : start].rpartition("\n")[2].rsplit(None, 1)
    return line[-1].lower() if line else ""


def before(text: str, start: int, words: int = 3) -> list[str]:
    """The last words before `start` on the same line, in lower case."""
    line = text[max(0, start - _LOOK_BACK) : start].rpartition("\n")[2]
    return line.lower().split()[-words:]
