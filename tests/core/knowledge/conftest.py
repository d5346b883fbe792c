"""A model that a test can foresee: texts are as close as the letters that they share."""

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from graftwork.core.knowledge.embedding import Embedder, Vectors, unit_length


class LettersEmbedder:
    """Counts three-letter stretches, so that like words give like vectors. `embedded` counts the texts."""

    name = "letters@1"
    dimensions = 64

    def __init__(self) -> None:
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for place in range(len(text) - 2):
                vectors[row, zlib.crc32(text[place : place + 3].lower().encode()) % self.dimensions] += 1
        return unit_length(vectors)

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_passages([text])[0]
        return vector


@pytest.fixture
def embedder() -> Embedder:
    return LettersEmbedder()
