"""Agreement with a person's label: accuracy, F1, and kappa, which takes off what agrees by chance.

J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from graftwork.core.bootstrap import Floats
from graftwork.core.scoring.normal import canonical
from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, Totals, mean_over, ratio

# What a draft without a label says. It is no label of the person's, so it always counts as wrong.
NO_LABEL = "(none)"
_BETWEEN = "\x1f"


def score(case: Case) -> Tally | None:
    """`expected.label`, or the label field of `expected.fields`, against that property of the draft."""
    gold = case.expected.label
    if gold is None and case.expected.fields is not None:
        gold = _label(case.expected.fields.get(case.label_field))
    if gold is None or not case.label_field:
        return None
    said = _label(case.value.get(case.label_field)) if isinstance(case.value, dict) else None
    return {("pair", f"{canonical(gold)}{_BETWEEN}{NO_LABEL if said is None else canonical(said)}"): 1}


def _label(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) and value != "" else None


def confusion(totals: Totals) -> dict[tuple[str, str], Floats]:
    """How often each (person's label, draft's label) came together."""
    found = {}
    for joined in totals.last_parts("pair"):
        gold, _, said = joined.partition(_BETWEEN)
        found[gold, said] = totals["pair", joined]
    return found


def by_label(totals: Totals) -> dict[str, dict[str, float]]:
    """How often each of the person's labels got each of the draft's, for the report."""
    found: dict[str, dict[str, float]] = {}
    for (gold, said), count in confusion(totals).items():
        found.setdefault(gold, {})[said] = float(count[0])
    return found


def _of(figure: Callable[[dict[tuple[str, str], Floats]], Floats]) -> Callable[[Totals], Floats]:
    def of(totals: Totals) -> Floats:
        pairs = confusion(totals)
        return figure(pairs) if pairs else totals[""] * float("nan")

    return of


def _agreeing(pairs: dict[tuple[str, str], Floats]) -> Floats:
    return _sum(pairs, [pair for pair in pairs if pair[0] == pair[1]])


def _sum(pairs: dict[tuple[str, str], Floats], chosen: list[tuple[str, str]]) -> Floats:
    return np.sum([pairs[pair] for pair in chosen], axis=0) if chosen else np.zeros_like(next(iter(pairs.values())))


def _accuracy(pairs: dict[tuple[str, str], Floats]) -> Floats:
    return ratio(_agreeing(pairs), _sum(pairs, list(pairs)))


def _kappa(pairs: dict[tuple[str, str], Floats]) -> Floats:
    rows = _sum(pairs, list(pairs))
    labels = {label for pair in pairs for label in pair}
    chance = sum(
        (
            _sum(pairs, [pair for pair in pairs if pair[0] == label])
            * _sum(pairs, [pair for pair in pairs if pair[1] == label])
            for label in sorted(labels)
        ),
        np.zeros_like(rows),
    )
    expected = ratio(chance, rows * rows)
    # Where both always say the same one label, kappa is not defined: there is nothing to agree on.
    return ratio(ratio(_agreeing(pairs), rows) - expected, 1 - expected)


def _macro(kind: str) -> Callable[[dict[tuple[str, str], Floats]], Floats]:
    """The mean over the person's labels."""

    def of(pairs: dict[tuple[str, str], Floats]) -> Floats:
        figures = []
        for label in sorted({gold for gold, _ in pairs}):
            right = _sum(pairs, [pair for pair in pairs if pair == (label, label)])
            of_person = _sum(pairs, [pair for pair in pairs if pair[0] == label])
            of_draft = _sum(pairs, [pair for pair in pairs if pair[1] == label])
            below = {"precision": of_draft, "recall": of_person, "f1": (of_draft + of_person) / 2}[kind]
            figures.append(ratio(right, below))
        return mean_over(figures)

    return of


SCORING = Scoring(
    score,
    (
        Metric("accuracy", "share", "higher", _of(_accuracy)),
        *(
            Metric(f"{kind}_macro", "share", "higher", _of(_macro(kind)), shown=kind == "f1", per_row=False)
            for kind in ("precision", "recall", "f1")
        ),
        Metric("kappa", "kappa", "higher", _of(_kappa), per_row=False, bounds=(-1.0, 1.0)),
    ),
)
