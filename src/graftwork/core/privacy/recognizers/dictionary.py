"""The company's own terms: customers, products, code names, from files of any length.

Found by Aho and Corasick's automaton (CACM 18(6), 1975) in one pass, whatever the number of terms.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from graftwork.core.errors import DictionaryInvalid
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.text import Text

# Below this many characters a term counts only as it is written: `ARC` is a project, `arc` a word.
CASE_COUNTS_UP_TO = 3
# A term was put there by people who know, so it wins over whatever a rule thinks it sees.
SCORE = 0.97
_COMPACT_FROM_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class Term:
    value: str
    kind: Kind = "term"


class Dictionary:
    """Finds terms as whole words, in any case but for the shortest. Of terms inside one another all are found."""

    name = "dictionary"

    def __init__(self, terms: Iterable[Term]) -> None:
        exact: dict[str, Kind] = {}
        folded: dict[str, Kind] = {}
        for term in terms:
            value = normalise(term.value).normal.strip()
            if len(value) > CASE_COUNTS_UP_TO:
                folded[_fold(value)] = term.kind
            elif value:
                exact[value] = term.kind
        self._parts = tuple(
            (_automaton(table), tuple(table.values()), fold)
            for table, fold in ((folded, True), (exact, False))
            if table
        )

    def find(self, text: Text) -> Iterator[Finding]:
        for automaton, kinds, fold in self._parts:
            haystack = _fold(text.normal) if fold else text.normal
            for index, start, end in automaton.find_matches_as_indexes(haystack, overlapping=True):
                if _whole_word(text.normal, start, end):
                    yield Finding(start, end, kinds[index], self.name, "a term of the company's dictionary", SCORE)


def read_terms(file: Path) -> list[Term]:
    """One term a line, or CSV with a header `term` and, if wanted, `kind`. Lines that begin with `#` are comments.

    Raises `DictionaryInvalid`, which names the line and never the term.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DictionaryInvalid(str(file), 1, "not UTF-8 text") from None
    except OSError as error:
        raise DictionaryInvalid(str(file), 0, error.strerror or "cannot be read") from None
    header = [name.strip() for name in lines[0].split(",")] if lines else []
    if "term" in header:
        return [_from_row(file, number, row) for number, row in enumerate(csv.DictReader(lines), 2)]
    return [Term(line.strip()) for line in lines if line.strip() and not line.startswith("#")]


def _from_row(file: Path, number: int, row: dict[str, str | None]) -> Term:
    value, kind = (row.get("term") or "").strip(), (row.get("kind") or "term").strip()
    if not value:
        raise DictionaryInvalid(str(file), number, "the column `term` is empty")
    if kind not in get_args(Kind):
        raise DictionaryInvalid(str(file), number, f"there is no kind `{kind}`")
    return Term(value, cast("Kind", kind))


def _automaton(table: dict[str, Kind]) -> AhoCorasick:
    compact = Implementation.ContiguousNFA if len(table) >= _COMPACT_FROM_TERMS else Implementation.DFA
    return AhoCorasick(list(table), matchkind=MatchKind.Standard, implementation=compact)


def _fold(text: str) -> str:
    """Lower case in which every character keeps its place: `İ` alone becomes two in Python."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one if len(one.lower()) != 1 else one.lower() for one in text)


def _whole_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    glued_before = before.isalnum() and text[start].isalnum()
    glued_after = after.isalnum() and text[end - 1].isalnum()
    return not glued_before and not glued_after
