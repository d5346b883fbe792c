"""How much of the drafts has no support in what they were written from.

Sentences that were taken out for that count as written: else a use case that removes them would always score 0.
"""

from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, share


def score(case: Case) -> Tally | None:
    """By the check of the draft itself, so no expected answer is needed. `None` where nothing was checked."""
    if case.grounds is None:
        return None
    kinds = [claim.support for claim in case.grounds.claims]
    left, removed = kinds.count("unsupported"), len(case.grounds.removed)
    shown = left + kinds.count("supported")
    if not shown + removed:
        return None
    return {
        ("statements",): shown + removed,
        ("unsupported",): left + removed,
        ("shown",): shown,
        ("left",): left,
        ("drafts",): 1,
        ("with any",): left + removed > 0,
    }


SCORING = Scoring(
    score,
    (
        Metric("unsupported", "share", "lower", share("unsupported", "statements")),
        Metric("unsupported_left", "share", "lower", share("left", "shown")),
        Metric("drafts_with_unsupported", "share", "lower", share("with any", "drafts"), shown=False),
    ),
)
