"""Where sentences end, and every character that is no white space lies in exactly one of them."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.citing.sentences import sentences

drafts = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "Dr.",
                "e.g.",
                "No.",
                "5.",
                "1.5",
                "[1]",
                "[2, 3]",
                " ",
                "\n",
                "\n\n",
                "- ",
                "The",
                "end",
                ".",
                "?",
                '"',
                ")",
            ]
        ),
        max_size=40,
    ).map("".join),
)


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rains. It pours.", ["It rains.", "It pours."]),
        ("See e.g. the policy. It helps.", ["See e.g. the policy.", "It helps."]),
        ("Ask Dr. Weber. She knows.", ["Ask Dr. Weber.", "She knows."]),
        ("It is No. 5 of ten. Good.", ["It is No. 5 of ten.", "Good."]),
        ("The answer is no. We go.", ["The answer is no.", "We go."]),
        ("It costs 1.5 EUR. Pay now.", ["It costs 1.5 EUR.", "Pay now."]),
        ("Acme Inc. Holding sells it. The end.", ["Acme Inc. Holding sells it.", "The end."]),
        ("It is by Acme Inc. The end.", ["It is by Acme Inc.", "The end."]),
        ("We met J. Smith. He left.", ["We met J. Smith.", "He left."]),
        ("One thing.[1] Another. [2] A third [3].", ["One thing.[1]", "Another. [2]", "A third [3]."]),
        ("One thing.[1]Another.", ["One thing.[1]", "Another."]),
        ("One thing.\n[1]\n\nAnother", ["One thing.\n[1]", "Another"]),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("Dear Ms Weber,\nthank you.", ["Dear Ms Weber,", "thank you."]),
        ("The refund of the whole amount that was paid\ntakes two weeks.", None),
        ("- one thing\n- another: 5.\n1. A third. More.", ["- one thing", "- another: 5.", "1. A third.", "More."]),
        ("| a | b |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("# Heading\ntext goes on", ["# Heading", "text goes on"]),
        ("Am 3. Mai gilt z. B. Art. 5 DSGVO. Danach nicht.", ["Am 3. Mai gilt z. B. Art. 5 DSGVO.", "Danach nicht."]),
        ("Der 2. Termin ist usw. Die Kosten sind 5 Euro.", ["Der 2. Termin ist usw.", "Die Kosten sind 5 Euro."]),
        ("C'est M. Dupont. Il part.", ["C'est M. Dupont.", "Il part."]),
        ("Wait... and see. Fine… Good.", ["Wait... and see.", "Fine…", "Good."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_are_cut_where_a_reader_would(text, expected):
    assert cut(text) == ([text] if expected is None else expected)


@given(drafts)
def test_every_character_lies_in_one_sentence_in_order(text):
    spans = sentences(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("piece", [".", "a. ", "[1] ", ". [1", "\n", "1. ", '."', " ", "Dr. ", "- "])
def test_100_000_characters_take_less_than_a_second(piece):
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    sentences(text)
    assert time.process_time() - started < 1
