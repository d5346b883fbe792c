"""Scorers that compare texts: ROUGE against its reference implementation, edits, length, facts, refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.scoring import edits, facts, length, refusal
from graftwork.core.scoring import rouge as ours
from graftwork.core.scoring.expected import Expected
from graftwork.core.scoring.registry import row_values
from graftwork.core.scoring.tally import Case


def values(scorer, module, expected, draft, **case):
    found = row_values({scorer: module.score(Case(expected, draft, **case))})
    return {name.partition(".")[2]: value for name, value in found.items()}


words = st.sampled_from(["a", "b", "c,", "refund", "14", "Days.", "it's", "late"])


@given(st.lists(words, max_size=12).map(" ".join), st.lists(words, min_size=1, max_size=12).map(" ".join))
def test_rouge_is_that_of_googles_package(draft, reference):
    rouge_scorer = pytest.importorskip("rouge_score.rouge_scorer", reason="rouge-score is not installed")
    peer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False).score(reference, draft)
    found = values("rouge", ours, Expected(text=reference), draft)
    for name, figures in peer.items():
        kind = name.lower()
        assert found[f"{kind}_precision"] == pytest.approx(figures.precision)
        assert found[f"{kind}_recall"] == pytest.approx(figures.recall)
        assert found[f"{kind}_f1"] == pytest.approx(figures.fmeasure)


def test_rouge_reads_letters_of_every_alphabet():
    found = values("rouge", ours, Expected(text="Gr\u00fc\u00dfe aus K\u00f6ln"), "gr\u00fc\u00dfe K\u00f6ln")
    assert found["rouge1_recall"] == 2 / 3


def test_an_untouched_draft_is_1_and_another_text_0():
    assert values("edits", edits, Expected(text="We refund you."), "We  refund you.")["similarity"] == 1
    assert values("edits", edits, Expected(text="We refund you."), "Nothing like it")["similarity"] == 0


def test_length_is_measured_against_the_reference_and_is_neither_good_nor_bad():
    found = values("length", length, Expected(text="one two three four"), "one two")
    assert (found["ratio"], found["words"]) == (0.5, 2)


@pytest.mark.parametrize("module", [ours, edits, length])
def test_without_a_reference_answer_nothing_is_scored(module):
    assert module.score(Case(Expected(), "a draft")) is None


def test_facts_are_kept_by_any_of_their_alternatives_and_forbidden_ones_are_counted():
    expected = Expected(facts=(("14 days",), ("free", "no charge")), forbidden=("30 days", "cash"))
    found = values("facts", facts, expected, "Within 14 days, at no charge, in cash.")
    assert (found["kept"], found["invented"], found["drafts_with_invented"]) == (1, 0.5, 1)
    near = values("facts", facts, expected, "Within 114 days, carefree, cashier.")
    assert (near["kept"], near["invented"]) == (0, 0)


def test_facts_alone_leave_forbidden_ones_unscored():
    found = values("facts", facts, Expected(facts=(("a",),)), "a")
    assert (found["kept"], found["invented"]) == (1, None)


@pytest.mark.parametrize(
    ("answerable", "refused", "precision", "recall", "wrongly"),
    [(False, True, 1, 1, None), (False, False, None, 0, None), (True, True, 0, None, 1), (True, False, None, None, 0)],
)
def test_to_say_that_nothing_was_found_is_right_where_there_is_no_answer(
    answerable, refused, precision, recall, wrongly
):
    found = values("refusal", refusal, Expected(answerable=answerable), "text", refused=refused)
    assert (found["precision"], found["recall"], found["wrongly_refused"]) == (precision, recall, wrongly)


def test_rows_that_do_not_say_whether_they_can_be_answered_are_not_scored():
    assert refusal.score(Case(Expected(), "text", refused=True)) is None
