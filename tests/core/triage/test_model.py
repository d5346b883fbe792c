"""Clauses like those that broke a rule come before those like allowed ones, with the rule and the nearest precedent."""

import subprocess
import sys

import numpy as np
import pytest

from graftwork.core.triage.errors import TooFewPrecedents
from graftwork.core.triage.model import Triage
from graftwork.core.triage.precedents import Precedent

EXAMPLES = [
    Precedent("We may change these terms at any time without notice.", "change"),
    Precedent("We may alter the service and its terms at our sole discretion.", "change"),
    Precedent("Prices can be changed by us at any time without telling you.", "change"),
    Precedent("We are not liable for any loss, whatever its cause.", "liability"),
    Precedent("Our liability for damage of any kind is excluded.", "liability"),
    Precedent("In no event shall we be liable for lost data.", "liability"),
    Precedent("You can pay by card or by invoice."),
    Precedent("Your account shows all orders of the last year."),
    Precedent("The newsletter comes once a month and can be cancelled."),
    Precedent("Deliveries are made on weekdays."),
    Precedent("These terms are written in English."),
    Precedent("Please choose a safe password for your account."),
]
BREAKING = "We may change the terms of the service without notice at any time."
ALLOWED = "The invoice is sent to your account once a month."


def letters(texts):
    """Vectors of length 1 that stand in for a model: the letters of a text."""
    counts = np.array([[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])
    return (counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)).astype(np.float32)


@pytest.mark.parametrize("embed", [None, letters])
def test_a_clause_like_a_broken_one_scores_higher_than_one_like_an_allowed_one(embed):
    breaking, allowed = Triage.fit(EXAMPLES, embed).score([BREAKING, ALLOWED])
    assert 0 <= allowed.score < breaking.score <= 1


def test_rule_and_precedent_are_those_of_the_nearest_clause_that_broke_one():
    (change,) = Triage.fit(EXAMPLES, None).score([BREAKING])
    (liability,) = Triage.fit(EXAMPLES, None).score(["We are never liable for loss of data."])
    assert (change.rule, liability.rule) == ("change", "liability")
    assert EXAMPLES[change.precedent].rule == "change"


def test_the_same_precedents_give_the_same_scores():
    assert Triage.fit(EXAMPLES, letters).score([BREAKING, ALLOWED]) == Triage.fit(EXAMPLES, letters).score(
        [BREAKING, ALLOWED]
    )


def test_a_clause_is_judged_by_itself():
    triage = Triage.fit(EXAMPLES, None)
    together = [judged.score for judged in triage.score([BREAKING, ALLOWED] * 300)]
    assert together[:2] == pytest.approx([triage.score([BREAKING])[0].score, triage.score([ALLOWED])[0].score])
    assert len(together) == 600


@pytest.mark.parametrize("clause", ["", " ", "???", "ü" * 10_000])
def test_any_text_has_a_score(clause):
    (judged,) = Triage.fit(EXAMPLES, None).score([clause])
    assert 0 <= judged.score <= 1


def test_no_clauses_have_no_scores():
    assert Triage.fit(EXAMPLES, None).score([]) == []


@pytest.mark.parametrize("examples", [[], EXAMPLES[:6], EXAMPLES[6:], [*EXAMPLES[6:], EXAMPLES[0]]])
def test_too_few_precedents_of_a_sort_are_refused(examples):
    with pytest.raises(TooFewPrecedents) as caught:
        Triage.fit(examples, None)
    assert caught.value.code == "triage.too_few_precedents"


def test_importing_it_does_not_load_the_learning_library():
    told = "import sys, graftwork.core.triage.model; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
