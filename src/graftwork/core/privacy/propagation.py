"""A value found once is found everywhere: in the rest of the document, and in what follows in its thread."""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import (
    AMBIGUOUS,
    CALENDAR,
    GENERIC,
    GIVEN,
    HONORIFIC,
    ORDINARY,
    ORG_HEAD,
    ORG_SUFFIX,
    PARTICLE,
    PUBLIC,
    STREET,
    SURNAME,
    TITLE,
    Vocabulary,
)

_PLAIN = ORDINARY | GENERIC | CALENDAR | HONORIFIC | PUBLIC | STREET | ORG_HEAD | ORG_SUFFIX | TITLE | AMBIGUOUS
_SCORE = 0.57
_SHORTEST = 3
_FEW = 40  # Below this, counting each is faster than building an automaton for all.
_A_HANDFUL = 6  # Below this, seeking each is faster.
_HERE = "found elsewhere in this text"
_EARLIER = "found earlier in this thread"
_NARROW: frozenset[Kind] = frozenset(("date", "date_of_birth", "age", "group", "url", "ip", "mac", "literal"))
"""Kinds whose values are found by their form wherever they stand, or say nothing elsewhere."""

Known = Sequence[tuple[str, Kind]]


@dataclass(frozen=True, slots=True)
class Form:
    """One way a known value is written. `exact`: a word of the language too, so only in the same case."""

    kind: Kind
    exact: str | None
    reason: str
    seen: int
    """How often it stands in this text at least: 0 for what only the thread has shown."""


def spread(text: Text, findings: Iterable[Finding], known: Known, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Further findings of the values in `findings` and of `known`; linear in text and values."""
    forms: dict[str, Form] = {}
    for value, kind in known:
        _add(forms, value, kind, 1.0, vocabulary, _EARLIER)
    for found in findings:
        if found.kind not in _NARROW:
            value = text.normal[found.start : found.end]
            _add(forms, value, found.kind, found.score, vocabulary, _HERE)
    if forms:
        yield from _search(text.normal, forms)


def _add(forms: dict[str, Form], value: str, kind: Kind, score: float, vocabulary: Vocabulary, reason: str) -> None:
    folded = fold(value)
    if len(folded) < _SHORTEST:
        return
    single = " " not in value
    plain = single and bool(vocabulary.flags(value) & _PLAIN) and value.isalpha()
    if not (plain and score < 0.7) and not (single and kind == "location" and value.isupper()):
        forms.setdefault(folded, Form(kind, value if plain or score < 0.55 else None, reason, int(reason is _HERE)))
    if kind == "person" and not single and score >= 0.42:
        for word in value.split():
            _add_part(forms, word, score, vocabulary, reason)


def _add_part(forms: dict[str, Form], word: str, score: float, vocabulary: Vocabulary, reason: str) -> None:
    """One name of a person, alone: `Douglas` after `Charlie Douglas`."""
    word = word.strip(".,'’()\"")
    flags = vocabulary.flags(word) if word else PARTICLE
    if len(word) < _SHORTEST or (flags & PARTICLE and not flags & (GIVEN | SURNAME)):
        return
    plain = bool(flags & _PLAIN)
    if (
        plain
        and (score < 0.6 or flags & (HONORIFIC | PUBLIC | GENERIC | CALENDAR))
        and not (score >= 0.9 and word[0].isupper())
    ):
        return
    forms.setdefault(
        fold(word),
        Form("person", word if plain or score < 0.55 else None, f"a name of a person {reason}", int(reason is _HERE)),
    )


def _search(text: str, forms: dict[str, Form]) -> Iterator[Finding]:
    haystack = fold(text)
    values = (
        list(forms) if len(forms) > _FEW else [value for value in forms if haystack.count(value) > forms[value].seen]
    )
    for value, start, end in _places(haystack, values):
        form = forms[value]
        if _inside_a_word(haystack, start, end):
            continue
        if form.exact is None or text[start:end] == form.exact:
            yield Finding(start, end, form.kind, "propagation", form.reason, _SCORE)


def _places(haystack: str, values: list[str]) -> Iterator[tuple[str, int, int]]:
    """Where `values` stand, from left to right, the longest first, without overlaps."""
    if len(values) > _A_HANDFUL:
        automaton = ahocorasick_rs.AhoCorasick(values, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
        yield from ((values[index], start, end) for index, start, end in automaton.find_matches_as_indexes(haystack))
        return
    last = 0
    places = [(at, -len(value), value) for value in values for at in _all(haystack, value)]
    for start, length, value in sorted(places):
        if start >= last:
            last = start - length
            yield value, start, last


def _all(haystack: str, value: str) -> Iterator[int]:
    at = haystack.find(value)
    while at >= 0:
        yield at
        at = haystack.find(value, at + 1)


def _inside_a_word(text: str, start: int, end: int) -> bool:
    return (start > 0 and text[start - 1].isalnum() and text[start].isalnum()) or (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )


def fold(text: str) -> str:
    """Lower case, one character for one character: `lower()` makes two of some."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one := sign.lower()) == 1 else sign for sign in text)
