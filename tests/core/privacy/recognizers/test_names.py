"""Persons: each hit with a near miss beside it."""

import pytest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Please ask Mr Karl Strobelmann about it.", "Karl Strobelmann"),
        ("The claim of Ms J. Starlingford was heard.", "J. Starlingford"),
        ("She met Oyelaran Adekunbi at noon.", "Oyelaran Adekunbi"),
        ("We spoke with Jan van der Meerhof yesterday.", "Jan van der Meerhof"),
        ("A letter by O'Callaghan-Reyes arrived.", "O'Callaghan-Reyes"),
        ("The driver was Þórdís Eyjólfsdóttir.", "Þórdís Eyjólfsdóttir"),
        ("Dear Grace,", "Grace"),
        ("We sent it to Mark yesterday.", "Mark"),
        ("Rose said that it works.", "Rose"),
        ("my name is vitorina", "vitorina"),
        ("follow up with patricia desrosierre next week", "patricia desrosierre"),
        ("See Campbellton, A.B., for the details.", "Campbellton, A.B."),
        ("Her maiden name is Key.", "Key"),
        ("Yesterday Emily Church called.", "Emily Church"),
        ("The report of Thomas D. Green was read.", "Thomas D. Green"),
        ("JOHN HARGREAVES signed the form.", "JOHN HARGREAVES"),
    ],
)
def test_a_person_is_found_whole(values, text, name):
    assert ("person", name) in values(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mark the date in your calendar.",
        "The rose was red and the grace period is over.",
        "Wisdom and Discipline are often written with capitals.",
        "The Court of Appeal dismissed the Government's appeal.",
        "Article 6 of the Convention is applied by the Commission.",
        "THE CIRCUMSTANCES OF THE CASE",
        "I WILL NOT PAY THIS BILL!",
        "It don't matter, I'm fine and we'll see.",
        "Please print the PDF and send it by Fax.",
        "I want to cancel my card because I lost it",
    ],
)
def test_ordinary_words_with_a_capital_are_no_persons(values, text):
    assert [value for value in values(text) if value[0] == "person"] == []


def test_an_honorific_is_not_covered(values):
    assert values("Mr Strobelmann agreed.") == [("person", "Strobelmann")]


def test_a_genitive_is_not_part_of_the_name(values):
    assert ("person", "Teklehaimanot") in values("We read Teklehaimanot's letter.")


def test_two_persons_joined_by_and_are_two(values):
    assert values("They invited Bethany Hollis and Gregor Samsonov.") == [
        ("person", "Bethany Hollis"),
        ("person", "Gregor Samsonov"),
    ]


@pytest.mark.parametrize("text", ["The form is XXX-XXXXXXX as printed.", "Write XX where you do not know."])
def test_what_is_crossed_out_names_nobody(values, text):
    assert values(text) == []
