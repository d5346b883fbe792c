"""Precision, recall and F1 of the values of a JSON.

Counted by leaf over all rows (micro) and as the mean over fields (macro), in three readings: `exact`, literally equal;
normalised (no prefix), where letter case, white space and the forms of numbers and dates do not count; `evidence`,
normalised and with the draft's evidence at the expected words. A wrong value is both a missing and a superfluous one
(MUC-5 Evaluation Metrics, Chinchor and Sundheim 1993).
"""

from collections.abc import Callable

from graftwork.core.bootstrap import Floats
from graftwork.core.scoring.leaves import Pair, pairs
from graftwork.core.scoring.normal import holds
from graftwork.core.scoring.places import evidence_by_pointer, words_at
from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, Totals, mean_over, ratio

PREFIXES = {"normalised": "", "exact": "exact_", "evidence": "evidence_"}
_HEADLINES = {"f1", "f1_macro", "exact_f1", "evidence_f1"}


def score(case: Case) -> Tally | None:
    """A draft that is no JSON has none of the values. `evidence` is counted where the row expects any."""
    if case.expected.fields is None:
        return None
    found = pairs(dict(case.expected.fields), case.value)
    readings: dict[str, Callable[[Pair], bool]] = {
        "normalised": lambda pair: pair.same,
        "exact": lambda pair: pair.equal,
    }
    if case.expected.evidence is not None:
        proven = _proven(case)
        readings["evidence"] = lambda pair: pair.same and proven(pair)
    tally: dict[Key, float] = {}
    for reading, right in readings.items():
        for pair in found:
            for kind in ["tp"] if right(pair) else _wrong(pair):
                key = (kind, reading, pair.field)
                tally[key] = tally.get(key, 0.0) + 1
    return tally


def _wrong(pair: Pair) -> list[str]:
    return [kind for kind, leaf in (("fn", pair.gold), ("fp", pair.draft)) if leaf is not None]


def _proven(case: Case) -> Callable[[Pair], bool]:
    """Whether a value's evidence holds the expected words. Where the row names none for it, its value alone counts."""
    given = evidence_by_pointer(case)
    wanted = case.expected.evidence or {}

    def proven(pair: Pair) -> bool:
        assert pair.gold is not None
        assert pair.draft is not None
        words = wanted.get(pair.gold.pointer)
        if words is None:
            return True
        found = words_at(case, given.get(pair.draft.pointer))
        return found is not None and holds(found, words)

    return proven


def _counts(totals: Totals, reading: str, field: str) -> tuple[Floats, Floats, Floats]:
    return totals["tp", reading, field], totals["fp", reading, field], totals["fn", reading, field]


def _names(totals: Totals, reading: str) -> list[str]:
    return sorted({name for kind in ("tp", "fp", "fn") for name in totals.last_parts(kind, reading)})


def _figure(kind: str, right: Floats, superfluous: Floats, missing: Floats) -> Floats:
    if kind == "precision":
        return ratio(right, right + superfluous)
    if kind == "recall":
        return ratio(right, right + missing)
    return ratio(2 * right, 2 * right + superfluous + missing)


def _micro(kind: str, reading: str) -> Callable[[Totals], Floats]:
    def of(totals: Totals) -> Floats:
        by_field = [_counts(totals, reading, name) for name in _names(totals, reading)]
        if not by_field:
            return totals[""] * float("nan")
        right, superfluous, missing = (sum(column[1:], column[0]) for column in zip(*by_field, strict=True))
        return _figure(kind, right, superfluous, missing)

    return of


def _macro(kind: str, reading: str) -> Callable[[Totals], Floats]:
    def of(totals: Totals) -> Floats:
        names = _names(totals, reading)
        if not names:
            return totals[""] * float("nan")
        return mean_over([_figure(kind, *_counts(totals, reading, name)) for name in names])

    return of


def by_field(totals: Totals) -> dict[str, dict[str, float]]:
    """Normalised counts of each field, for the report."""
    return {
        name: dict(
            zip(
                ("right", "superfluous", "missing"),
                (float(column[0]) for column in _counts(totals, "normalised", name)),
                strict=True,
            )
        )
        for name in _names(totals, "normalised")
    }


def _metrics() -> tuple[Metric, ...]:
    found = []
    for reading, prefix in PREFIXES.items():
        for kind in ("precision", "recall", "f1"):
            for ending, of in (("", _micro(kind, reading)), ("_macro", _macro(kind, reading))):
                name = f"{prefix}{kind}{ending}"
                found.append(Metric(name, "share", "higher", of, shown=name in _HEADLINES))
    return tuple(found)


SCORING = Scoring(score, _metrics())
