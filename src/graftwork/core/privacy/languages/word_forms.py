"""Whether a word is one of a language: in its dictionary, an inflected form of what is, or put together from what is.

For languages whose word list is a dictionary of base forms (Spanish) or is without end (German compounds).
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from graftwork.core.privacy.languages.pack import Words, words

Endings = Sequence[tuple[str, str]]
"""An ending and what stands in its place in the form that is listed; `*` where the ending alone is proof enough."""

_SHORTEST_WITH_ENDING = 6
_LONGEST = 80  # No word is longer, and a compound is cut at each of its letters.
_SHORTEST_STEM = 3
_SHORTEST_PART = 4
# Joints of German compounds, and second parts that make a surname more often than a noun.
_JOINTS = ("", "s", "es", "n", "en", "er")
_SURNAME_PARTS = words(
    """bach bauer berg berger burg dorf feld felder hauer haus hof hofer horst kamp lander macher mann meier meister
    müller rat rath roth schmidt stein tal thal wald wirth"""
)


class WordForms:
    """`word in forms`, for a word in lower case. 4 bytes a listed word, so a dictionary of 340,000 takes 1.4 MB.

    Words are kept by 32 bits of each, sorted: one unknown word in ten thousand passes for a known one.
    """

    def __init__(
        self, listed: Iterable[str], endings: Endings = (), elisions: Words = frozenset(), compounds: bool = False
    ) -> None:
        self._hashes = array("I", sorted(map(_hash, listed)))
        self._endings = endings
        self._elisions = elisions
        self._compounds = compounds

    def __contains__(self, word: str) -> bool:
        if len(word) > _LONGEST:
            return False
        if self._lists(word):
            return True
        if "'" in word and word.partition("'")[0] in self._elisions:
            return word.partition("'")[2] in self
        if len(word) < _SHORTEST_WITH_ENDING:
            return False
        return self._by_ending(word) or (self._compounds and self._is_compound(word))

    def _lists(self, word: str) -> bool:
        wanted = _hash(word)
        at = bisect_left(self._hashes, wanted)
        return at < len(self._hashes) and self._hashes[at] == wanted

    def _by_ending(self, word: str) -> bool:
        for ending, base in self._endings:
            if not word.endswith(ending):
                continue
            stem = word[: len(word) - len(ending)]
            if base == "*" or (len(stem) >= _SHORTEST_STEM and self._lists(stem + base)):
                return True
        return False

    def _is_compound(self, word: str) -> bool:
        for at in range(len(word) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            right, left = word[at:], word[:at]
            if right in _SURNAME_PARTS or not self._lists(right):
                continue
            if any(left.endswith(joint) and self._lists(left[: len(left) - len(joint)]) for joint in _JOINTS):
                return True
        return False


def _hash(word: str) -> int:
    return zlib.crc32(word.encode())
