"""The company's own terms: customers, products, code names, from files of a million lines.

A file holds one term a line, or CSV with the columns `term`, and, where wanted, `kind` and `case`. Terms are whole
words. A term counts in any case unless it is short, all capitals (`ACE`), or its row says `case = exact`.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import ahocorasick_rs

from graftwork.core.errors import DictionaryInvalid
from graftwork.core.privacy.finding import KINDS, Finding, Kind
from graftwork.core.privacy.propagation import fold
from graftwork.core.privacy.text import Text

_SCORE = 0.95
_SHORT = 3
_NFA_FROM = 50_000


@dataclass(frozen=True, slots=True)
class Term:
    text: str
    kind: Kind = "term"
    exact: bool = False
    """Only in the case it is written in."""


class Dictionary:
    """Finds terms in one pass, whatever their number. Thread-safe."""

    name = "dictionary"

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[str, Term] = {}
        for term in terms:
            if folded := fold(term.text.strip()):
                self._terms.setdefault(folded, term)
        self._values = list(self._terms)
        # A table of all states is fastest and, for a million terms, too large: then a compact automaton.
        kind = ahocorasick_rs.Implementation.ContiguousNFA if len(self._values) > _NFA_FROM else None
        self._automaton = ahocorasick_rs.AhoCorasick(
            self._values, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, implementation=kind
        )

    def find(self, text: Text) -> Iterator[Finding]:
        haystack = fold(text.normal)
        for index, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=False):
            term = self._terms[self._values[index]]
            if _whole(haystack, start, end) and (not term.exact or text.normal[start:end] == term.text):
                yield Finding(start, end, term.kind, self.name, "a term of the company's own list", _SCORE)


def load_dictionary(path: Path) -> Iterator[Term]:
    """The terms of a file, `.csv` with a header or any other with one a line. Raises `DictionaryInvalid`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _rows(path, lines) if path.suffix.lower() == ".csv" else _lines(lines)
    except OSError as missing:
        raise DictionaryInvalid(file=path.name, line=0, problem="it cannot be read") from missing
    except UnicodeDecodeError as broken:
        raise DictionaryInvalid(file=path.name, line=0, problem="it is not UTF-8") from broken


def _lines(lines: Iterable[str]) -> Iterator[Term]:
    for line in lines:
        if (text := line.strip()) and not text.startswith("#"):
            yield _term(text, "term", "")


def _rows(path: Path, lines: Iterable[str]) -> Iterator[Term]:
    rows = csv.DictReader(lines)
    if "term" not in (rows.fieldnames or ()):
        raise DictionaryInvalid(file=path.name, line=1, problem="there is no column `term`")
    for row in rows:
        kind = (row.get("kind") or "term").strip()
        if kind not in KINDS:
            raise DictionaryInvalid(file=path.name, line=rows.line_num, problem="its kind is unknown")
        if text := (row["term"] or "").strip():
            yield _term(text, cast("Kind", kind), row.get("case") or "")


def _term(text: str, kind: Kind, case: str) -> Term:
    return Term(
        text, kind, exact=case == "exact" or len(text) <= _SHORT or (text.isupper() and len(text) <= _SHORT + 2)
    )


def _whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum() and text[start].isalnum()) and not (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )
