"""Whether the evidence of a JSON's values stands where the draft says."""

from graftwork.core.scoring.leaves import leaves, pairs
from graftwork.core.scoring.normal import holds, holds_value
from graftwork.core.scoring.places import evidence_by_pointer, words_at
from graftwork.core.scoring.tally import Case, Key, Metric, Scoring, Tally, mean, one, share


def score(case: Case) -> Tally | None:
    """Only drafts of a use case that asks for evidence, and that are JSON; values that are null need none."""
    if not case.wants_evidence or case.value is None:
        return None
    given = evidence_by_pointer(case)
    found = {leaf.pointer: (leaf, words_at(case, given.get(leaf.pointer))) for leaf in leaves(case.value)}
    located = [(leaf, words) for leaf, words in found.values() if words is not None]
    tally: dict[Key, float] = {
        ("values",): len(found),
        ("located",): len(located),
        # Whether something is so is rarely said in so many words, so true and false are not looked for.
        ("looked for",): sum(not isinstance(leaf.value, bool) for leaf, _ in located),
        ("said",): sum(holds_value(words, leaf.value) for leaf, words in located),
    }
    if located:
        tally |= one("characters", sum(len(words) for _, words in located) / len(located))
    return {**tally, **_right(case, {pointer: words for pointer, (_, words) in found.items()})}


def _right(case: Case, words_by_pointer: dict[str, str | None]) -> dict[Key, float]:
    """How many of the values with expected evidence that the draft has name those words."""
    wanted, gold = case.expected.evidence, case.expected.fields
    if wanted is None or gold is None:
        return {}
    asked = [
        (words_by_pointer.get(pair.draft.pointer), wanted[pair.gold.pointer])
        for pair in pairs(dict(gold), case.value)
        if pair.gold is not None and pair.draft is not None and pair.gold.pointer in wanted
    ]
    return {
        ("asked",): len(asked),
        ("right",): sum(words is not None and holds(words, expected) for words, expected in asked),
    }


SCORING = Scoring(
    score,
    (
        Metric("located", "share", "higher", share("located", "values")),
        Metric("holds_value", "share", "higher", share("said", "looked for"), shown=False),
        Metric("right", "share", "higher", share("right", "asked")),
        Metric("characters", "characters", "reference", mean("characters"), shown=False, bounds=None),
    ),
)
