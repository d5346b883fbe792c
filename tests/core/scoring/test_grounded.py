"""Scorers of what a draft draws on: retrieval, citations, support, evidence."""

from math import log2

import pytest

from graftwork.core.scoring import citations, evidence, retrieval, support
from graftwork.core.scoring.expected import Expected
from graftwork.core.scoring.registry import row_values
from graftwork.core.scoring.tally import Case
from graftwork.core.types import Citation, Claim, Excerpt, FieldEvidence, Grounds


def excerpt(number, document, text="words", source="handbook"):
    return Excerpt(number, source, document, document, text, 0, len(text))


def values(scorer, module, expected, draft="", **case):
    found = row_values({scorer: module.score(Case(expected, draft, **case))})
    return {name.partition(".")[2]: value for name, value in found.items()}


def claim(support, *numbers):
    return Claim(0, 1, support, tuple(Citation(number, 0, 1) for number in numbers))


FOUND = (excerpt(1, "a.md"), excerpt(2, "a.md", "seven days of notice"), excerpt(3, "b.md"), excerpt(4, "c.md"))
GOLD = Expected(documents=("handbook/b.md", "handbook/z.md"))


def test_a_document_counts_at_the_rank_of_its_first_passage():
    found = values("retrieval", retrieval, GOLD, excerpts=FOUND)
    assert (found["recall@1"], found["recall@3"]) == (0, 0.5)
    assert found["precision@3"] == 1 / 3
    assert found["mrr"] == 0.5
    assert found["ndcg@10"] == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3)))


def test_ndcg_is_that_of_scikit_learn():
    ndcg_score = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed").ndcg_score
    hits = [0, 1, 0, 1, 1]
    ranked = tuple(excerpt(n, f"{n}.md") for n in range(1, 6))
    gold = Expected(documents=tuple(f"handbook/{n}.md" for n, hit in enumerate(hits, 1) if hit))
    found = values("retrieval", retrieval, gold, excerpts=ranked)
    assert found["ndcg@10"] == pytest.approx(ndcg_score([hits], [[5, 4, 3, 2, 1]]))


def test_nothing_found_is_0_and_nothing_expected_is_unknown():
    assert values("retrieval", retrieval, GOLD, excerpts=())["ndcg@10"] == 0
    assert retrieval.score(Case(Expected(), "", excerpts=FOUND)) is None
    assert retrieval.score(Case(Expected(documents=()), "", excerpts=FOUND)) is None


def test_a_document_of_another_source_is_another_document():
    assert values("retrieval", retrieval, GOLD, excerpts=(excerpt(1, "b.md", source="other"),))["mrr"] == 0


def test_passages_are_found_by_their_words():
    expected = Expected(passages=("seven days  of notice", "eight days"))
    found = values("retrieval", retrieval, expected, excerpts=FOUND)
    assert (found["passages"], found["ndcg@10"]) == (0.5, None)


def test_a_citation_is_right_where_its_document_is_and_its_statement_is_supported():
    grounds = Grounds(
        FOUND,
        (
            claim("supported", 3),
            claim("supported", 1),
            claim("unsupported", 3),
            claim("states_nothing"),
            claim("supported"),
        ),
    )
    found = values("citations", citations, GOLD, grounds=grounds, looks_up=True)
    assert (found["precision"], found["recall"]) == (1 / 3, 0.5)
    assert (found["supported"], found["cited"]) == (0.75, 0.75)


def test_a_draft_that_found_nothing_cites_none_of_the_documents():
    found = values("citations", citations, GOLD, looks_up=True)
    assert (found["precision"], found["recall"]) == (None, 0)


def test_a_citation_of_an_excerpt_that_is_not_there_is_wrong():
    found = values("citations", citations, GOLD, grounds=Grounds(FOUND, (claim("supported", 9),)), looks_up=True)
    assert found["precision"] == 0


def test_without_sources_there_is_nothing_to_cite():
    assert citations.score(Case(GOLD, "", grounds=Grounds(claims=(claim("supported"),)))) is None


def test_statements_without_support_are_counted_over_those_that_state_something():
    kinds = ("supported", "unsupported", "states_nothing", "supported")
    found = values("support", support, Expected(), grounds=Grounds(claims=tuple(map(claim, kinds))))
    assert (found["unsupported"], found["drafts_with_unsupported"]) == (1 / 3, 1)


@pytest.mark.parametrize("grounds", [None, Grounds(), Grounds(claims=(claim("states_nothing"),))])
def test_a_draft_that_was_not_checked_is_not_scored(grounds):
    assert support.score(Case(Expected(), "", grounds=grounds)) is None


TEXT = "Seen on 4 March 2026 with asthma."
DRAFT = {"day": "2026-03-04", "name": "Asthma", "acute": False, "code": None}
EVIDENCE = (FieldEvidence("/day", "report", None, 8, 20), FieldEvidence("/name", "report", None, 26, 32))


def evidence_values(found, **changes):
    case = {"value": DRAFT, "fields": {"report": TEXT}, "grounds": Grounds(evidence=found), "wants_evidence": True}
    return values("evidence", evidence, changes.pop("expected", Expected()), **{**case, **changes})


def test_evidence_is_located_where_its_offsets_lead_to_words():
    found = evidence_values((*EVIDENCE, FieldEvidence("/acute", "report", None, 26, 32)))
    assert (found["located"], found["holds_value"], found["right"]) == (1, 1, None)
    assert found["characters"] == 8
    assert evidence_values(EVIDENCE)["located"] == 2 / 3  # a value without any is not proven


@pytest.mark.parametrize(
    "wrong",
    [
        FieldEvidence("/name", "report", None, 26, 99),
        FieldEvidence("/name", "report", None, 26, 26),
        FieldEvidence("/name", "report", None, -7, -1),
        FieldEvidence("/name", "other", None, 26, 32),
        FieldEvidence("/name", None, 5, 0, 3),
        FieldEvidence("/name"),
    ],
)
def test_offsets_that_lead_nowhere_are_no_evidence(wrong):
    assert evidence_values((EVIDENCE[0], wrong))["located"] == 1 / 3


def test_evidence_may_lie_in_an_excerpt():
    grounds = Grounds((excerpt(1, "a.md", "It was asthma."),), evidence=(FieldEvidence("/name", None, 1, 7, 13),))
    assert evidence_values((), value={"name": "asthma"}, grounds=grounds)["holds_value"] == 1


def test_the_expected_words_must_be_inside():
    expected = Expected(fields={"day": "4 March 2026", "name": "asthma"}, evidence={"/day": "4 March", "/name": "gout"})
    assert evidence_values(EVIDENCE, expected=expected)["right"] == 0.5


def test_a_use_case_that_asks_for_no_evidence_is_not_scored():
    assert evidence.score(Case(Expected(), "", DRAFT, {"report": TEXT}, grounds=Grounds(evidence=EVIDENCE))) is None


def test_sentences_that_were_taken_out_count_as_written_without_support():
    grounds = Grounds(claims=(claim("supported"),), removed=("It glows.", "It sings."))
    found = values("support", support, Expected(), grounds=grounds)
    assert (found["unsupported"], found["unsupported_left"]) == (2 / 3, 0)
