"""Places and groups of people: listed countries, regions, towns and demonyms, and names beside words such as `Lake`."""

import re
from collections.abc import Iterator

import re2

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.runs import Word
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import (
    CODE,
    COUNTRY,
    GIVEN,
    GROUP,
    HONORIFIC,
    NAME,
    ORDINARY,
    PHRASE,
    PLACE,
    PLACE_HEAD,
    PLAIN,
    TITLE,
    Vocabulary,
)

Place = tuple[int, int, Kind, float, str]


def listed(words: list[Word], vocabulary: Vocabulary, cued: bool) -> list[Place]:
    """Listed places and groups among `words`: first word, last word (exclusive), kind, certainty (0 to 1), reason.

    `cued`: what stands before them leads to a place, so that `Florence` is one.
    """
    found: list[Place] = []
    at = 0
    while at < len(words):
        flags, length = phrase_at(words, at, vocabulary)
        place = _place(words, at, length, flags, cued and at == 0)
        if place:
            found.append(place)
        at += length
    return found


def phrase_at(words: list[Word], at: int, vocabulary: Vocabulary) -> tuple[int, int]:
    """What the longest listed phrase from word `at` is, and how many words it has."""
    if words[at].flags & PHRASE:
        for length in range(min(vocabulary.longest_phrase, len(words) - at), 1, -1):
            entry = " ".join(vocabulary.base(word.text) for word in words[at : at + length])
            if flags := vocabulary.phrases.get(entry):
                return flags, length
    return words[at].flags, 1


def _place(words: list[Word], at: int, length: int, flags: int, cued: bool) -> Place | None:
    last = at + length
    if words[at].text[0].islower():
        return None
    if flags & COUNTRY and not flags & NAME:
        return at, last, "location", 0.64, "a listed country"
    if flags & GROUP and not (flags & NAME and flags & ORDINARY):
        return at, last, "group", 0.64, "a listed nationality, religion or political group"
    if flags & PLACE and length > 1:
        return at, last, "location", 0.66, "a listed place"
    if flags & GIVEN and not cued and len(words) == 1:
        return None
    if flags & (PLACE | COUNTRY) and not _beside_a_name(words, at, flags):
        return at, last, "location", 0.62, "a listed place"
    if flags & CODE and length == 1 and at > 0 and words[at - 1].flags & PLACE:
        return at, last, "location", 0.6, "the code of a region after a place"
    return None


def _beside_a_name(words: list[Word], at: int, flags: int) -> bool:
    """`Jack London`, `Paris Hilton`, `Sydney` alone after nothing: a place that is also a name needs its neighbours."""
    previous = words[at - 1].flags if at else None
    following = words[at + 1].flags if at + 1 < len(words) else None
    if previous is not None and previous & (HONORIFIC | TITLE) and flags & NAME:
        return True
    if previous is not None and previous & NAME and not previous & (PLACE | ORDINARY):
        return True
    return bool(flags & NAME) and following is not None and (bool(following & NAME) or not following & PLAIN)


def headed(words: list[Word]) -> Place | None:
    """`Lake Nowhere`, `Orange County`: a word for a kind of place with a name beside it."""
    if len(words) < 2 or len(words) > 4:
        return None
    if not (words[0].flags & PLACE_HEAD or words[-1].flags & PLACE_HEAD):
        return None
    rest = words[1:] if words[0].flags & PLACE_HEAD else words[:-1]
    if any(not word.flags & PLAIN or word.flags & (NAME | PLACE) for word in rest if word.text[0].isupper()):
        return 0, len(words), "location", 0.56, "a name with a word for a kind of place"
    return None


class LowerGroups:
    """Nationalities and beliefs in lower case: `we are proud canadians`."""

    name = "groups"

    def __init__(self, vocabulary: Vocabulary) -> None:
        entries = vocabulary.pack.groups.demonyms | vocabulary.pack.groups.beliefs
        words = sorted(entry for entry in entries if entry.isascii() and entry not in vocabulary.lexicon.common)
        self._pattern = re2.compile(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b")

    def find(self, text: Text) -> Iterator[Finding]:
        for match in self._pattern.finditer(text.utf8):
            start, end = text.char_at(match.start()), text.char_at(match.end())
            yield Finding(start, end, "group", self.name, "a listed nationality, religion or political group", 0.6)
