"""How much of the draft a person would keep to arrive at the reference answer."""

from graftwork.core.edits import share_rewritten
from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, mean, one


def score(case: Case) -> Tally | None:
    """1 minus the share of words rewritten, as reviews are measured: 1 is untouched, 0 is all rewritten."""
    if case.expected.text is None:
        return None
    return one("similarity", 1 - share_rewritten(case.draft, case.expected.text))


SCORING = Scoring(score, (Metric("similarity", "share", "higher", mean("similarity")),))
