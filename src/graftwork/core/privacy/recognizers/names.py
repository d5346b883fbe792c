"""Persons: honorifics, listed names, initials, words that introduce a name, and capitalised words nobody knows.

Nothing is decided by one list: a name that is also a word needs a second sign (another name beside it, a cue before it,
a place inside the sentence), and a word that no list knows is a person unless what stands before it says otherwise.
"""

from dataclasses import dataclass

from graftwork.core.privacy.runs import Word
from graftwork.core.privacy.vocabulary import (
    AMBIGUOUS,
    CALENDAR,
    CAPS,
    CODE,
    COMMON,
    COUNTRY,
    CUE,
    ENDING,
    GENERIC,
    GIVEN,
    GROUP,
    HONORIFIC,
    INITIAL,
    NAME,
    NAME_SUFFIX,
    ORDINARY,
    ORG_HEAD,
    ORG_SUFFIX,
    PARTICLE,
    PLACE,
    PLACE_HEAD,
    PUBLIC,
    STREET,
    SURNAME,
    TITLE,
)

_NEVER = GENERIC | CALENDAR | PUBLIC | ORG_HEAD | ORG_SUFFIX | COUNTRY | STREET | GROUP | PLACE_HEAD | HONORIFIC
_KNOWN = ORDINARY | _NEVER | PLACE | CODE | TITLE
_ENDS = _NEVER & ~STREET & ~PLACE_HEAD & ~GENERIC
_ACRONYM_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Person:
    """Words `first` to `last` (exclusive) of a run name a person; `sure` is from 0 to 1."""

    first: int
    last: int
    sure: float
    reason: str


def persons(words: list[Word], starts_sentence: bool, cued: bool) -> list[Person]:
    """The persons among `words`. `cued`: what stands before them introduces a person."""
    found: list[Person] = []
    at = 0
    while at < len(words):
        led = cued if at == 0 else bool(words[at - 1].flags & CUE)
        person = _person_at(words, at, starts_sentence and at == 0, led)
        if person:
            found.append(person)
            at = person.last
        else:
            at += 1
    return found


def _person_at(words: list[Word], at: int, starts_sentence: bool, cued: bool) -> Person | None:
    flags = words[at].flags
    if flags & HONORIFIC and not flags & (GIVEN | SURNAME):
        return _after_honorific(words, at)
    if flags & TITLE and at + 1 < len(words) and not words[at + 1].flags & (_KNOWN | CAPS):
        last = _extend(words, at + 1)
        return Person(at + 1, last, 0.7, "a name after a title")
    if not _may_begin(words, at, starts_sentence, cued):
        return None
    last = _extend(words, at)
    return _judge(words, at, last, cued)


def _after_honorific(words: list[Word], at: int) -> Person | None:
    first = at + 1
    while first < len(words) and words[first].flags & (HONORIFIC | TITLE) and first + 1 < len(words):
        first += 1
    if first >= len(words) or (words[first].text[0].islower() and not words[first].flags & PARTICLE):
        return None
    if words[first].flags & (ORG_SUFFIX | CALENDAR):
        return None
    return Person(first, max(first + 1, _extend(words, first)), 0.9, "a name after an honorific")


def _may_begin(words: list[Word], at: int, starts_sentence: bool, cued: bool) -> bool:
    flags = words[at].flags
    following = words[at + 1].flags if at + 1 < len(words) else None
    if words[at].text[0].islower() or not words[at].text.strip("Xx-"):
        return False  # `XXX-XXXX` stands for what is left out.
    if flags & NAME and not flags & AMBIGUOUS:
        return not flags & (ORG_SUFFIX | STREET) or following is not None
    if flags & AMBIGUOUS and flags & CAPS and not (following and following & NAME and not following & ORDINARY):
        return False  # A shouted word.
    if flags & AMBIGUOUS:
        return _ambiguous_begins(flags, following, starts_sentence, cued)
    if flags & INITIAL:
        return following is not None and (not following & _KNOWN or bool(following & (NAME | INITIAL)))
    if flags & _KNOWN:
        if flags & (_NEVER | TITLE | CODE | PLACE) or not flags & ORDINARY:
            return False
        if following is not None and _is_name(following) and not starts_sentence:
            return cued or not flags & COMMON
        return cued and not flags & COMMON
    return (
        not flags & CAPS or len(words[at].text) > _ACRONYM_LENGTH or (following is not None and bool(following & NAME))
    )


def _ambiguous_begins(flags: int, following: int | None, starts_sentence: bool, cued: bool) -> bool:
    if cued:
        return not flags & CALENDAR
    if following is not None and flags & GIVEN and (_is_name(following) or following & INITIAL):
        return True
    return bool(flags & GIVEN) and not starts_sentence and not flags & (CALENDAR | GENERIC)


def _is_name(flags: int) -> bool:
    return bool(flags & NAME) or not flags & _KNOWN


def _extend(words: list[Word], first: int) -> int:
    """Where the name that begins at `first` ends (exclusive)."""
    at = first + 1
    given = bool(words[first].flags & GIVEN)
    whole = bool(words[first].flags & (GIVEN | SURNAME | INITIAL))  # Only listed names and initials so far.
    while at < len(words):
        flags = words[at].flags
        if words[at].text[0].islower():
            if not flags & PARTICLE or at + 1 >= len(words) or (words[at].text in ("y", "e") and not given):
                break
        elif flags & (NAME | NAME_SUFFIX | INITIAL) and not flags & (CALENDAR | GENERIC):
            given = given or bool(flags & GIVEN)
        elif flags & _ENDS or flags & CODE:
            break
        elif flags & (ORDINARY | PLACE):
            rare = at == first + 1 and not flags & (COMMON | PLACE)  # A word, but seldom: `Asya Godina`.
            if not (whole and given) and not rare and words[at - 1].text[0].isupper():
                break
            whole = False
        at += 1
    while words[at - 1].text[0].islower():
        at -= 1
    return at


def _judge(words: list[Word], first: int, last: int, cued: bool) -> Person | None:
    taken = words[first:last]
    given = any(word.flags & GIVEN and not word.flags & AMBIGUOUS for word in taken)
    listed = any(word.flags & NAME for word in taken)
    if cued:
        return Person(first, last, 0.75, "a name after words that introduce one")
    if given and len(taken) > 1:
        return Person(first, last, 0.72, "a given name with what follows it")
    if any(word.flags & INITIAL for word in taken) and len(taken) > 1:
        return Person(first, last, 0.68, "initials and a name")
    if given:
        return Person(first, last, 0.6, "a given name")
    if listed:
        return Person(first, last, 0.58, "a listed name")
    if any(word.flags & ENDING for word in taken):
        return Person(first, last, 0.3, "an unknown word that ends as streets do")
    return Person(first, last, 0.42 if len(taken) > 1 else 0.4, "capitalised words that are no words of the language")
