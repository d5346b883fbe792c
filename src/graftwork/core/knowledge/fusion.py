"""How the two halves become one order, and how relevant a passage is by itself."""

import math

import numpy as np

from graftwork.core.knowledge.embedding import Vectors

# The share of meaning in the sum; the rest is words.
VECTOR_WEIGHT = 0.5


def fused(cosines: Vectors, words: Vectors) -> Vectors:
    """The weighted sum of both scores of each candidate, each brought to 0..1 by the best and worst candidate.

    Scores rather than ranks: reciprocal rank fusion (Cormack et al., 2009) forgets by how much the best one leads.
    """
    return np.asarray(VECTOR_WEIGHT * _spread(cosines) + (1 - VECTOR_WEIGHT) * _spread(words), dtype=np.float32)


def relevance(cosine: float, covered: float) -> float:
    """How likely a passage is about the question, 0 to 1: comparable between questions, unlike the fused score.

    `covered` is the share of the question's words, each by how rare it is, that the passage holds.
    """
    return 1 / (1 + math.exp(-(7.0 * cosine + 3.0 * covered - 5.2)))


def _spread(scores: Vectors) -> Vectors:
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
