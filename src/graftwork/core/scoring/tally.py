"""What a scorer gives for one row, and how rows become one figure.

A scorer counts, and a metric is a function of the counts' sums. So the same function gives the figure of one row, of
all rows, and of each draw of a bootstrap; and a row that a scorer cannot judge adds nothing anywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from graftwork.core.bootstrap import Floats
from graftwork.core.scoring.expected import Expected
from graftwork.core.types import Excerpt, Grounds

Key = tuple[str, ...]
Tally = Mapping[Key, float]
Better = Literal["higher", "lower", "reference"]


@dataclass(frozen=True, slots=True)
class Case:
    """One draft, beside what was expected of it. `value` is the draft as JSON, `None` where it is none.

    `fields` are the texts of the item, in which offsets of evidence count. `excerpts` are the passages of documents
    that were looked up, in the order of their rank. `vocabulary` has, for each attribute, the values that occur
    anywhere in the data.
    """

    expected: Expected
    draft: str = field(repr=False)
    value: Any = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    excerpts: tuple[Excerpt, ...] = field(default=(), repr=False)
    grounds: Grounds | None = field(default=None, repr=False)
    refused: bool = False
    looks_up: bool = False
    wants_evidence: bool = False
    label_field: str = ""
    vocabulary: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)


class Totals:
    """Sums by key, one number a draw. A key that nothing was counted under is 0 everywhere."""

    def __init__(self, keys: Sequence[Key], sums: Floats) -> None:
        self._columns = {key: number for number, key in enumerate(keys)}
        self._sums = sums

    def __getitem__(self, key: str | Key) -> Floats:
        column = self._columns.get((key,) if isinstance(key, str) else key)
        return np.zeros(len(self._sums)) if column is None else self._sums[:, column]

    def last_parts(self, *prefix: str) -> list[str]:
        """What stands behind `prefix` in the keys that begin with it, in order."""
        found = {key[-1] for key in self._columns if key[:-1] == prefix}
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a scorer. `of` gives NaN where it is not defined.

    `shown`: in the table on the terminal, and in the order of the page's rows. `per_row` is false for what a single
    row cannot have, such as a kappa. `bounds` are the values at which no draw differs from another, so that the
    interval has to come from elsewhere.
    """

    name: str
    unit: str
    better: Better
    of: Callable[[Totals], Floats]
    shown: bool = True
    per_row: bool = True
    bounds: tuple[float, float] | None = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scoring:
    """One scorer: `score` gives the counts of one row, or `None` where the row says nothing about it."""

    score: Callable[[Case], Tally | None]
    metrics: tuple[Metric, ...]


def matrix(tallies: Iterable[Tally]) -> tuple[list[Key], Floats]:
    """One row a tally, one column a key."""
    rows = list(tallies)
    keys = sorted({key for row in rows for key in row})
    columns = {key: number for number, key in enumerate(keys)}
    sums = np.zeros((len(rows), len(keys)))
    for number, row in enumerate(rows):
        for key, count in row.items():
            sums[number, columns[key]] = count
    return keys, sums


def row_value(metric: Metric, tally: Tally | None) -> float | None:
    """The metric of a single row; `None` where it is not scored."""
    if tally is None or not metric.per_row:
        return None
    keys, sums = matrix([tally])
    value = float(metric.of(Totals(keys, sums))[0])
    return None if np.isnan(value) else value


def ratio(top: Floats, bottom: Floats) -> Floats:
    """`top / bottom`, NaN where there is nothing below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(bottom > 0, top / bottom, np.nan)
    return found


def share(top: str, bottom: str) -> Callable[[Totals], Floats]:
    return lambda totals: ratio(totals[top], totals[bottom])


def mean(name: str) -> Callable[[Totals], Floats]:
    """The mean of a value counted with `one`."""
    return lambda totals: ratio(totals[name, "sum"], totals[name, "rows"])


def one(name: str, value: float | None) -> dict[Key, float]:
    """A value of one row, for `mean`; nothing where it is unknown."""
    return {} if value is None else {(name, "sum"): value, (name, "rows"): 1.0}


def mean_over(parts: Sequence[Floats]) -> Floats:
    """The mean of several figures, without those that are not defined; NaN where none is."""
    stacked = np.stack(parts) if parts else np.full((1, 1), np.nan)
    known = ~np.isnan(stacked)
    return ratio(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(float))
