"""The scorers by the names that a use-case file gives them, and the figures of many rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graftwork.core.bootstrap import Floats, cluster_bootstrap
from graftwork.core.scoring import (
    citations,
    edits,
    evidence,
    facts,
    fields,
    labels,
    length,
    refusal,
    retrieval,
    rouge,
    slots,
    support,
)
from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, Totals, matrix, row_value
from graftwork.core.stats import SEED, Estimate
from graftwork.core.usecase_tables import Scorer

SCORERS: dict[Scorer, Scoring] = {
    "fields": fields.SCORING,
    "evidence": evidence.SCORING,
    "labels": labels.SCORING,
    "citations": citations.SCORING,
    "support": support.SCORING,
    "retrieval": retrieval.SCORING,
    "refusal": refusal.SCORING,
    "slots": slots.SCORING,
    "facts": facts.SCORING,
    "rouge": rouge.SCORING,
    "edits": edits.SCORING,
    "length": length.SCORING,
}

Tallies = dict[Scorer, Tally | None]


@dataclass(frozen=True, slots=True)
class Score:
    """One figure of the whole. `estimate` is `None` where no row could be scored; `rows` counts those that could."""

    scorer: Scorer
    metric: Metric
    estimate: Estimate | None
    rows: int
    unscored: int

    @property
    def name(self) -> str:
        return f"{self.scorer}.{self.metric.name}"


def chosen(names: Sequence[Scorer]) -> tuple[Scorer, ...]:
    """The scorers to use: those named, in the registry's order, else all."""
    return tuple(name for name in SCORERS if name in names or not names)


def score_case(case: Case, names: Sequence[Scorer]) -> Tallies:
    """What each scorer counts in one draft; `None` where the row says nothing about it."""
    return {name: SCORERS[name].score(case) for name in names}


def row_values(tallies: Tallies) -> dict[str, float | None]:
    """Every metric of one row by its name, `None` where it is not scored."""
    return {
        f"{scorer}.{metric.name}": row_value(metric, tally)
        for scorer, tally in tallies.items()
        for metric in SCORERS[scorer].metrics
    }


def badness(values: dict[str, float | None]) -> float | None:
    """How bad a row is, 0 to 1: the mean over the metrics of the table that say what is good. `None`: not scored."""
    found = []
    for scorer, scoring in SCORERS.items():
        for metric in scoring.metrics:
            value = values.get(f"{scorer}.{metric.name}")
            if value is not None and metric.shown and metric.better != "reference":
                share = min(max(value, 0.0), 1.0)
                found.append(share if metric.better == "lower" else 1 - share)
    return sum(found) / len(found) if found else None


def totals_of(tallies: Iterable[Tally | None]) -> Totals:
    """The sums over rows, as one draw."""
    keys, sums = matrix(tally for tally in tallies if tally is not None)
    return Totals(keys, sums.sum(axis=0, keepdims=True))


def scores(
    scorer: Scorer, tallies: Sequence[Tally | None], clusters: Sequence[str], *, seed: int = SEED
) -> list[Score]:
    """Every metric of one scorer over many rows, with intervals by drawing `clusters` (threads, documents) again."""
    known = [(tally, cluster) for tally, cluster in zip(tallies, clusters, strict=True) if tally is not None]
    keys, rows = matrix(tally for tally, _ in known)
    found = []
    for metric in SCORERS[scorer].metrics:
        scored = [
            number
            for number, (tally, _) in enumerate(known)
            if not metric.per_row or row_value(metric, tally) is not None
        ]
        sums = _by_cluster(rows[scored], [known[number][1] for number in scored])

        def statistic(sums: Floats, metric: Metric = metric) -> Floats:
            return metric.of(Totals(keys, sums))

        estimate = cluster_bootstrap(sums, statistic, unit=metric.unit, bounds=metric.bounds, seed=seed)
        rows_scored = len(scored) if estimate else 0
        found.append(Score(scorer, metric, estimate, rows_scored, len(tallies) - rows_scored))
    return found


def _by_cluster(rows: Floats, clusters: Sequence[str]) -> Floats:
    numbers = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    sums = np.zeros((len(numbers), rows.shape[1]))
    np.add.at(sums, [numbers[cluster] for cluster in clusters], rows)
    return sums
