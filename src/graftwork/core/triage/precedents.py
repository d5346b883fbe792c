"""Clauses that people have decided on, as a file keeps them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from graftwork.core.triage.errors import PrecedentsUnreadable

LONGEST_CLAUSE = 100_000


@dataclass(frozen=True, slots=True)
class Precedent:
    """A clause and the rule that it breaks; `rule` is empty where it was allowed."""

    clause: str = field(repr=False)
    rule: str = ""

    @property
    def breaks(self) -> bool:
        return bool(self.rule)


def load_precedents(text: str) -> list[Precedent]:
    """Read a CSV (RFC 4180) with the columns `clause` and `rule`; others are left aside, empty clauses left out.

    Raises `PrecedentsUnreadable`, which names the line and never the clause.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        return list(_read(reader))
    except csv.Error as error:
        raise PrecedentsUnreadable(reader.reader.line_num, f"it is no CSV ({error})") from None


def _read(reader: "csv.DictReader[str]") -> Iterator[Precedent]:
    for column in ("clause", "rule"):
        if column not in (reader.fieldnames or ()):
            raise PrecedentsUnreadable(1, f"there is no column `{column}`")
    for row in reader:
        clause = " ".join((row["clause"] or "").split())
        if row["rule"] is None:
            raise PrecedentsUnreadable(reader.line_num, "it has no value for `rule`")
        if len(clause) > LONGEST_CLAUSE:
            raise PrecedentsUnreadable(reader.line_num, f"a clause is longer than {LONGEST_CLAUSE:,} characters")
        if clause:
            yield Precedent(clause, row["rule"].strip())
