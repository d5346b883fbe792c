"""Two ways to write a number, a date or a name are the same; two that only look alike are not."""

from itertools import pairwise

import pytest

from graftwork.core.citing.facts import Source, facts, kind_of, quotes


def fact(text: str):
    (found,) = facts(text)
    return found


@pytest.mark.parametrize(
    ("said", "source", "held"),
    [
        ("14 days", "within fourteen days", True),
        ("14 days", "a 14-day period", True),
        ("14 days", "two weeks", True),
        ("14 days", "15 days", False),
        ("14 days", "14 hours", False),
        ("14 days", "14 working days", False),
        ("14 days", "14 or 30 days", True),
        ("48 hours", "two days", True),
        ("12 months", "one year", True),
        ("1 week", "per week", True),
        ("14 Tage", "binnen vierzehn Tagen", True),
        ("einundzwanzig Tage", "21 Tage", True),
        ("14 jours", "quatorze jours", True),
        ("1.000,50 EUR", "€ 1,000.50", True),
        ("1.000,50 EUR", "€ 1,000.05", False),
        ("1 000 €", "1.000 Euro", True),
        ("5 %", "five percent", True),
        ("5 %", "5 euros", False),
        ("1.5 million euros", "EUR 1,500,000", True),
        ("250 euros", "two hundred and fifty euros", True),
        ("dreißig Tage", "30 Tage", True),
        ("3 May 2024", "2024-05-03", True),
        ("3 May 2024", "05/03/2024", True),
        ("3 May 2024", "03.05.2024", True),
        ("3 May 2024", "05.03.2024", False),
        ("3 May 2024", "3 May", True),
        ("3 May 2024", "3 May 2023", False),
        ("May 2024", "3 May 2024", True),
        ("3. Mai 2024", "May 3, 2024", True),
        ("on Monday", "montags", True),
        ("on Monday", "on Tuesday", False),
        ("at 9 am", "from 9:00", True),
        ("at 9 am", "from 21:00", False),
        ("14:30", "2.30 o'clock, that is 14:30 Uhr", True),
        ("the first day", "the third day", False),
        ("the third day", "the 3rd day", True),
        ("the third day", "three days", False),
        ("write to help@larkfield.example", "HELP@Larkfield.example answers", True),
        ("write to help@larkfield.example", "info@larkfield.example answers", False),
        ("see https://larkfield.example/returns", "www.larkfield.example/returns", True),
        ("order LF-2041", "LF 2041", True),
        ("order LF-2041", "LF-20415", False),
        ("version 3.10.2b", "version 3.10.2b", True),
        ("by Aurora Parcel", "aurora parcel brings it", True),
        ("by Aurora Parcel", "Nordwind brings it", False),
        ("from Weber's desk", "Ms Weber", True),
        ("ask HR", "Human Resources", None),
    ],
)
def test_a_fact_is_held_however_it_is_written(said, source, held):
    found = facts(said)
    if held is None:
        assert found == []
    else:
        assert [Source(source).holds(one) for one in found] == [held]


@pytest.mark.parametrize(
    "text",
    [
        "You may go in.",
        "One of them is here.",
        "The march was long.",
        "May we help?",
        "Our Team helps.",
        "It is FORBIDDEN.",
    ],
)
def test_words_that_only_look_like_facts_are_none(text):
    assert facts(text) == []


def test_in_german_a_capital_alone_makes_no_name_but_a_title_or_a_second_one_does():
    assert facts("Die Ware kommt mit der Post.", german=True) == []
    assert [kind_of(one) for one in facts("Fragen Sie Frau Ostrov.", german=True)] == ["name"]
    assert [kind_of(one) for one in facts("Das bringt Nordwind Logistik.", german=True)] == ["name"]


def test_facts_do_not_overlap():
    found = facts("On 3 May 2024 at 9:30 Aurora sent 14 parcels to help@larkfield.example for EUR 5.")
    assert [kind_of(one) for one in found] == ["date", "time", "name", "number", "code", "number"]
    assert all(one.end <= two.start for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('It says "worn items are refused" there.', ["worn items are refused"]),
        ("Dort steht „nur mit dem Etikett“.", ["nur mit dem Etikett"]),
        ("Il dit « dans les deux semaines ».", ["dans les deux semaines"]),
        ('The word "refund" is short.', []),
        ('It says "all items go back ... within two full weeks".', ["all items go back", "within two full weeks"]),
    ],
)
def test_three_words_or_more_in_quotation_marks_are_a_quote(text, expected):
    assert [" ".join(one.split()) for one in quotes(text)] == expected


@pytest.mark.parametrize(
    ("quoted", "said"),
    [
        ("Worn items are not accepted", True),
        ("worn items\nare not accepted", True),
        ("worn items are accepted", False),
        ("orn items are not", False),
        ("the buyer\u2019s own risk", True),
    ],
)
def test_a_quote_is_found_verbatim_but_for_case_spaces_and_hyphenation(quoted, said):
    assert Source("Note: worn items are not ac-\n  cepted, at the buyer's own risk.").says(quoted) is said
