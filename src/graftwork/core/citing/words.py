"""Words of a text in a form in which a draft and its source can be compared."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graftwork.core.citing.word_lists import FAMILIES, FUNCTION_WORDS, TALK_WORDS

# A word broken by a hyphen at the end of a line is one word; soft hyphens are no letters.
_WORD = re.compile(
    r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:\xad[^\W\d_]+|[-\u2010]\n[ \t]{0,8}[^\W\d_]+|['\u2019][^\W\d_]{1,2}\b)*|[€$£%]"
)
_BREAK = re.compile(r"[-\u2010]\n[ \t]*|\xad")
# The longest first; English, German and French in one list, for a draft may mix them.
_ENDINGS = (
    "isierungen isierung ungen ung heiten heit keiten keit ations ation ments ment ings ing edly ed ies es s ern en em "
    "er e n ly y ée é i"
)
_SUFFIXES = tuple(_ENDINGS.split())
_LONGEST_STEM = 9
_SHORTEST_STEM = 4
TALK_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Word:
    """`folded` is the word without case and typography; `key` is the same for all forms of a word."""

    start: int
    end: int
    folded: str
    key: str

    @property
    def weight(self) -> float:
        """What the word adds to a statement: 0 for a function word or a number, else up to 1."""
        return weight_of(self.folded)


def words(text: str) -> list[Word]:
    """The words of `text` with their offsets. `can't` is `can` and `n't`, `l'article` is `l` and `article`."""
    return [word for match in _WORD.finditer(text) for word in _parts(match)]


def _parts(match: re.Match[str]) -> Iterator[Word]:
    folded = fold(match[0])
    start, end = match.span()
    if folded.endswith("n't"):
        yield Word(start, end, folded[:-3] or "not", key_of(folded[:-3] or "not"))
        yield Word(start, end, "n't", "n't")
    elif folded.endswith("'s"):
        yield Word(start, end - 2, folded[:-2], key_of(folded[:-2]))
    else:
        yield Word(start, end, folded, key_of(folded))


def fold(text: str) -> str:
    """Lower case, one apostrophe, no hyphenation at line ends, compatibility forms resolved (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", _BREAK.sub("", text)).replace("\u2019", "'").casefold()


@lru_cache(maxsize=50_000)
def weight_of(folded: str) -> float:
    if folded in FUNCTION_WORDS or folded in ("n't", "%") or not folded[0].isalpha() or len(folded) < 2:
        return 0.0
    return TALK_WEIGHT if folded in TALK_WORDS else 1.0


@lru_cache(maxsize=50_000)
def key_of(folded: str) -> str:
    """The family of a word where it has one, else its stem: light stripping of endings, the same in all languages."""
    return _family().get(folded) or _family().get(_stem(folded)) or _stem(folded)


def _stem(folded: str) -> str:
    for suffix in _SUFFIXES:
        if folded.endswith(suffix) and len(folded) - len(suffix) >= _SHORTEST_STEM - (suffix in ("s", "y", "e")):
            folded = folded[: -len(suffix)]
            break
    if len(folded) > _SHORTEST_STEM and folded[-1] in "ey":
        folded = folded[:-1]
    if len(folded) > _SHORTEST_STEM - 1 and folded[-1] == folded[-2] and folded[-1] in "bdgmnprt":
        folded = folded[:-1]
    return folded[:_LONGEST_STEM]


@lru_cache(maxsize=1)
def _family() -> Mapping[str, str]:
    members: dict[str, str] = {}
    for line in FAMILIES.casefold().strip().splitlines():
        first, *others = line.split()
        for word in (first, *others):
            members.setdefault(word, f"={first}")
            members.setdefault(_stem(word), f"={first}")
    return members


def squeezed(found: list[Word]) -> tuple[str, list[int], list[int]]:
    """All words joined without spaces, and where each begins and ends in that: for finding words as they stand."""
    parts, starts, ends, place = [], [], [], 0
    for word in found:
        parts.append(word.folded)
        starts.append(place)
        place += len(word.folded)
        ends.append(place)
    return "".join(parts), starts, ends
