import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.scoring.expected import Expected
from graftwork.core.scoring.fields import SCORING, score
from graftwork.core.scoring.leaves import MAX_DEPTH, leaves, pairs
from graftwork.core.scoring.registry import row_values
from graftwork.core.scoring.tally import Case, row_value
from graftwork.core.types import FieldEvidence, Grounds

GOLD = {"claim": "C-1", "paid": 120, "diagnoses": [{"name": "Asthma", "code": "J45"}, {"name": "Gout", "code": "M10"}]}


def values(gold, draft, **case):
    expected = Expected(fields=gold, evidence=case.pop("evidence", None))
    found = row_values({"fields": score(Case(expected, "", draft, **case))})
    return {name.removeprefix("fields."): value for name, value in found.items()}


def test_the_same_json_is_all_right():
    found = values(GOLD, GOLD)
    assert (found["precision"], found["recall"], found["f1"], found["f1_macro"], found["exact_f1"]) == (1, 1, 1, 1, 1)
    assert found["evidence_f1"] is None  # nothing is expected of the evidence


def test_objects_of_an_array_are_compared_with_those_they_resemble():
    turned = {**GOLD, "diagnoses": GOLD["diagnoses"][::-1]}
    assert values(GOLD, turned)["f1"] == 1
    one_wrong = {**GOLD, "diagnoses": [{"name": "Gout", "code": "M11"}, GOLD["diagnoses"][0]]}
    found = values(GOLD, one_wrong)
    assert (found["precision"], found["recall"]) == (5 / 6, 5 / 6)  # a wrong value is missing and superfluous


def test_a_form_of_its_own_is_right_when_normalised_and_wrong_when_exact():
    found = values({"day": "2026-03-04", "sum": 120}, {"day": "4 March 2026", "sum": "120"})
    assert (found["f1"], found["exact_f1"]) == (1, 0)


@pytest.mark.parametrize(
    ("gold", "draft", "precision", "recall"),
    [
        ({"a": "x", "b": None}, {"a": "x", "b": ""}, 1, 1),  # null and nothing are the same
        ({"a": "x", "b": None}, {"a": "x", "b": "y"}, 0.5, 1),
        ({"a": "x", "b": "y"}, {"a": "x"}, 1, 0.5),
        ({"a": ["x", "y"]}, {"a": ["y"]}, 1, 0.5),
        ({"a": ["x"]}, {"a": "x"}, 0, 0),
        ({"a": True}, {"a": 1}, 0, 0),
        ({"a": {"b": "x"}}, {"a": ["x"]}, 0, 0),
    ],
)
def test_what_is_missing_and_what_is_superfluous(gold, draft, precision, recall):
    found = values(gold, draft)
    assert (found["precision"], found["recall"]) == (precision, recall)


def test_a_draft_that_is_no_json_has_none_of_the_values():
    found = values(GOLD, None)
    assert (found["precision"], found["recall"], found["f1"]) == (None, 0, 0)


def test_a_row_without_expected_fields_is_not_scored():
    assert score(Case(Expected(), "", GOLD)) is None
    assert all(value is None for value in row_values({"fields": None}).values())


def test_the_macro_mean_gives_each_field_the_same_weight():
    found = values({"a": ["1", "2", "3"], "b": "x"}, {"a": ["1", "2", "3"], "b": "y"})
    assert found["f1"] == 0.75
    assert found["f1_macro"] == 0.5


TEXT = "The patient has asthma. Later, gout."


@pytest.mark.parametrize(("start", "end", "right"), [(16, 22, 1), (31, 35, 0), (None, None, 0), (0, 900, 0)])
def test_with_evidence_a_value_counts_where_its_words_are_the_expected_ones(start, end, right):
    grounds = Grounds(evidence=(FieldEvidence("/name", "report", None, start, end),))
    found = values(
        {"name": "Asthma"}, {"name": "asthma"}, evidence={"/name": "asthma"}, fields={"report": TEXT}, grounds=grounds
    )  # fmt: skip
    assert (found["f1"], found["evidence_f1"]) == (1, right)


def test_the_expected_words_are_found_for_an_object_that_stands_elsewhere_in_the_draft():
    gold = {"d": [{"name": "asthma"}, {"name": "gout"}]}
    draft = {"d": [{"name": "gout"}, {"name": "asthma"}]}
    grounds = Grounds(
        evidence=(
            FieldEvidence("/d/0/name", "report", None, 31, 35),
            FieldEvidence("/d/1/name", "report", None, 16, 22),
        )
    )
    found = values(
        gold, draft, evidence={"/d/0/name": "asthma", "/d/1/name": "gout"}, fields={"report": TEXT}, grounds=grounds
    )  # fmt: skip
    assert found["evidence_f1"] == 1


def test_a_key_with_a_slash_has_an_escaped_pointer():
    assert [leaf.pointer for leaf in leaves({"a/b": {"~": 1}})] == ["/a~1b/~0"]


def test_a_nest_without_end_is_cut_and_does_not_exhaust_the_stack():
    deep = json.loads("[" * 400 + "1" + "]" * 400)
    assert pairs({"a": deep}, {"a": deep}) == []
    assert MAX_DEPTH < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("xyz"), json_values, max_size=3))
def test_every_json_agrees_with_itself(value):
    assert all(pair.same and pair.equal for pair in pairs(value, value))
    assert len(pairs(value, value)) == len(leaves(value))


@given(st.dictionaries(st.sampled_from("xy"), json_values), st.dictionaries(st.sampled_from("xy"), json_values))
def test_every_leaf_of_both_sides_is_in_exactly_one_pair(gold, draft):
    found = pairs(gold, draft)
    assert sorted(pair.gold.pointer for pair in found if pair.gold) == sorted(leaf.pointer for leaf in leaves(gold))
    assert sorted(pair.draft.pointer for pair in found if pair.draft) == sorted(leaf.pointer for leaf in leaves(draft))
    f1 = row_value(SCORING.metrics[4], score(Case(Expected(fields=gold), "", draft)))
    assert f1 is None or 0 <= f1 <= 1
