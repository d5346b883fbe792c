"""A language as the rules know it: words and phrases from one TOML file, no code.

Every list is one string. A list of *words* is parted by white space; a list of *phrases* (an entry may hold spaces) by
commas and line breaks. Case does not count; accents do, and lists of names also match without them. What every
language shares stands in `names.toml` and `places.toml`.
"""

import tomllib
import unicodedata
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from graftwork.core.errors import UnknownLanguage

Words = frozenset[str]

# Those there is a pack for; the first is also taken for a text whose language nobody can tell.
DEFAULT_LANGUAGES = ("en", "de", "fr", "es")


def words(entries: str) -> Words:
    return frozenset(entries.lower().split())


def phrases(entries: str) -> Words:
    return frozenset(
        entry for line in entries.lower().splitlines() for part in line.split(",") if (entry := part.strip())
    )


@dataclass(frozen=True, slots=True)
class Persons:
    honorifics: Words
    """Words: `mr`, `herr`. What follows is a name; the honorific itself is not covered."""
    titles: Words
    """Phrases: `judge`, `chief inspector`. What follows is a name if it is capitalised and no ordinary word."""
    given_names: Words
    """Words, beside those of `names.toml`."""
    surnames: Words
    not_names: Words
    """Words that are never a name alone, though they are capitalised or stand among the names: `may`, `will`."""
    particles: Words
    """Words inside a name: `van`, `de`, `del`."""
    suffixes: Words
    """Words after a name that belong to it: `jr`, `iii`."""
    introductions: Words
    """Phrases so certain that the name after them may be in lower case: `my name is`."""
    cues: Words
    """Phrases before a capitalised name: `contact`, `signed by`, `dear`, `patient`."""
    after: Words
    """Phrases after a capitalised name: `said`, `is a`, `wrote`."""


@dataclass(frozen=True, slots=True)
class Places:
    countries: Words
    """Phrases: countries in this language."""
    regions: Words
    """Phrases: states, provinces, and their abbreviations of two letters or more in `codes`."""
    codes: Words
    """Words, matched in capitals only: `CA`, `NSW`."""
    cities: Words
    """Phrases, beside those of `places.toml`: towns as this language calls them."""
    heads: Words
    """Words that make a place of a name beside them: `lake`, `river`, `county`."""
    cues: Words
    """Phrases before a capitalised place: `lives in`, `born in`, `from`."""


@dataclass(frozen=True, slots=True)
class Addresses:
    types: Words
    """Words: the kind of street as a word of its own: `street`, `ave`, `rue`, `calle`."""
    endings: Words
    """Words: the kind of street at the end of one word: `straße`, `gasse`, `gatan`."""
    number_first: bool
    """`12 High Street` (true) or `Hochstraße 12` (false). Both are read; this is believed without a type of street."""
    units: Words
    """Words before the number of a flat, floor or suite: `apt`, `suite`, `étage`."""
    boxes: Words
    """Phrases before the number of a post box: `po box`, `postfach`."""
    cues: Words
    """Phrases before an address: `lives at`, `address`, `wohnhaft in`."""


@dataclass(frozen=True, slots=True)
class Organisations:
    suffixes: Words
    """Words after the name of a company, full stops left out: `inc`, `gmbh`, `sa`."""
    heads: Words
    """Words that make an organisation of the name they stand with: `university`, `bank`, `hospital`."""
    public: Words
    """Words of public bodies everybody shares (`court`, `ministry`): alone or with one another never covered."""
    cues: Words
    """Phrases before a capitalised organisation: `works at`, `employed by`."""


@dataclass(frozen=True, slots=True)
class Groups:
    demonyms: Words
    """Phrases: `german`, `new zealander`."""
    beliefs: Words
    """Phrases: religions and political groups: `catholic`, `socialist`."""


@dataclass(frozen=True, slots=True)
class Calendar:
    months: Words
    weekdays: Words
    holidays: Words
    """Phrases."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One language. `code` is ISO 639-1 and names the file; `lexicon` names the list of ordinary words."""

    code: str
    lexicon: str
    capitalised_nouns: bool
    """True where every noun has a capital (German): a capital alone then says nothing."""
    genitives: tuple[str, ...]
    """Endings of a name that are not part of it, longest first: `'s`, `s`."""
    persons: Persons
    places: Places
    addresses: Addresses
    organisations: Organisations
    groups: Groups
    calendar: Calendar
    generic: Words
    """Words written with a capital that name nobody: `Article`, `Internet`, `Internal`."""
    word_endings: tuple[tuple[str, str], ...] = ()
    """Endings of ordinary words, each with what stands in its place in a dictionary: `aba:ar`; `*`: always ordinary."""
    elisions: Words = frozenset()
    """What stands, with an apostrophe, before a word without being part of it: `l`, `qu`."""
    compounds: bool = False
    """True where words are put together without a space (German)."""


_PHRASES = frozenset(
    (
        "titles",
        "introductions",
        "after",
        "countries",
        "regions",
        "cities",
        "boxes",
        "cues",
        "demonyms",
        "beliefs",
        "holidays",
    )
)
_SECTIONS: dict[str, type] = {
    "persons": Persons, "places": Places, "addresses": Addresses,
    "organisations": Organisations, "groups": Groups, "calendar": Calendar,
}  # fmt: skip


@cache
def load_pack(code: str) -> Pack:
    """The pack of a language. Raises `UnknownLanguage` for one that has no file."""
    raw = _read(code)
    shared_names, shared_places = _read("names"), _read("places")
    raw["persons"]["given_names"] += "\n" + shared_names["given_names"]
    raw["persons"]["surnames"] += "\n" + shared_names["surnames"]
    raw["places"]["cities"] += "\n" + shared_places["cities"]
    return Pack(
        code=code,
        lexicon=raw.get("lexicon", code),
        capitalised_nouns=raw["capitalised_nouns"],
        genitives=tuple(sorted(raw["genitives"].split(), key=len, reverse=True)),
        generic=words(raw["generic"]),
        word_endings=tuple(_ending(entry) for entry in raw.get("word_endings", "").split()),
        elisions=words(raw.get("elisions", "")),
        compounds=raw.get("compounds", False),
        **{name: _section(kind, raw[name]) for name, kind in _SECTIONS.items()},
    )


def languages() -> tuple[str, ...]:
    """The codes of all languages there is a pack for."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(
        sorted(name.removesuffix(".toml") for name in names if len(name) == len("en.toml") and name[2:] == ".toml")
    )


def without_accents(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _section(kind: type, raw: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    for field in fields(kind):
        entries = raw[field.name]
        if isinstance(entries, str):
            entries = phrases(entries) if field.name in _PHRASES else words(entries)
        if field.name in ("given_names", "surnames"):
            entries |= {without_accents(name) for name in entries}
        values[field.name] = entries
    return kind(**values)


def _ending(entry: str) -> tuple[str, str]:
    ending, _, base = entry.partition(":")
    return ending, base


def _read(name: str) -> dict[str, Any]:
    file = resources.files(__package__) / f"{name}.toml"
    if not file.is_file():
        raise UnknownLanguage(language=name, known=", ".join(languages()))
    return tomllib.loads(file.read_text(encoding="utf-8"))
