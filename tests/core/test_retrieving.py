"""From an item to its passages: what is asked, what is kept, in which order."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from graftwork.core.knowledge.index import Hit, IndexedChunk
from graftwork.core.retrieving import MOST_QUESTIONS, QUESTION_CHARACTERS, excerpts_for, questions
from graftwork.core.types import ItemContent, Turn
from graftwork.core.usecase import UseCase


def use_case(query: str = "", **knowledge: object) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "answers",
            "title": "Answers",
            "input": {"fields": {"subject": {"required": False}, "thread": {"type": "thread"}}},
            "instructions": {"system": "Answer."},
            "engine": {"echo": True},
            "knowledge": {"sources": ["handbook"], "query": query, **knowledge},
        }
    )


def hit(text: str, relevance: float = 0.8, document: str = "a.md", start: int = 100) -> Hit:
    name = f"handbook/{document}#{start}"
    chunk = IndexedChunk(name, "handbook", document, "Leave", text, start, start + len(text), 3, ("Leave",), "ab")
    return Hit(chunk, 1.0, relevance, 1, 1)


def item(*turns: str, subject: str = "") -> ItemContent:
    return ItemContent({"subject": subject, "thread": tuple(Turn("customer", text) for text in turns)})


class Searched:
    """Answers each question with the same hits, and remembers what it was asked."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = hits
        self.asked: list[tuple[str, Collection[str], int]] = []

    def __call__(self, question: str, sources: Collection[str], limit: int) -> Sequence[Hit]:
        self.asked.append((question, sources, limit))
        return self.hits


def test_the_passages_are_numbered_in_order_of_rank_and_say_where_they_stand() -> None:
    found = excerpts_for(use_case(), item("How many days?"), Searched(hit("Ten days.", 0.5), hit("More.", 0.9, "b.md")))
    assert [(one.number, one.text, one.document) for one in found] == [(1, "Ten days.", "a.md"), (2, "More.", "b.md")]
    first = found[0]
    assert (first.source, first.title, first.page, first.headings) == ("handbook", "Leave", 3, ("Leave",))
    assert (first.start, first.end, first.document_sha256, first.relevance) == (100, 109, "ab", 0.5)


def test_the_query_of_the_use_case_says_what_is_looked_for() -> None:
    search = Searched()
    excerpts_for(use_case("leave {{ subject }}", passages=4), item("Hello", subject="carry over"), search)
    assert search.asked == [("leave carry over", ("handbook",), 8)]


def test_without_a_query_the_whole_item_is_looked_for() -> None:
    assert questions(use_case(), item("One?", "Two.", subject="Leave")) == ["Leave\n\ncustomer: One?\n\ncustomer: Two."]


@pytest.mark.parametrize("content", [item(), ItemContent({}), item(subject="  ")])
def test_an_empty_item_looks_for_nothing(content: ItemContent) -> None:
    search = Searched(hit("x"))
    assert excerpts_for(use_case(), content, search) == ()
    assert search.asked == []


def test_a_use_case_without_sources_looks_for_nothing() -> None:
    search = Searched(hit("x"))
    assert excerpts_for(use_case(sources=[]), item("How?"), search) == ()
    assert search.asked == []


def test_a_long_conversation_is_asked_by_its_end_and_by_pieces_of_the_whole() -> None:
    turns = [f"Message {n}: {'and so on ' * 30}" for n in range(20)]
    asked = questions(use_case(), item(*turns, "So how many days may I carry over?"))
    assert "So how many days may I carry over?" in asked[0]
    assert len(asked) <= MOST_QUESTIONS
    assert all(0 < len(one) <= QUESTION_CHARACTERS for one in asked)
    assert any("Message 0" in one for one in asked)


def test_a_long_message_without_a_space_is_cut_all_the_same() -> None:
    asked = questions(use_case(), item("x" * 5_000))
    assert all(0 < len(one) <= QUESTION_CHARACTERS for one in asked)


def test_several_questions_share_one_order_by_the_best_relevance() -> None:
    content = item("word " * 200, "end")
    answers = iter([[hit("A", 0.4), hit("B", 0.6, "b.md")], [hit("A", 0.9)]])
    found = excerpts_for(use_case(), content, lambda *_: next(answers, []))
    assert [(one.text, one.relevance) for one in found] == [("A", 0.9), ("B", 0.6)]


@pytest.mark.parametrize(("relevance", "kept"), [(0.31, 1), (0.3, 1), (0.29, 0)])
def test_what_is_hardly_relevant_is_left_out(relevance: float, kept: int) -> None:
    assert len(excerpts_for(use_case(), item("How?"), Searched(hit("Ten days.", relevance)))) == kept


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ("Refunds  take 14 days.", 1),
        ("take 14 days.", 1),
        ("Refunds take 30 days.", 2),
        ("Refunds never take 14 days.", 2),
    ],
)
def test_only_what_repeats_word_for_word_is_dropped(second: str, kept: int) -> None:
    hits = (hit("Refunds take 14 days."), hit(second, document="b.md"))
    assert len(excerpts_for(use_case(), item("How?"), Searched(*hits))) == kept


def test_the_room_is_kept_and_a_shorter_passage_takes_what_is_left() -> None:
    hits = (hit("a" * 150), hit("b" * 100, document="b.md"), hit("c" * 40, document="c.md"))
    found = excerpts_for(use_case(passage_characters=200), item("How?"), Searched(*hits))
    assert [one.text[0] for one in found] == ["a", "c"]


def test_a_best_passage_beyond_the_room_is_cut_and_says_so_by_its_end() -> None:
    (found,) = excerpts_for(use_case(passage_characters=200), item("How?"), Searched(hit("a" * 500)))
    assert (len(found.text), found.end - found.start) == (200, 200)


def test_no_more_passages_than_wanted_are_kept() -> None:
    hits = [hit(f"Passage {n}.", document=f"{n}.md") for n in range(10)]
    assert len(excerpts_for(use_case(passages=3), item("How?"), Searched(*hits))) == 3


def test_a_passage_that_two_questions_find_is_kept_once() -> None:
    same = hit("Ten days.", 0.7)
    found = excerpts_for(use_case(), item("word " * 300), Searched(same, replace(same, relevance=0.6)))
    assert [one.relevance for one in found] == [0.7]
