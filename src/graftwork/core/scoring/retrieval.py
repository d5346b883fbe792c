"""Whether the documents that hold the answer were found, and how far up.

A document counts at the rank of its first passage. nDCG with a relevance of 0 or 1 and the discount 1 / log2(rank + 1)
(Jarvelin and Kekalainen, Cumulated gain-based evaluation of IR techniques, TOIS 20, 2002), as trec_eval counts it.
"""

from math import log2

from graftwork.core.scoring.normal import canonical
from graftwork.core.scoring.places import document_of
from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, mean, one

CUTS = (1, 3, 5, 10)
NDCG_CUT = 10


def score(case: Case) -> Tally | None:
    """Rows that name the documents (or the passages) of the answer. Nothing found is a score of 0, not none."""
    if not (case.expected.documents or case.expected.passages):
        return None
    ranked = list(dict.fromkeys(name for excerpt in case.excerpts if (name := document_of(excerpt))))
    tally: dict[Key, float] = {}
    if gold := set(case.expected.documents or ()):
        hits = [name in gold for name in ranked]
        for cut in CUTS:
            tally |= one(f"recall@{cut}", sum(hits[:cut]) / len(gold)) | one(f"precision@{cut}", sum(hits[:cut]) / cut)
        tally |= one(f"ndcg@{NDCG_CUT}", _ndcg(hits, len(gold)))
        tally |= one("mrr", next((1 / rank for rank, hit in enumerate(hits, 1) if hit), 0.0))
    if wanted := case.expected.passages:
        shown = [canonical(excerpt.text) for excerpt in case.excerpts]
        found = sum(any(canonical(words) in text for text in shown) for words in wanted)
        tally |= one("passages", found / len(wanted))
    return tally


def _ndcg(hits: list[bool], relevant: int) -> float:
    gain = sum(1 / log2(rank + 1) for rank, hit in enumerate(hits[:NDCG_CUT], 1) if hit)
    best = sum(1 / log2(rank + 1) for rank in range(1, min(relevant, NDCG_CUT) + 1))
    return gain / best


def _metric(name: str, *, shown: bool = False) -> Metric:
    return Metric(name, "share", "higher", mean(name), shown=shown)


SCORING = Scoring(
    score,
    (
        *(_metric(f"recall@{cut}", shown=cut == 5) for cut in CUTS),
        *(_metric(f"precision@{cut}") for cut in CUTS),
        _metric(f"ndcg@{NDCG_CUT}", shown=True),
        _metric("mrr", shown=True),
        _metric("passages", shown=True),
    ),
)
