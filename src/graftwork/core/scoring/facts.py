"""Which of the facts that must be there are there, and which that must not be are there too."""

from graftwork.core.scoring.normal import holds
from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, share


def score(case: Case) -> Tally | None:
    """A fact is kept where one of its alternatives occurs, as whole words; letter case and form of numbers are free."""
    facts, forbidden = case.expected.facts, case.expected.forbidden
    tally: dict[Key, float] = {}
    if facts:
        tally["facts",] = len(facts)
        tally["kept",] = sum(any(holds(case.draft, text) for text in fact) for fact in facts)
    if forbidden:
        hits = sum(holds(case.draft, text) for text in forbidden)
        tally |= {("forbidden",): len(forbidden), ("hits",): hits, ("drafts",): 1, ("with any",): hits > 0}
    return tally or None


SCORING = Scoring(
    score,
    (
        Metric("kept", "share", "higher", share("kept", "facts")),
        Metric("invented", "share", "lower", share("hits", "forbidden")),
        Metric("drafts_with_invented", "share", "lower", share("with any", "drafts"), shown=False),
    ),
)
