"""Organisations: the legal form after a name, and heads such as `University` or `Bank` with a name beside them.

Public bodies that everybody shares (`the Supreme Court`, `Ministry of Finance`) name nobody and are left.
"""

from collections.abc import Iterator
from itertools import pairwise

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.runs import Run, Word
from graftwork.core.privacy.vocabulary import (
    CALENDAR,
    COUNTRY,
    GENERIC,
    GIVEN,
    GROUP,
    HONORIFIC,
    INITIAL,
    ORDINARY,
    ORG_HEAD,
    ORG_SUFFIX,
    PARTICLE,
    PLACE,
    PLACE_HEAD,
    PLAIN,
    PUBLIC,
    STREET,
    SURNAME,
    TITLE,
)

_SHARED = ORDINARY | PUBLIC | GENERIC | PARTICLE | COUNTRY | GROUP | PLACE | CALENDAR | PLACE_HEAD | STREET | TITLE
_WEAK_SUFFIXES = frozenset(
    ("as", "se", "sa", "co", "sl", "ab", "oy", "bv", "nv", "ag", "kg", "lp", "spa", "group", "partners", "solutions")
)
_WORDS_IN_A_ROW = 4  # `A, B and C`

Span = tuple[int, int, float, str]


def firms(text: str, runs: list[Run]) -> Iterator[Finding]:
    """`White, Willis and Hoffman`: three surnames in a row are a firm more often than three people."""
    for first, second in pairwise(runs):
        if second.start - first.end != 2 or len(first.words) + len(second.words) != _WORDS_IN_A_ROW:
            continue
        words = [*first.words, *second.words]
        if (
            text[first.end : second.start] == ", "
            and words[2].text == "and"
            and all(_may_be_surname(word) for word in (words[0], words[1], words[3]))
        ):
            yield Finding(first.start, second.end, "organisation", "organisations", "surnames in a row", 0.76)


def _may_be_surname(word: Word) -> bool:
    return bool(word.flags & SURNAME) or not word.flags & (PLAIN | GIVEN | PLACE | COUNTRY)


def organisation(words: list[Word]) -> Span | None:
    """The words `first` to `last` (exclusive) that name an organisation, how sure that is (0 to 1), and why."""
    if any(word.flags & HONORIFIC and not word.flags & ORDINARY for word in words):
        return None
    return _by_suffix(words) or _by_ampersand(words) or _by_head(words)


def _by_suffix(words: list[Word]) -> Span | None:
    for at in range(len(words) - 1, 0, -1):
        word = words[at]
        if word.flags & ORG_SUFFIX and word.text[0].isupper():
            if word.flags & ORDINARY and all(other.flags & (ORDINARY | PUBLIC | GENERIC) for other in words[:at]):
                return None
            return 0, at + 1, 0.78, "a name with the legal form of a company"
    return None


def _by_ampersand(words: list[Word]) -> Span | None:
    for at in range(1, len(words) - 1):
        if words[at].text == "&":
            if all(word.flags & (ORDINARY | GENERIC) for word in words if word.text != "&"):
                return None
            return 0, len(words), 0.65, "names joined by an ampersand"
        if words[at].text == "and" and words[at + 1].text.lower() in ("sons", "daughters", "co", "partners"):
            return 0, at + 2, 0.74, "a family firm"
    return None


def _by_head(words: list[Word]) -> Span | None:
    if len(words) < 2 or not any(word.flags & ORG_HEAD for word in words):
        return None
    if len(words) == 2 and words[0].flags & GIVEN and words[1].flags & SURNAME:
        return None  # `Emily Church`
    public = any(word.flags & PUBLIC and not word.flags & ORG_HEAD for word in words)
    own = [word for word in words if not word.flags & (_SHARED | ORG_HEAD) or word.flags & INITIAL]
    places = [word for word in words if word.flags & PLACE]
    if own or (places and not public):
        return 0, len(words), 0.66, "a name with a word for an organisation"
    return None
