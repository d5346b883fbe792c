"""What a word can be: every list of a language pack and its ordinary words behind one look-up."""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

from collections.abc import Callable, Mapping
from functools import cache

from graftwork.core.privacy.languages.pack import Pack, load_pack
from graftwork.core.privacy.lexicon import Lexicon, load_lexicon

ORDINARY = 1
GIVEN = 1 << 1
SURNAME = 1 << 2
AMBIGUOUS = 1 << 3
"""A name that is more often an ordinary word."""
HONORIFIC = 1 << 4
TITLE = 1 << 5
PLACE = 1 << 6
COUNTRY = 1 << 7
PLACE_HEAD = 1 << 8
GROUP = 1 << 9
ORG_SUFFIX = 1 << 10
ORG_HEAD = 1 << 11
PUBLIC = 1 << 12
GENERIC = 1 << 13
CALENDAR = 1 << 14
STREET = 1 << 15
UNIT = 1 << 16
NAME_SUFFIX = 1 << 17
PARTICLE = 1 << 18
PHRASE = 1 << 19
"""Some listed phrase of several words begins with it."""
CAPS = 1 << 20
INITIAL = 1 << 21
CODE = 1 << 22
CUE = 1 << 23
ENDING = 1 << 24
"""Ends as streets end: `Hauptstraße`, `Kiannonkatu`."""
COMMON = 1 << 25
"""So frequent a word that it is no name even where a name is expected."""

NAME = GIVEN | SURNAME
COVERED_ALONE = NAME | PLACE | COUNTRY | GROUP
PLAIN = (
    ORDINARY | GENERIC | PUBLIC | CALENDAR | TITLE | HONORIFIC | CUE | ORG_HEAD | PLACE_HEAD | STREET | UNIT | COMMON
)

_CONTRACTED = ("t", "ll", "re", "ve", "d", "m")
_SHORT_WORDS = ("a", "i")
_MEMO_SIZE = 60_000


class _Memo(dict[str, int]):
    """The flags of every word met so far: looked up without a call of Python's where a word was met before."""

    def __init__(self, classify: Callable[[str], int]) -> None:
        self._classify = classify

    def __missing__(self, word: str) -> int:
        if len(self) >= _MEMO_SIZE:
            self.clear()
        found = self[word] = self._classify(word)
        return found


class Vocabulary:
    """One language. `flags` is what a word can be; `phrase` what several words in a row are."""

    def __init__(self, pack: Pack, lexicon: Lexicon) -> None:
        self.pack = pack
        self.lexicon = lexicon
        self.phrases: dict[str, int] = {}
        self.longest_phrase = 1
        self._listed: dict[str, int] = {}
        self.memo: Mapping[str, int] = _Memo(self._classify)
        """`flags` as a mapping, for those who look up every word of a text."""
        self._endings = tuple(pack.addresses.endings)
        self._bare_genitive = "s" in pack.genitives
        self._fill()

    def _fill(self) -> None:
        pack = self.pack
        for flag, entries in (
            (GIVEN, pack.persons.given_names), (SURNAME, pack.persons.surnames), (HONORIFIC, pack.persons.honorifics),
            (TITLE, pack.persons.titles), (PLACE, pack.places.cities | pack.places.regions),
            (COUNTRY, pack.places.countries), (PLACE_HEAD, pack.places.heads), (CODE, pack.places.codes),
            (GROUP, pack.groups.demonyms | pack.groups.beliefs), (ORG_SUFFIX, pack.organisations.suffixes),
            (ORG_HEAD, pack.organisations.heads), (PUBLIC, pack.organisations.public), (GENERIC, pack.generic),
            (CALENDAR, pack.calendar.months | pack.calendar.weekdays | pack.calendar.holidays),
            (STREET, pack.addresses.types), (UNIT, pack.addresses.units), (NAME_SUFFIX, pack.persons.suffixes),
            (PARTICLE, pack.persons.particles), (CUE, pack.persons.cues),
        ):  # fmt: skip
            for entry in entries:
                self._list(entry, flag)
        for word in pack.persons.not_names:
            self._list(word, AMBIGUOUS)

    def _list(self, entry: str, flag: int) -> None:
        first, *rest = entry.split()
        if rest:
            self.phrases[entry] = self.phrases.get(entry, 0) | flag
            self.longest_phrase = max(self.longest_phrase, len(rest) + 1)
            flag = PHRASE
        self._listed[first] = self._listed.get(first, 0) | flag

    def flags(self, word: str) -> int:
        """What `word`, as it is written, can be; `0` for a word nobody knows."""
        return self.memo[word]

    def base(self, word: str) -> str:
        """`word` in lower case, without a genitive ending and full stops."""
        lower = (
            word.lower().replace("\u2019", "'").replace("i\u0307", "i")
        )  # The Turkish capital I with a dot becomes two characters.
        for ending in self.pack.genitives:
            if len(ending) > 1 and not ending.isalpha() and lower.endswith(ending):
                lower = lower[: -len(ending)]
        return lower.rstrip(".")

    def _classify(self, word: str) -> int:
        lower = self.base(word)
        if len(word) == 2 and word[-1] == "." and word[0].isupper():
            return INITIAL
        if word[-1] == "." and len(lower.replace(".", "")) <= 2 and lower not in self._listed:
            return INITIAL
        if len(word) == 1:
            plain = ORDINARY | COMMON if lower in self.lexicon.common and lower in _SHORT_WORDS else INITIAL
            return plain | self._listed.get(lower, 0)
        found = self._listed.get(lower, 0) or self._listed.get(lower.replace("’", "'"), 0)
        if found & CODE and not word.isupper():
            found &= ~CODE
        if not found and lower[-1] == "s" and self._listed.get(lower[:-1], 0) & GROUP:
            found = GROUP
        if not found and self._bare_genitive and lower[-1] == "s":
            found = self._listed.get(lower[:-1], 0) & (NAME | AMBIGUOUS)  # German: `Schmidts Antrag`
        if found & PLACE and not found & NAME and lower in self.lexicon.common:
            found &= ~PLACE  # `Reading`, `Nice`, `Split`
        found |= self._ordinary(lower, found)
        if not found & (ORDINARY | STREET) and self._endings and len(lower) > 6 and lower.endswith(self._endings):
            found |= ENDING
        if word.isupper():
            found |= CAPS
        return found

    def _ordinary(self, lower: str, found: int) -> int:
        if found & NAME:
            if lower in self.lexicon.common:
                return ORDINARY | AMBIGUOUS | COMMON
            return ORDINARY if found & AMBIGUOUS else 0
        if found & (PLACE | COUNTRY | GROUP):
            return 0
        if "'" in lower and lower.partition("'")[2] in _CONTRACTED:
            return ORDINARY
        if "-" in lower and all(self.lexicon.knows(part) for part in lower.split("-") if part):
            return ORDINARY
        if lower in self.lexicon.common:
            return ORDINARY | COMMON
        return ORDINARY if self.lexicon.knows(lower) else 0


@cache
def load_vocabulary(code: str) -> Vocabulary:
    """The vocabulary of a language. Raises `UnknownLanguage`."""
    pack = load_pack(code)
    return Vocabulary(pack, load_lexicon(pack.lexicon, pack.word_endings, pack.elisions, pack.compounds))
