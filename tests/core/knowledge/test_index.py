"""Passages are found by words and by meaning, and only where the caller may read."""

import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graftwork.core.knowledge.embedding import Embedder
from graftwork.core.knowledge.errors import VectorsDiffer
from graftwork.core.knowledge.index import IndexedChunk, KnowledgeIndex


def chunk(text: str, source: str = "manuals", document: str = "pump.md", number: int = 1) -> IndexedChunk:
    return IndexedChunk(f"{source}/{document}/{number}", source, document, "", text, 0, len(text))


LEAVE = chunk("Employees carry over ten days of annual leave.", "handbook", "leave.md")
REFUND = chunk("A refund reaches the card within fourteen days.", "policies", "refunds.md")
OIL_200 = chunk("The pump KX-200 takes new oil every 400 hours.")
OIL_210 = chunk("The pump KX-210 takes new oil every 600 hours.", number=2)


@pytest.fixture
def index(embedder: Embedder) -> KnowledgeIndex:
    filled = KnowledgeIndex(embedder)
    filled.add([LEAVE, REFUND, OIL_200, OIL_210])
    return filled


def texts(index: KnowledgeIndex, query: str, sources: list[str] | None = None, limit: int = 10) -> list[str]:
    return [hit.chunk.text for hit in index.search(query, sources=sources, limit=limit)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("how much annual leave can be carried over", LEAVE),
        ("when does a refund come", REFUND),
        ("oil of the KX-200", OIL_200),
        ("oil of the KX-210", OIL_210),
        ("oil of the kx210", OIL_210),
        ("every 600 hours", OIL_210),
    ],
)
def test_the_passage_that_answers_comes_first(index: KnowledgeIndex, query: str, found: IndexedChunk) -> None:
    assert texts(index, query)[0] == found.text


def test_a_source_that_may_not_be_read_gives_nothing(index: KnowledgeIndex) -> None:
    assert {hit.chunk.source for hit in index.search("new oil for the pump", sources=["handbook", "policies"])} <= {
        "handbook",
        "policies",
    }
    assert texts(index, "new oil for the pump", ["manuals"])


@pytest.mark.parametrize("sources", [[], ["unknown"]])
def test_no_source_to_read_means_no_passage(index: KnowledgeIndex, sources: list[str]) -> None:
    assert texts(index, "oil", sources) == []


@pytest.mark.parametrize("query", ["", "   ", "\n"])
def test_an_empty_question_finds_nothing(index: KnowledgeIndex, query: str) -> None:
    assert texts(index, query) == []


def test_a_source_that_may_not_be_read_pushes_no_other_out(embedder: Embedder) -> None:
    index = KnowledgeIndex(embedder)
    index.add([chunk(f"Oil for the pump, note {n}.", "secret", f"{n}.md") for n in range(300)])
    index.add([chunk("Now and then the pump takes some oil.", "open")])
    before = index.search("oil for the pump", sources=["open"])
    assert [hit.chunk.source for hit in before] == ["open"]
    assert (before[0].lexical_rank, before[0].vector_rank) == (1, 1)


def test_a_removed_document_is_gone_at_once_and_the_others_stay(index: KnowledgeIndex) -> None:
    assert index.remove("manuals", "pump.md") == 2
    assert OIL_200.text not in texts(index, "oil of the KX-200")
    assert texts(index, "annual leave")[0] == LEAVE.text
    assert len(index) == 2


def test_removing_what_is_not_there_changes_nothing(index: KnowledgeIndex) -> None:
    assert index.remove("manuals", "other.md") == index.remove("handbook", "pump.md") == index.remove_source("x") == 0
    assert len(index) == 4


def test_a_removed_source_takes_its_documents_along(index: KnowledgeIndex) -> None:
    assert index.remove_source("manuals") == 2
    assert texts(index, "pump oil", ["manuals"]) == []


def test_a_changed_document_embeds_itself_alone(index: KnowledgeIndex, embedder: Embedder) -> None:
    before = embedder.embedded  # type: ignore[attr-defined]
    index.remove("policies", "refunds.md")
    index.add([chunk("A refund takes three days.", "policies", "refunds.md")])
    assert embedder.embedded == before + 1  # type: ignore[attr-defined]
    assert texts(index, "refund")[0] == "A refund takes three days."


def test_many_removals_are_compacted_and_nothing_is_lost(embedder: Embedder) -> None:
    index = KnowledgeIndex(embedder)
    index.add([chunk(f"Entry {n} speaks of item {n}.", document=f"{n % 10}.md", number=n) for n in range(600)])
    for n in range(0, 10, 2):
        assert index.remove("manuals", f"{n}.md") == 60
    assert len(index) == 300
    assert texts(index, "item 301")[0] == "Entry 301 speaks of item 301."
    assert "Entry 300 speaks of item 300." not in texts(index, "item 300", limit=300)
    index.add([chunk("Entry 900 speaks of item 900.", document="900.md")])
    assert texts(index, "item 900")[0] == "Entry 900 speaks of item 900."
    assert index.remove("manuals", "1.md") == 60
    assert "Entry 301 speaks of item 301." not in texts(index, "item 301", limit=300)


def test_vectors_of_another_model_are_refused(index: KnowledgeIndex) -> None:
    with pytest.raises(VectorsDiffer):
        index.add([chunk("x", document="x.md")], np.zeros((1, 3), np.float32))
    assert len(index) == 4


def test_given_vectors_are_taken_as_they_are(embedder: Embedder) -> None:
    index = KnowledgeIndex(embedder)
    vectors = embedder.embed_passages([OIL_200.indexed_text])
    before = embedder.embedded  # type: ignore[attr-defined]
    index.add([OIL_200], vectors)
    assert embedder.embedded == before  # type: ignore[attr-defined]
    assert texts(index, "pump oil") == [OIL_200.text]


def test_a_question_that_nothing_answers_is_less_relevant_than_one_that_is(index: KnowledgeIndex) -> None:
    answered = index.search("how many days of annual leave are carried over")[0]
    unanswered = index.search("who won the football match yesterday")[0]
    assert answered.relevance > 0.4 > unanswered.relevance


def test_readers_see_whole_states_while_one_writes(embedder: Embedder) -> None:
    index = KnowledgeIndex(embedder)
    index.add([chunk(f"Steady note {n}.", "steady", f"{n}.md") for n in range(20)])
    stop, faults = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                if len(index.search("steady note", sources=["steady"], limit=20)) != 20:
                    faults.append("a steady passage was missing")
            except Exception as error:
                faults.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(60):
        index.add([chunk(f"Passing note {n}, part {m}.", "passing", f"{n}.md", m) for m in range(20)])
        index.remove("passing", f"{n - 1}.md")
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []


@given(st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_breaks_the_search(index: KnowledgeIndex, query: str) -> None:
    for hit in index.search(query):
        assert 0 <= hit.relevance <= 1
