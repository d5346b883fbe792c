"""The real embedding model: meaning, order, and what does not change a vector."""

import numpy as np
import pytest

from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate, locate_companion
from graftwork.core.errors import ModelNotPulled
from graftwork.core.knowledge.index import IndexedChunk, KnowledgeIndex
from graftwork.core.knowledge.minilm import MiniLM

pytestmark = pytest.mark.model

TEXTS = (
    "Employees may carry over ten days of annual leave into the next year.",
    "Money for a returned article reaches the card within fourteen days.",
    "The pump takes new oil every 400 hours.",
    "Parental leave lasts up to twelve weeks.",
)


@pytest.fixture(scope="module")
def model() -> MiniLM:
    entry = load_catalog().get("minilm-l6-v2")
    try:
        path = locate(entry, models_folder())
    except ModelNotPulled as missing:
        pytest.skip(str(missing))
    return MiniLM(path, locate_companion(entry, "tokenizer.json", models_folder()))


@pytest.fixture
def index(model: MiniLM) -> KnowledgeIndex:
    filled = KnowledgeIndex(model)
    filled.add([IndexedChunk(str(n), "s", f"{n}.md", "", text, 0, len(text)) for n, text in enumerate(TEXTS)])
    return filled


def test_the_name_holds_the_digest_of_the_catalog(model: MiniLM) -> None:
    assert model.name == f"minilm-l6-v2@{load_catalog().get('minilm-l6-v2').sha256[:16]}"


def test_vectors_have_unit_length_and_stand_in_order(model: MiniLM) -> None:
    texts = ["short", "a much longer text " * 60, "", "middle sized text here"]
    vectors = model.embed_passages(texts)
    assert vectors.shape == (4, model.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for vector, text in zip(vectors, texts, strict=True):
        assert float(vector @ model.embed_query(text)) > 0.98


def test_no_text_has_no_vector(model: MiniLM) -> None:
    assert model.embed_passages([]).shape == (0, model.dimensions)
    assert model.embed_tokens([]) == []


def test_tokens_know_their_words(model: MiniLM) -> None:
    (tokens,) = model.embed_tokens(["Unfathomable oil"])
    words = ["Unfathomable oil"[start:end] for start, end in tokens.words]
    assert len(tokens.vectors) == len(words)
    assert (words[0], words[-1]) == ("Unfathomable", "oil")
    assert words.count("Unfathomable") > 1


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("when will I be refunded", "1"),
        ("how much holiday can I take into January", "0"),
        ("lubrication of the pump", "2"),
        ("time off for a new baby", "3"),
    ],
)
def test_what_is_said_in_other_words_is_found(index: KnowledgeIndex, question: str, number: str) -> None:
    assert index.search(question)[0].chunk.id == number
    assert index.search(question, rerank=4)[0].chunk.id == number


@pytest.mark.parametrize("question", ["who won the football match", "interest rate of a mortgage in Norway"])
def test_a_question_on_something_else_is_not_relevant(index: KnowledgeIndex, question: str) -> None:
    assert index.search(question)[0].relevance < 0.3


def test_an_answered_question_is_relevant(index: KnowledgeIndex) -> None:
    assert index.search("how many days of annual leave can be carried over")[0].relevance > 0.4
    assert index.search("how often does the pump need new oil")[0].relevance > 0.4
