"""A second look at the best passages, word by word, by the model that embeds them.

One vector for a passage is the mean of all that it says. Here each word of the question looks for the word of the
passage that means nearly the same where it stands (late interaction: Khattab and Zaharia, "ColBERT", SIGIR 2020), and
counts by how rare it is (BERTScore's idf weights: Zhang et al., ICLR 2020). It takes some 50 ms a passage and core the
first time, so that it is for drafts, which take seconds anyway, and not for a search page.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from graftwork.core.knowledge.embedding import Vectors

# About 150 KB each.
KEPT_PASSAGES = 500


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """By token, its vector (unit length) and the offsets of the word that it is a part of."""

    vectors: Vectors
    words: tuple[tuple[int, int], ...]


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that tells the vector of each token; a server does not."""

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """One for each text, in order; without the marks that the model itself puts around a text."""


class Reranker:
    """Scores passages by their words. Safe to use from several threads; what it read last it remembers."""

    def __init__(self, model: TokenEmbedder, *, kept_passages: int = KEPT_PASSAGES) -> None:
        self._model = model
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._kept_passages = kept_passages
        self._lock = threading.Lock()

    def scores(self, query: str, passages: Sequence[str], weight: Callable[[str], float]) -> Vectors:
        """For each passage, how well it answers the words of `query`, each of which counts `weight`; zeros for none."""
        (asked,) = self._model.embed_tokens([query])
        weights = _weights(query, asked.words, weight)
        if not passages or not weights.any():
            return np.zeros(len(passages), np.float32)
        vectors = self._vectors(passages)
        best = [(asked.vectors @ one.T).max(axis=1) if len(one) else np.zeros(len(weights)) for one in vectors]
        return np.asarray(np.array(best) @ weights / weights.sum(), dtype=np.float32)

    def _vectors(self, passages: Sequence[str]) -> list[Vectors]:
        with self._lock:
            known = {text: self._kept[text] for text in passages if text in self._kept}
        missing = [text for text in dict.fromkeys(passages) if text not in known]
        known.update(zip(missing, (one.vectors for one in self._model.embed_tokens(missing)), strict=True))
        with self._lock:
            for text in passages:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > self._kept_passages:
                self._kept.popitem(last=False)
        return [known[text] for text in passages]


def _weights(query: str, words: Sequence[tuple[int, int]], weight: Callable[[str], float]) -> Vectors:
    """By token, its word's weight; a word of many tokens counts somewhat more than one, not many times."""
    parts = {word: words.count(word) for word in set(words)}
    found = {word: weight(query[word[0] : word[1]]) / parts[word] ** 0.5 for word in parts}
    return np.array([found[word] for word in words], np.float32)
