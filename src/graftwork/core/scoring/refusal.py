"""Whether a draft says that it found nothing exactly where the sources hold no answer."""

from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, share


def score(case: Case) -> Tally | None:
    """Rows that say whether they can be answered. To say nothing was found is what is looked for."""
    answerable = case.expected.answerable
    if answerable is None:
        return None
    return {
        ("refused",): case.refused,
        ("unanswerable",): not answerable,
        ("rightly refused",): case.refused and not answerable,
        ("answerable",): answerable,
        ("wrongly refused",): case.refused and answerable,
        ("rows",): 1,
        ("right",): case.refused != answerable,
    }


SCORING = Scoring(
    score,
    (
        Metric("precision", "share", "higher", share("rightly refused", "refused")),
        Metric("recall", "share", "higher", share("rightly refused", "unanswerable")),
        Metric("wrongly_refused", "share", "lower", share("wrongly refused", "answerable"), shown=False),
        Metric("accuracy", "share", "higher", share("right", "rows"), shown=False),
    ),
)
