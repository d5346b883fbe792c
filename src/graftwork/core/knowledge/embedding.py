"""What turns text into vectors, as the index sees it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Vectors of passages and of questions: texts that mean nearly the same lie close together.

    `name` identifies the model by its digest, because vectors of two models cannot be compared. It is part of every
    snapshot. Vectors have unit length, so that their product is their cosine; that of a text without words may be zero.
    """

    name: str

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has. A server may have to be asked for it."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order."""

    def embed_query(self, text: str) -> Vectors:
        """One vector; some models embed questions differently from passages."""


def unit_length(vectors: Vectors) -> Vectors:
    """`vectors` scaled to length 1 each; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
