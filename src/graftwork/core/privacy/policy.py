"""From what was found in an item to what may be done with it: its classes, and the strictest rule among them.

A class is what the data is about; a kind is how one value is written. Classes come from the kinds that were found and
from words: "insulin" names nobody and still makes a message one about health.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.sensitive_words import WORDS
from graftwork.core.types import Sensitivity, Treatment
from graftwork.core.usecase_tables import PrivacyRules

CLASSES: tuple[Sensitivity, ...] = get_args(Sensitivity)
ADULT_AGE_YEARS = 18

# What GDPR names special categories (articles 8, 9 and 10), and what opens an account or a purse.
_CLASS_OF: Mapping[Kind, Sensitivity] = {
    "health_id": "health",
    "card": "finance",
    "iban": "finance",
    "bank": "finance",
    "password": "secrets",
    "key": "secrets",
    "national_id": "identity",
    "passport": "identity",
    "licence": "identity",
    "group": "beliefs",
}
_STRICTNESS: Mapping[Treatment, int] = {"local": 0, "masked": 1, "allowed": 2}
_WORD = re.compile(r"[^\W_]+")
_AGE = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What may happen to one item outside the house. `reason` names rules and classes, never a value."""

    treatment: Treatment
    reason: str
    classes: tuple[Sensitivity, ...] = ()


class ClassWords:
    """Words that mark a text as of a class. A word that ends in `*` stands for all that begin so."""

    def __init__(self, lines: Iterable[str]) -> None:
        words = {tuple(_WORD.findall(line.casefold())): line.strip().endswith("*") for line in lines}
        words.pop((), None)
        self._single = {word[0] for word, open_ended in words.items() if len(word) == 1 and not open_ended}
        self._beginnings = tuple(word[0] for word, open_ended in words.items() if len(word) == 1 and open_ended)
        self._phrases = tuple(f" {' '.join(word)} " for word in words if len(word) > 1)

    def in_text(self, tokens: list[str], joined: str) -> bool:
        return (
            not self._single.isdisjoint(tokens)
            or any(token.startswith(self._beginnings) for token in tokens)
            or any(phrase in joined for phrase in self._phrases)
        )


class Classifier:
    """Tells the classes of a text. Make one for a use case: it prepares its word lists once."""

    def __init__(self, extra_words: Mapping[Sensitivity, str] | None = None) -> None:
        extra = extra_words or {}
        self._words = {
            name: ClassWords([*WORDS.get(name, "").splitlines(), *extra.get(name, "").splitlines()])
            for name in CLASSES
            if name in WORDS or name in extra
        }

    def classes(self, text: str, findings: Iterable[Finding]) -> tuple[Sensitivity, ...]:
        """The classes of `text`, in the order of `CLASSES`. The offsets of `findings` are into `text`."""
        found: set[Sensitivity] = set()
        for finding in findings:
            if finding.kind in _CLASS_OF:
                found.add(_CLASS_OF[finding.kind])
            elif finding.kind == "age" and _is_minor(text[finding.start : finding.end]):
                found.add("children")
        tokens = _WORD.findall(text.casefold())
        joined = f" {' '.join(tokens)} "
        found.update(name for name, words in self._words.items() if words.in_text(tokens, joined))
        return tuple(name for name in CLASSES if name in found)


def _is_minor(written: str) -> bool:
    """An age of 17 years or less. One in words or in months is not read here: word lists know "toddler" and "baby"."""
    number = _AGE.search(written)
    return number is not None and int(number[0]) < ADULT_AGE_YEARS


def stricter(one: Ruling, other: Ruling | None) -> Ruling:
    """Of two rulings the one that lets less out; the classes stay those of `one`."""
    if other is None or _STRICTNESS[one.treatment] <= _STRICTNESS[other.treatment]:
        return one
    return Ruling(other.treatment, other.reason, one.classes)


def ruling(rules: PrivacyRules, classes: Iterable[Sensitivity]) -> Ruling:
    """The strictest of `privacy.managed` and the rules for the classes that were found."""
    found = tuple(classes)
    base: Treatment = "local" if rules.managed == "never" else rules.managed
    strictest, why = base, f'privacy.managed is "{rules.managed}"'
    for name in found:
        treatment = rules.classes.get(name)
        if treatment is not None and _STRICTNESS[treatment] < _STRICTNESS[strictest]:
            strictest, why = treatment, f'the item holds data of the class {name}, and its rule is "{treatment}"'
    return Ruling(strictest, why, found)


def needs_search(rules: PrivacyRules) -> bool:
    """Whether what an item holds makes a difference to where or how it goes. For `never` it does not."""
    if rules.managed == "never":
        return False
    return rules.managed == "masked" or any(
        _STRICTNESS[treatment] < _STRICTNESS["allowed"] for treatment in rules.classes.values()
    )
