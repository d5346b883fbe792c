"""Decided clauses are read from a CSV; what is wrong with it is said by line, and never with the clause."""

import pytest

from graftwork.core.triage.errors import PrecedentsUnreadable
from graftwork.core.triage.precedents import Precedent, load_precedents


def test_an_empty_rule_says_that_the_clause_is_allowed():
    text = (
        '\ufeffclause,rule,note\n"We may change\nprices, at will.",unilateral_change,x\n'
        "You pay monthly.,,\n,unilateral,\n"
    )
    assert load_precedents(text) == [
        Precedent("We may change prices, at will.", "unilateral_change"),
        Precedent("You pay monthly.", ""),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("clause\nSecret words.\n", 1, "`rule`"),
        ("rule\nx\n", 1, "`clause`"),
        ("", 1, "`clause`"),
        ("clause,rule\nSecret words.\n", 2, "`rule`"),
        ('clause,rule\n"Secret words,x\n', 2, "CSV"),
        ("clause,rule\nSecret " + "w" * 100_000 + ",x\n", 2, "longer"),
    ],
)
def test_a_file_that_cannot_be_read_names_its_line(text, line, said):
    with pytest.raises(PrecedentsUnreadable) as caught:
        load_precedents(text)
    assert (caught.value.line, caught.value.code) == (line, "triage.precedents_unreadable")
    assert said in str(caught.value)
    assert "Secret" not in str(caught.value)


def test_contents_stay_out_of_the_representation():
    assert "Secret" not in repr(Precedent("Secret words.", "rule"))
