"""What looks like a name of someone or something, and codes: mail and web addresses, order numbers, sections."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from graftwork.core.citing.numbers import values_of
from graftwork.core.citing.word_lists import FUNCTION_WORDS, GENERIC_NAMES, TALK_WORDS, listed
from graftwork.core.citing.words import fold, key_of

_CODE = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|(?:https?://|www\.)[^\s<>\"')\]]{1,500}"
    r"|(?<![\w@])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|eu|de|fr|uk|io|gov|edu|example)\b(?:/[^\s<>\"')\]]{0,300})?"
    r"|(?<![\w.,])\d+(?:\.\d+){2,8}[a-z]?(?![\w])"
    r"|(?<![\w.-])(?=[\w./-]{0,30}[A-Za-z])(?=[\w./-]{0,30}\d)[A-Za-z0-9]{1,30}(?:[-/_.][A-Za-z0-9]{1,30}){0,6}",
    re.IGNORECASE,
)
# 14-day, 5kg, 10h, 24h, 1st, 30-Tage-Frist: numbers with a unit, read as such.
_MEASURE = re.compile(r"\d+(?:[.,]\d+)*(?:[-/]?[a-zäöü]{1,12}(?:-[a-zäöü]{1,20}){0,3})", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})")
_CAPITAL = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+|-[^\W\d_]+)*")
_BETWEEN = re.compile(r"[ \t]{1,2}(?:(?:of|de|von|van|der|la|du|&|and|und)[ \t])?|\n|-")
_BEGINS = re.compile(r"(?:^|[.!?:;…\n|>*#]|[\"'„“«(\[][ \t]{0,1})[\s\"'„“«(*_-]{0,6}$")
_TITLES = listed("herr herrn frau firma mr mrs ms miss dr prof monsieur madame")
_GERMAN = listed("der die das und ist nicht sie wir ihre innerhalb werden wird bei für mit auf eine einen")
_ENGLISH = listed("the and is are of to you we your our within will for with be this that")


@dataclass(frozen=True, slots=True)
class Named:
    """`parts` are the folded words of a name, or the one form of a code, all letters and figures of it."""

    kind: Literal["name", "code"]
    start: int
    end: int
    parts: tuple[str, ...]


def codes(text: str) -> list[Named]:
    found = (match for match in _CODE.finditer(text) if not _is_measure(match[0]))
    return [Named("code", *_trimmed(match), (bare_code(match[0]),)) for match in found]


def _is_measure(written: str) -> bool:
    if written.count(".") > 1 and written[0].isdigit():  # 3.10.2 is a version, but 1.000.000 and 3.5.2024 are not
        return _DATE.fullmatch(written) is not None or bool(written[-1].isdigit() and values_of(written))
    return _MEASURE.fullmatch(written) is not None


def _trimmed(match: re.Match[str]) -> tuple[int, int]:
    return match.start(), match.start() + len(match[0].rstrip(".,;:!?"))


def bare_code(written: str) -> str:
    """Letters and figures alone; the address of a page without its scheme."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", fold(written))
    return "".join(letter for letter in bare if letter.isalnum())


def is_german(text: str) -> bool:
    """Whether the nouns of `text` have capitals, so that a capital makes no name."""
    found = [fold(word) for word in text.split()[:400]]
    return sum(word in _GERMAN for word in found) > sum(word in _ENGLISH for word in found)


def names(text: str, *, german: bool = False) -> list[Named]:
    """Sequences of words with capitals that do not merely begin a sentence.

    In German two such words in a row are needed, or a title before one: every noun has a capital there.
    """
    runs = (_without_plain_words(text, run, german=german) for run in _runs(text))
    return [
        Named("name", run[0].start(), run[-1].end(), tuple(_folded(word[0]) for word in run)) for run in runs if run
    ]


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    for match in _CAPITAL.finditer(text):
        if not _has_capital(match[0]):
            continue
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), match.start()):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


def _has_capital(word: str) -> bool:
    return word[0].isupper() or any(letter.isupper() for letter in word[1:])


def _without_plain_words(text: str, run: list[re.Match[str]], *, german: bool) -> list[re.Match[str]]:
    titled = german and _title_before(text, run)
    begins = _BEGINS.search(text, max(0, run[0].start() - 12), run[0].start()) is not None or run[0].start() == 0
    kept = [word for word in run if not _says_nothing(word[0])]
    if german:
        return kept if len(kept) > 1 or (titled and kept) else []
    if begins and len(run) == 1 and not _is_unusual(run[0][0]):
        return []
    return kept


def _title_before(text: str, run: list[re.Match[str]]) -> bool:
    before = text[max(0, run[0].start() - 10) : run[0].start()].split()
    return _folded(run[0][0]) in _TITLES or bool(before and fold(before[-1]).rstrip(".") in _TITLES)


def _says_nothing(word: str) -> bool:
    folded = _folded(word)
    # A word in capitals throughout may be no more than stressed; an abbreviation is short.
    stressed = word.isupper() and len(word) > 5
    known = folded in GENERIC_NAMES or folded in FUNCTION_WORDS or folded in TALK_WORDS or folded in _TITLES
    return stressed or known or len(folded) < 2 or key_of(folded).startswith("=")


def _is_unusual(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:]) and len(word) > 1


def _folded(word: str) -> str:
    return fold(word).removesuffix("'s").removesuffix("'")
