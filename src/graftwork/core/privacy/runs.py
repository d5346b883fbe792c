"""Runs of capitalised words: `Mr John van der Berg`, `University of Oslo`. All that names somebody or something is one.

One regular expression finds the runs (a character class to begin with, no nested repetition, so it is linear), then
every word is looked up once. The recognizers of names, places, organisations and addresses read the same runs.
"""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from graftwork.core.privacy.vocabulary import Vocabulary

_ABBREVIATIONS = "Mr|Mrs|Ms|Dr|Prof|St|Rev|Fr|Sr|Sra|Mme|Mlle|Jr|Hon|Capt|Col|Gen|Lt|Sgt|Sen|Gov|Av|Avda|Mt|Ft"


@cache
def capital_letters() -> str:
    """Every capital letter, as the inside of a character class: `re` has no `\\p{Lu}`."""
    capitals = [code for code in range(sys.maxunicode) if chr(code).isupper() or chr(code).istitle()]
    ranges, start = [], capitals[0]
    for before, code in zip(capitals, [*capitals[1:], 0], strict=True):
        if code != before + 1:
            ranges.append(chr(start) if start == before else f"{chr(start)}-{chr(before)}")
            start = code
    return "".join(ranges)


_CAPITAL = f"[{capital_letters()}]"
_INITIALS = rf"\.(?:-?{_CAPITAL}\.)*(?![^\W_])"
# The capital comes first, so that `re` can skip to it; a lookbehind then proves which abbreviation it began.
_SHORTENED = "|".join(rf"{short[1:]}\.(?<={short}\.)" for short in _ABBREVIATIONS.split("|"))
_WORD = rf"{_CAPITAL}(?<![^\W_].)(?:(?:{_SHORTENED})(?=[ \t])|{_INITIALS}|[^\W_]*(?:['’.&-][^\W_]+)*)"
_JOINT = (
    r"(?:of|and|&|the|for|in|de|del|della|da|di|do|dos|du|la|le|las|los|van|von|der|den|ter|ten|zu|zum|el|al|bin|ibn|y|e"
    r"|und|et)"
)
_GAP = r"(?:[ \t]|(?<=[^\W\d_]\.)[ \t]|\u00a0)"
RUN = re.compile(rf"{_WORD}(?:{_GAP}(?:{_JOINT}{_GAP}){{0,3}}{_WORD})*")
WORD = re.compile(r"[^\s]+")
_BEFORE = re.compile(r"[^\W_][^\W_'’-]*[.:,]?$")
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


def runs_of(text: str, vocabulary: Vocabulary, skip: int) -> Iterator[Run]:
    """Every run of `text` but single words that have one of the flags `skip` and no other use."""
    flags_of = vocabulary.flags
    for match in RUN.finditer(text):
        found = match[0]
        start, end = match.span()
        if " " not in found and "\t" not in found and "\u00a0" not in found:
            flags = flags_of(found)
            if flags & skip and not flags & ~skip:
                continue
            yield Run(start, end, [Word(start, end, found, flags)], starts_sentence(text, start))
        else:
            words = [
                Word(start + word.start(), start + word.end(), word[0], flags_of(word[0]))
                for word in WORD.finditer(found)
            ]
            yield Run(start, end, words, starts_sentence(text, start))


def starts_sentence(text: str, start: int) -> bool:
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in _SENTENCE_ENDS


def before(text: str, start: int, words: int = 3) -> list[str]:
    """The last words before `start` on the same line, in lower case."""
    line = text[max(0, start - 40) : start].rpartition("\n")[2]
    return line.lower().split()[-words:]
