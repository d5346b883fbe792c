"""Whether two clauses that say nearly the same say it the other way round: "may not" and "may", before and after."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graftwork.core.citing.word_lists import HIDDEN_NEGATIONS, NEGATIONS, OPPOSITES, STRICT_OPPOSITES
from graftwork.core.citing.words import Word, words

_BORDER = re.compile(
    r"[,;:\u2013\u2014()]|\b(?:but|however|unless|if|when|except|because|although|whereas|while|and|or|so|which|that"
    r"|aber|sondern|wenn|falls|außer|sofern|obwohl|und|oder|mais|sauf|lorsque|et|ou)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"[;()]|\b(?:but|however|unless|if|when|except|although|whereas|while|and|or|aber|sondern|wenn|falls|außer|sofern"
    r"|obwohl|und|oder|mais|sauf|lorsque|et|ou)\b",
    re.IGNORECASE,
)
_LISTS = re.compile(r"(?:and|or|und|oder|et|ou)\b|,", re.IGNORECASE)
_TURNS = re.compile(r"(?:but|except|unless|aber|sondern|mais|sauf)\b", re.IGNORECASE)
_LEAST_WORDS = 2
_CLOSE = 0.65
_CLEARLY = 0.15
# "must not" and "may not" forbid alike.
_ONLY_UNNEGATED = frozenset({"may", "must"})


@dataclass(frozen=True, slots=True)
class Clause:
    keys: frozenset[str]
    folded: frozenset[str]
    negated: bool
    hidden: frozenset[str]


def clauses(text: str) -> list[Clause]:
    """The clauses of a sentence, or of each line: "waterproof: no" denies nothing of the attribute below it."""
    return [clause for line in text.splitlines() for clause in _clauses_of(line)]


def _clauses_of(text: str) -> list[Clause]:
    """A part with fewer than two words of content belongs to the part before it."""
    found: list[list[Word]] = []
    start = 0
    waiting: list[Word] = []
    for end in (*(match.start() for match in _BORDER.finditer(text)), len(text)):
        part = [*waiting, *words(text[start:end])]
        waiting = []
        content = sum(word.weight >= 1 for word in part)
        if _LISTS.match(text, end) and (content < _LEAST_WORDS or (content == _LEAST_WORDS and len(part) == content)):
            waiting = part  # "Gift cards and vouchers cannot ...": only the verb says what holds for both
        elif found and content < _LEAST_WORDS and not _TURNS.match(text, start):
            found[-1] += part
        elif part:
            found.append(part)
        start = end
    # "Smoking is not permitted anywhere, including the terrace": where nothing is contrasted, it holds for the whole.
    whole = [[word for part in found for word in part]] if len(found) > 1 and not _CONTRAST.search(text) else []
    return [_clause(part) for part in (*found, *whole)]


def _clause(part: Sequence[Word]) -> Clause:
    folded = [word.folded for word in part]
    as_said = frozenset(folded) | frozenset(word.key for word in part if word.key[0] == "=")
    negations = sum(_is_negation(word, after) for word, after in zip(folded, [*folded[1:], ""], strict=True))
    keys = frozenset(word.key for word in part if word.weight > 0 and word.folded not in NEGATIONS)
    return Clause(keys, as_said, negations % 2 == 1, HIDDEN_NEGATIONS.intersection(folded))


def _is_negation(word: str, after: str) -> bool:
    # "no later than", "not only", "no. 5" deny nothing.
    return word in NEGATIONS and after not in ("later", "only", "more", "less", "fewer", "nur", "mehr", "seulement")


def is_turned(claim: str, sources: Iterable[str]) -> bool:
    """Whether a clause of `claim` is in `sources` almost word by word, but denied there, or with the opposite word."""
    theirs = [clause for source in sources for clause in clauses(source)]
    return any(_turned(clause, theirs) for clause in clauses(claim) if len(clause.keys) >= _LEAST_WORDS)


def says_much(text: str) -> bool:
    """Whether a clause of `text` has words enough to be compared with others."""
    return any(len(clause.keys) >= _LEAST_WORDS for clause in clauses(text))


def swaps_sides(claim: str, held: Collection[str]) -> bool:
    """Whether `claim` has one of two opposites, such as left and right, where the words `held` have only the other."""
    said = {word.folded for word in words(claim)}
    return any(said & {one} and one not in held and two in held and two not in said for one, two in _sides())


def _turned(clause: Clause, theirs: Sequence[Clause]) -> bool:
    same = opposed = 0.0
    for other in theirs:
        match = _closeness(clause, other)
        if _opposes(clause, other):
            opposed = max(opposed, match)
        else:
            same = max(same, match)
    return opposed >= _CLOSE and opposed > same + _CLEARLY


def _closeness(clause: Clause, other: Clause) -> float:
    swapped = {word for pair in _swaps(clause, other) for word in pair}
    wanted = clause.keys - swapped
    return len(wanted & other.keys) / len(wanted) if len(wanted) >= _LEAST_WORDS - bool(swapped) else 0.0


def _opposes(clause: Clause, other: Clause) -> bool:
    swaps = _swaps(clause, other)
    in_swaps = {word for pair in swaps for word in pair}
    if (clause.hidden ^ other.hidden) - in_swaps:
        return False
    return (clause.negated != other.negated) != (len(swaps) % 2 == 1)


def _swaps(clause: Clause, other: Clause) -> list[tuple[str, str]]:
    table = _opposites()
    found = [
        (word, opposite)
        for word in clause.folded & table.keys()
        for opposite in table[word] & other.folded
        if word not in other.folded and opposite not in clause.folded
    ]
    if clause.negated and other.negated:
        found = [pair for pair in found if not _ONLY_UNNEGATED.issuperset(pair)]
    return found


@lru_cache(maxsize=1)
def _sides() -> list[tuple[str, str]]:
    pairs = [tuple(line.split()) for line in STRICT_OPPOSITES.casefold().strip().splitlines()]
    return [pair for one, two in pairs for pair in ((one, two), (two, one))]


@lru_cache(maxsize=1)
def _opposites() -> Mapping[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for line in OPPOSITES.casefold().strip().splitlines():
        one, two = line.split()
        table[one] = table.get(one, frozenset()) | {two}
        table[two] = table.get(two, frozenset()) | {one}
    return table
