"""Ordinary words of a language: what is written with a capital and is *not* among them may be a name.

Read, as data, from the frequency lists inside pyspellchecker (MIT, https://github.com/barrust/pyspellchecker,
`spellchecker/resources`). The lists count lower-case uses in film subtitles, so a name that is also a word (`long`,
`will`) has a high count and a name that is only a name a low one.
"""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from graftwork.core.privacy.languages.pack import Words
from graftwork.core.privacy.languages.word_forms import WordForms
from graftwork.core.privacy.rare_words import may_be_a_name

_ENGLISH = "en"
_PACKAGE = "spellchecker.resources"
_ORDINARY_COUNT = 51  # The lists give 50 to every word that was added without being counted, many of them names.
_COMMON_COUNT = 15_000
_LIMIT = 60_000  # At most 8 MB a language.
_ENGLISH_ENDINGS = (
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
    "less",
    "ship",
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    ordinary: frozenset[str] | WordForms
    common: frozenset[str]
    """So frequent that even a word of the lists of names is more often no name."""

    def knows(self, word: str) -> bool:
        """Is `word`, in lower case, a word of the language, as it stands or with an English ending?"""
        if word in self.ordinary:
            return True
        return len(word) > 6 and any(
            word.endswith(ending) and word[: -len(ending)] in self.ordinary and len(word) - len(ending) > 3
            for ending in _ENGLISH_ENDINGS
        )


EMPTY = Lexicon(frozenset(), frozenset())


@cache
def load_lexicon(
    name: str, endings: tuple[tuple[str, str], ...] = (), elisions: Words = frozenset(), compounds: bool = False
) -> Lexicon:
    """The words of a language (ISO 639-1), or none where there is no list."""
    file = resources.files(_PACKAGE) / f"{name}.json.gz"
    if not file.is_file():
        return EMPTY
    counts: dict[str, int] = json.loads(gzip.decompress(file.read_bytes()))
    common = frozenset(word for word, count in counts.items() if count >= _COMMON_COUNT)
    if name != _ENGLISH:
        # What was added to these lists without being counted comes from a dictionary: German has its nouns there.
        return Lexicon(WordForms(counts, endings, elisions, compounds), common)
    counted = [
        (count, word) for word, count in counts.items() if count >= _ORDINARY_COUNT and not may_be_a_name(word, counts)
    ]
    if len(counted) > _LIMIT:
        counted = sorted(counted, reverse=True)[:_LIMIT]
    return Lexicon(frozenset(word for _, word in counted), common)
