"""Two documents that contradict each other are both cited; two that speak of different things are left in peace."""

import pytest

from graftwork.core.citing.checking import check_claims
from graftwork.core.citing.conflicts import conflict_sentence, conflicts
from graftwork.core.types import Excerpt


def excerpt(number: int, text: str, document: str) -> Excerpt:
    return Excerpt(number, "policies", document, document, text, 0, len(text))


def said(first: str, second: str, *, same_document: bool = False) -> list[str]:
    found = conflicts((excerpt(1, first, "a.md"), excerpt(3, second, "a.md" if same_document else "b.md")))
    return [conflict_sentence(conflict) for conflict in found]


RETURN_14 = "You may return items within 14 days of delivery."
RETURN_30 = "Items can be returned within 30 days after delivery."


def test_both_words_and_both_passages_are_named():
    assert said(RETURN_14, RETURN_30) == ['The documents disagree: "within 14 days" [1], "within 30 days" [3].']


@pytest.mark.parametrize(
    ("first", "second", "disagree"),
    [
        ("The annual leave is 28 days.", "Employees have 30 days of annual leave.", True),
        ("The annual leave is 28 days.", "The sick leave at full pay is 30 days.", False),
        ("The office opens at 9:00 on weekdays.", "The office opens at 8:30 on weekdays.", True),
        ("The office opens at 9:00 on weekdays.", "The office opens at 9 am on weekdays.", False),
        ("Refunds are paid within 14 days.", "Refunds are paid within two weeks.", False),
        ("Refunds are paid within 14 days.", "Refunds are paid within 14 working days.", True),
        ("Customers may return shoes within 14 days.", "Customers may return hats within 30 days.", False),
        (
            "Until 2023, items could be returned within 30 days.",
            "Since 2024, items can be returned within 14 days.",
            False,
        ),
        ("Worn items are accepted for return.", "Worn items are not accepted for return.", True),
        ("Worn items are accepted for return.", "Broken lamps are not accepted by the shop.", False),
        ("Refunds are paid within 14 days.", "Refunds are paid by bank transfer.", False),
        ("Express delivery costs 9.90 EUR.", "Express delivery costs 9.90 USD.", True),
        ("Express delivery costs 9.90 EUR.", "Express delivery costs 9,90 €.", False),
        ("The contract ends on 31 March 2027.", "The contract ends on 30 April 2027.", True),
        ("The contract ends on 31 March 2027.", "The contract ends on 2027-03-31.", False),
        ("Die Rückgabe ist binnen 14 Tagen möglich.", "Die Rückgabe ist binnen 30 Tagen möglich.", True),
        ("Die Rückgabe ist binnen 14 Tagen möglich.", "Der Umtausch ist binnen 30 Tagen möglich.", False),
    ],
)
def test_the_same_matter_with_another_value_is_a_conflict_and_another_matter_is_none(first, second, disagree):
    assert bool(said(first, second)) is disagree


def test_one_document_does_not_disagree_with_itself():
    assert said(RETURN_14, RETURN_30, same_document=True) == []


def test_many_passages_take_little_time():
    texts = [
        f"Item {n} may be returned within {n} days of delivery to our shop. It is sold in colour {n}."
        for n in range(40)
    ]
    conflicts([excerpt(n, text * 20, f"{n}.md") for n, text in enumerate(texts, 1)])


def test_contents_stay_out_of_the_representation():
    (conflict,) = conflicts((excerpt(1, RETURN_14, "a"), excerpt(2, RETURN_30, "b")))
    assert "days" not in repr(conflict)


@pytest.mark.parametrize("first", [RETURN_14, "Worn items are accepted for return."])
def test_what_is_said_of_a_conflict_passes_the_check_of_the_draft(first):
    second = RETURN_30 if first == RETURN_14 else "Worn items are not accepted for return."
    excerpts = (excerpt(1, first, "a"), excerpt(2, second, "b"))
    (conflict,) = conflicts(excerpts)
    (claim,) = check_claims(conflict_sentence(conflict), excerpts).claims
    assert claim.support == "supported"
    assert [one.excerpt for one in claim.citations] == [1, 2]
