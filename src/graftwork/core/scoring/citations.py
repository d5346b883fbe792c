"""Whether citations lead to documents that hold the answer, and whether all of those are cited.

Citation precision and recall as in ALCE (Gao et al., Enabling large language models to generate text with citations,
EMNLP 2023), with the check of the draft in place of a model that judges entailment, and documents as gold.
"""

from graftwork.core.scoring.places import document_of, excerpts_by_number
from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, share
from graftwork.core.types import Claim


def score(case: Case) -> Tally | None:
    """`None` where nothing is looked up. A draft that found nothing cites none of the expected documents."""
    if not case.looks_up or (case.grounds is None and not case.expected.documents):
        return None
    claims = [claim for claim in case.grounds.claims if claim.support != "states_nothing"] if case.grounds else []
    tally: dict[Key, float] = {
        ("statements",): len(claims),
        ("supported",): sum(claim.support == "supported" for claim in claims),
        ("cited statements",): sum(bool(claim.citations) for claim in claims),
    }
    if case.expected.documents:
        tally |= _against(case, claims, set(case.expected.documents))
    return tally


def _against(case: Case, claims: list[Claim], gold: set[str]) -> dict[Key, float]:
    excerpts = excerpts_by_number(case)
    cited = [
        (claim, document_of(excerpts[number]) if number in excerpts else None)
        for claim in claims
        for number in dict.fromkeys(citation.excerpt for citation in claim.citations)
    ]
    return {
        ("citations",): len(cited),
        ("right citations",): sum(name in gold and claim.support == "supported" for claim, name in cited),
        ("documents",): len(gold),
        ("cited documents",): len(gold & {name for _, name in cited if name}),
    }


SCORING = Scoring(
    score,
    (
        Metric("precision", "share", "higher", share("right citations", "citations")),
        Metric("recall", "share", "higher", share("cited documents", "documents")),
        Metric("supported", "share", "higher", share("supported", "statements"), shown=False),
        Metric("cited", "share", "higher", share("cited statements", "statements"), shown=False),
    ),
)
