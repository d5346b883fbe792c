"""Passages follow headings, sentences and rows, and are exactly what stands in the document."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.document import Block, BlockKind, Document, Page
from graftwork.core.knowledge.chunking import chunks_of
from graftwork.core.knowledge.sentences import sentences


def document(*parts: tuple[BlockKind, str, tuple[str, ...]], pages: tuple[Page, ...] = ()) -> Document:
    text, blocks = "", []
    for number, (kind, words, headings) in enumerate(parts, start=1):
        text += "\n\n" if text else ""
        blocks.append(Block(kind, len(text), len(text) + len(words), number, headings))
        text += words
    return Document("a.md", "markdown", "Handbook", text, tuple(blocks), "ab", pages)


LEAVE, SICK = ("Leave",), ("Leave", "Sick")


def test_a_passage_never_runs_across_a_heading() -> None:
    found = chunks_of(
        document(
            ("heading", "Leave", ()),
            ("paragraph", "Ten days may be carried over.", LEAVE),
            ("paragraph", "Ask your lead.", LEAVE),
            ("heading", "Sick", LEAVE),
            ("paragraph", "Call before nine.", SICK),
        )
    )
    assert [(one.number, one.text, one.headings) for one in found] == [
        (1, "Ten days may be carried over.\n\nAsk your lead.", LEAVE),
        (2, "Call before nine.", SICK),
    ]
    assert found[1].indexed_text("Handbook") == "Handbook - Leave - Sick\nCall before nine."


def test_a_heading_with_nothing_under_it_is_a_passage_of_its_own() -> None:
    found = chunks_of(document(("heading", "Closed on 24 December", ()), ("heading", "Leave", ())))
    assert [one.text for one in found] == ["Closed on 24 December", "Leave"]


def test_text_before_the_first_heading_is_not_lost() -> None:
    found = chunks_of(document(("paragraph", "Version 3.", ()), ("heading", "A", ()), ("paragraph", "B.", ("A",))))
    assert [one.text for one in found] == ["Version 3.", "B."]


def test_sentences_stay_whole_and_passages_are_of_about_one_length() -> None:
    text = " ".join(f"Sentence number {n} says something of note here." for n in range(40))
    found = chunks_of(document(("paragraph", text, ())), characters=400)
    assert all(one.text.endswith(".") and one.text.startswith("Sentence") for one in found)
    assert all(200 <= len(one.text) <= 400 for one in found)


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    found = chunks_of(document(("paragraph", "word " * 300, ())), characters=200)
    assert all(set(one.text.split()) == {"word"} and len(one.text) <= 200 for one in found)


def test_rows_stay_whole_and_later_passages_of_a_table_are_searched_with_its_first_row() -> None:
    rows = [("table_row", "Part | Price", ())] + [("table_row", f"KX-{n} | {n} EUR", ()) for n in range(100, 160)]
    found = chunks_of(document(*rows), characters=200)  # type: ignore[arg-type]
    assert len(found) > 3
    assert all(row.count("|") == 1 for one in found for row in one.text.split("\n\n"))
    assert (found[0].table_head, found[1].table_head) == ("", "Part | Price")
    assert "Part | Price" in found[1].indexed_text("Prices")


def test_a_second_table_has_a_first_row_of_its_own() -> None:
    rows = [("table_row", "A | B", ()), ("paragraph", "Between.", ()), ("table_row", "C | D", ())]
    more = [("table_row", "x" * 150, ())]
    assert chunks_of(document(*rows, *more), characters=160)[-1].table_head == "C | D"  # type: ignore[arg-type]


def test_a_passage_names_the_page_that_it_begins_on() -> None:
    parts = [("paragraph", "x" * 100, ()), ("paragraph", "y" * 100, ())]
    pages = (Page(1, 0, 101), Page(2, 101, 300))
    found = chunks_of(document(*parts, pages=pages), characters=120)  # type: ignore[arg-type]
    assert [one.page for one in found] == [1, 2]
    assert chunks_of(document(*parts))[0].page is None  # type: ignore[arg-type]


def test_a_document_without_blocks_is_cut_by_its_text() -> None:
    plain = Document("a.txt", "text", "", "One. Two.", (), "ab")
    assert [one.text for one in chunks_of(plain)] == ["One. Two."]
    assert chunks_of(Document("a.txt", "text", "", "", (), "ab")) == []


KINDS = st.sampled_from(["heading", "paragraph", "list_item", "table_row", "code"])
PARTS = st.lists(st.tuples(KINDS, st.text(max_size=300), st.sampled_from([(), ("A",), ("A", "B")])), max_size=12)


@given(PARTS, st.integers(20, 400))
def test_whatever_stands_in_a_document_passages_are_its_text_in_order(parts: list[tuple], characters: int) -> None:
    read = document(*parts)
    found = chunks_of(read, characters=characters)
    assert all(one.text == read.text[one.start : one.end] and one.text.strip() for one in found)
    assert all(0 < len(one.text) <= characters or "heading" in str(parts) for one in found)
    assert all(first.end <= second.start for first, second in pairwise(found))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four", 4),
        ("Dr. Who came at 3 p.m. on Monday. He left.", 2),
        ("See Sec. 4 of the policy, e.g. the table. Then sign.", 2),
        ("It costs 3.50 EUR. Pay now.", 2),
        ("Mr. A. Smith signs. B. Jones does not.", 2),
        ("We chose plan B. It works.", 1),
        ("1. Termination ends it.", 1),
        ('He said "no." Then he left.', 2),
        ("First line\n\nsecond paragraph", 2),
        ("これは文です。次の文です。", 2),
        ("", 0),
        ("...", 1),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


@given(st.text(max_size=400))
def test_sentences_lose_no_letter(text: str) -> None:
    found = list(sentences(text))
    assert "".join("".join(text[a:b].split()) for a, b in found) == "".join(text.split())
