"""The length of the drafts, beside that of the reference answers."""

from graftwork.core.scoring.rouge import words
from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, mean, one


def score(case: Case) -> Tally | None:
    if case.expected.text is None:
        return None
    draft, reference = len(words(case.draft)), len(words(case.expected.text))
    return one("words", draft) | one("ratio", draft / reference if reference else None)


SCORING = Scoring(
    score,
    (
        Metric("ratio", "times the reference", "reference", mean("ratio"), bounds=None),
        Metric("words", "words", "reference", mean("words"), shown=False, bounds=None),
    ),
)
