"""Ordinary words of a language: what is written with a capital and is *not* among them may be a name.

Read, as data, from the frequency lists inside pyspellchecker (MIT, https://github.com/barrust/pyspellchecker,
`spellchecker/resources`). The lists count lower-case uses in film subtitles, so a name that is also a word (`long`,
`will`) has a high count and a name that is only a name a low one.
"""

import gzip
import json
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from graftwork.core.privacy.languages.pack import words
from graftwork.core.privacy.rare_words import may_be_a_name

_PACKAGE = "spellchecker.resources"
# The lists give 50 to every word that was added without being counted. In the English list many of those are names; in
# the others they come from a dictionary, and the German list has nearly all its nouns there.
_ADDED_COUNT = 50
_COMMON_COUNT = 15_000
_LIMIT = 60_000  # At most 8 MB a language.
_SHORTEST_WITH_ENDING = 6
_SHORTEST_STEM = 3
_SHORTEST_PART = 4

Endings = Sequence[tuple[str, str]]
"""An ending and what stands in its place in the form that is listed; `*` where the ending alone is proof enough."""

_ENGLISH = (
    "s",
    "es",
    "d",
    "ed",
    "ing",
    "ly",
    "ness",
    "er",
    "ers",
    "ment",
    "ments",
    "able",
    "al",
    "ally",
    "ism",
    "ist",
    "ists",
)
ENGLISH_ENDINGS: Endings = [(ending, "") for ending in (*_ENGLISH, "less", "ship")]
# Joints of German compounds, and second parts that make a surname more often than a noun.
_JOINTS = ("", "s", "es", "n", "en", "er")
_SURNAME_PARTS = words(
    """bach bauer berg berger burg dorf feld felder hauer haus hof hofer horst kamp lander macher mann meier meister
    müller rat rath roth schmidt stein tal thal wald wirth"""
)


class HashedWords:
    """Words by 32 bits of each, sorted: 4 bytes a word; one unknown word in ten thousand passes for a known one."""

    def __init__(self, words: Iterable[str]) -> None:
        self._hashes = array("I", sorted(map(_hash, words)))

    def __contains__(self, word: object) -> bool:
        wanted = _hash(str(word))
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted


def _hash(word: str) -> int:
    return zlib.crc32(word.encode())


@dataclass(frozen=True, slots=True)
class Lexicon:
    ordinary: Container[str]
    common: frozenset[str]
    """So frequent that even a word of the lists of names is more often no name."""
    endings: Endings = ()
    compounds: bool = False

    def knows(self, word: str) -> bool:
        """Is `word`, in lower case, a word: as it stands, with an ending, or put together from others?"""
        if word in self.ordinary:
            return True
        if len(word) <= _SHORTEST_WITH_ENDING:
            return False
        return self._by_ending(word) or (self.compounds and self._is_compound(word))

    def _by_ending(self, word: str) -> bool:
        for ending, base in self.endings:
            stem = len(word) - len(ending)
            if stem > _SHORTEST_STEM and word.endswith(ending) and (base == "*" or word[:stem] + base in self.ordinary):
                return True
        return False

    def _is_compound(self, word: str) -> bool:
        for at in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            right = word[at:]
            if right not in self.ordinary or right in _SURNAME_PARTS:
                continue
            left = word[:at]
            if any(left.endswith(joint) and left[: len(left) - len(joint)] in self.ordinary for joint in _JOINTS):
                return True
        return False


EMPTY = Lexicon(frozenset(), frozenset())


@cache
def load_lexicon(name: str, endings: tuple[tuple[str, str], ...] | None = None, compounds: bool = False) -> Lexicon:
    """The words of a language (ISO 639-1), or none where there is no list. English has its endings built in."""
    file = resources.files(_PACKAGE) / f"{name}.json.gz"
    if not file.is_file():
        return EMPTY
    counts: dict[str, int] = json.loads(gzip.decompress(file.read_bytes()))
    common = frozenset(word for word, count in counts.items() if count >= _COMMON_COUNT)
    if name != "en":
        return Lexicon(HashedWords(counts), common, endings or (), compounds)
    counted = [
        (count, word) for word, count in counts.items() if count > _ADDED_COUNT and not may_be_a_name(word, counts)
    ]
    if len(counted) > _LIMIT:
        counted = sorted(counted, reverse=True)[:_LIMIT]
    return Lexicon(frozenset(word for _, word in counted), common, ENGLISH_ENDINGS)
