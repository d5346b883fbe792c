"""ROUGE-1, ROUGE-2 and ROUGE-L against the reference answer, without stemming.

C.-Y. Lin, ROUGE: A package for automatic evaluation of summaries, 2004. Words are runs of letters and digits in lower
case, as in Google's rouge-score with its stemmer off; the tests compare the two. That package brings NLTK with it for
the stemmer alone and has seen no release since 2022, so the three formulas stand here.
"""

import re
from collections import Counter

from rapidfuzz.distance import LCSseq

from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, mean, one

_WORD = re.compile(r"[^\W_]+")
KINDS = ("rouge1", "rouge2", "rougel")


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def score(case: Case) -> Tally | None:
    if case.expected.text is None:
        return None
    draft, reference = words(case.draft), words(case.expected.text)
    tally: dict[Key, float] = {}
    for kind in KINDS:
        common, of_draft, of_reference = _common(kind, draft, reference)
        precision = common / of_draft if of_draft else 0.0
        recall = common / of_reference if of_reference else 0.0
        f1 = 2 * precision * recall / (precision + recall) if common else 0.0
        tally |= one(f"{kind}_precision", precision) | one(f"{kind}_recall", recall) | one(f"{kind}_f1", f1)
    return tally


def _common(kind: str, draft: list[str], reference: list[str]) -> tuple[int, int, int]:
    """Units in common, in the draft, in the reference."""
    if kind == "rougel":
        return int(LCSseq.similarity(draft, reference)), len(draft), len(reference)
    size = 1 if kind == "rouge1" else 2
    one_side, other = _grams(draft, size), _grams(reference, size)
    return (one_side & other).total(), one_side.total(), other.total()


def _grams(found: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(found[start:] for start in range(size)), strict=False))


SCORING = Scoring(
    score,
    tuple(
        Metric(name, "share", "higher", mean(name), shown=name in ("rouge1_f1", "rougel_f1"))
        for kind in KINDS
        for name in (f"{kind}_f1", f"{kind}_precision", f"{kind}_recall")
    ),
)
