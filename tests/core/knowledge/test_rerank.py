"""The second look: rare words of the question decide, and what was read is remembered."""

from collections.abc import Sequence

import numpy as np

from graftwork.core.knowledge.rerank import Reranker, TokenVectors


class Letters:
    """One token a word; its vector is its first letter. `read` are the texts that were asked for."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        self.read.extend(texts)
        return [self._tokens(text) for text in texts]

    def _tokens(self, text: str) -> TokenVectors:
        vectors, words, place = [], [], 0
        for word in text.split():
            place = text.index(word, place)
            vectors.append(np.eye(26, dtype=np.float32)[ord(word[0]) - ord("a")])
            words.append((place, place + len(word)))
        return TokenVectors(np.array(vectors, np.float32).reshape(-1, 26), tuple(words))


RARE = {"kiwi": 9.0}


def weight(word: str) -> float:
    return RARE.get(word, 1.0)


def test_the_passage_with_the_rare_word_wins() -> None:
    scores = Reranker(Letters()).scores("a big kiwi", ["a big apple", "kiwi"], weight)
    assert scores.tolist() == [np.float32(2 / 11), np.float32(9 / 11)]


def test_passages_are_read_once_and_the_oldest_is_forgotten() -> None:
    model = Letters()
    reranker = Reranker(model, kept_passages=2)
    reranker.scores("q", ["a", "b", "a"], weight)
    reranker.scores("q", ["b", "c"], weight)
    assert model.read == ["q", "a", "b", "q", "c"]
    reranker.scores("q", ["a"], weight)
    assert model.read[-1] == "a"


def test_a_question_of_stop_words_and_an_empty_passage_score_nothing() -> None:
    assert Reranker(Letters()).scores("the of", ["a"], lambda _: 0.0).tolist() == [0.0]
    assert Reranker(Letters()).scores("kiwi", [""], weight).tolist() == [0.0]
    assert Reranker(Letters()).scores("kiwi", [], weight).tolist() == []
