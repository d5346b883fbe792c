"""The labels of forms in every language, and what they announce: read from `form_labels.toml`."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from graftwork.core.privacy.languages.pack import words

MAX_WORDS = 6
"""No label is longer than this many words."""

_MEMO_SIZE = 20_000
_NUMBER = frozenset(["nr", "num", "number", "numero", "nummer", "nro", "nos", "numbers"])
# What may follow a label and say whose it is: "name of the insured", "Geburtsdatum des Kindes", "nom de l'assuré".
_WHOSE = frozenset(("of", "for", "des", "der", "vom", "de", "del", "du", "d"))
# Names of these are nobody's: "name of the file", "Name der Firma".
_THINGS = words(
    """company firm file product project brand host domain event drug table model device server school bank
    medication firma unternehmens gesellschaft vereins datei produkts projekts medikaments empresa fichero
    archivo producto proyecto medicamento societe entreprise fichier produit projet medicament institution
    hospital klinik"""
)
_OF_PERSONS = frozenset({"name", "name_part"})
_TOKEN = re.compile(r"[^\W\d_]+|#")
_LATIN = {
    code: plain.encode("ascii", "ignore").decode()
    for code in range(0xAA, 0x180)
    if (plain := unicodedata.normalize("NFKD", chr(code))) and plain.encode("ascii", "ignore")
}
_LATIN |= {ord("ß"): "ss", ord("ø"): "o", ord("œ"): "oe", ord("æ"): "ae", ord("º"): "o", ord("°"): "o"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a label as it is compared, and where it stands in the text."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """`announces` is a section of `form_labels.toml`; `start` and `end` are offsets into the text.

    `whole` if nothing else stood in the piece that was read.
    """

    announces: str
    start: int
    end: int
    whole: bool


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of `text[start:end]` in one form: no accents, no case, every way to write "number" as `no`."""
    found: list[Word] = []
    for match in _TOKEN.finditer(text[start:end].replace("°", "º")):
        plain = _plain(match[0])
        if plain == "o" and found and found[-1].plain == "n":
            found[-1] = Word("no", found[-1].start, start + match.end())
        else:
            found.append(Word(plain, start + match.start(), start + match.end()))
    return found


def may_end_label(word: str) -> bool:
    """Whether some label ends with this word: a quick look before `find_label`."""
    return _plain(word) in _last_words() or word in ("n", "N")


def find_label(found: Sequence[Word]) -> Label | None:
    """The label that `found` is; or that it begins with, to say whose after it; or the longest that it ends with."""
    if not found:
        return None
    whole = _labels().get(" ".join(word.plain for word in found)) if len(found) <= MAX_WORDS else None
    if whole:
        return Label(whole, found[0].start, found[-1].end, whole=True)
    return _of_somebody(found) or _at_end(found)


def _at_end(found: Sequence[Word]) -> Label | None:
    labels = _labels()
    longest = min(MAX_WORDS, len(found) - 1) if found[-1].plain in _last_words() else 0
    for count in range(longest, 0, -1):
        if announces := labels.get(" ".join(word.plain for word in found[-count:])):
            return Label(announces, found[-count].start, found[-1].end, whole=False)
    if found[-1].plain == "no" and len(found) > 1 and (label := find_label(found[:-1])):
        return Label(label.announces, label.start, found[-1].end, label.whole)
    return None


def _of_somebody(found: Sequence[Word]) -> Label | None:
    labels = _labels()
    for count in range(min(MAX_WORDS, len(found) - 2), max(0, len(found) - 5), -1):
        if found[count].plain not in _WHOSE:
            continue
        if (announces := labels.get(" ".join(word.plain for word in found[:count]))) is None:
            continue
        if announces in _OF_PERSONS and any(word.plain in _THINGS for word in found[count:]):
            return None
        return Label(announces, found[0].start, found[-1].end, whole=True)
    return None


@cache
def _last_words() -> frozenset[str]:
    return frozenset(label.rsplit(" ", 1)[-1] for label in _labels())


@lru_cache(maxsize=_MEMO_SIZE)
def _plain(word: str) -> str:
    plain = word.lower()
    if not plain.isascii():
        plain = plain.translate(_LATIN)
    if plain in _NUMBER or plain == "#":
        return "no"
    return plain.removesuffix("nummer") + "nr" if plain.endswith("nummer") else plain


@cache
def _labels() -> dict[str, str]:
    raw = tomllib.loads((resources.files(__package__) / "form_labels.toml").read_text(encoding="utf-8"))
    known: dict[str, str] = {}
    for announces, entries in raw.items():
        for entry in re.split(r"[,\n]", entries):
            if key := " ".join(word.plain for word in words_of(entry)):
                # What a section said first stands, but `none` comes last and says what is of no interest after all.
                known[key] = announces if announces == "none" else known.get(key, announces)
    return known
