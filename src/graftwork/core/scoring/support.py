"""How much of the drafts has no support in what they were written from."""

from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, share


def score(case: Case) -> Tally | None:
    """By the check of the draft itself, so no expected answer is needed. `None` where nothing was checked."""
    if case.grounds is None:
        return None
    kinds = [claim.support for claim in case.grounds.claims]
    unsupported = kinds.count("unsupported")
    checked = unsupported + kinds.count("supported")
    if not checked:
        return None
    return {("statements",): checked, ("unsupported",): unsupported, ("drafts",): 1, ("with any",): unsupported > 0}


SCORING = Scoring(
    score,
    (
        Metric("unsupported", "share", "lower", share("unsupported", "statements")),
        Metric("drafts_with_unsupported", "share", "lower", share("with any", "drafts"), shown=False),
    ),
)
