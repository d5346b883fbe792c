"""Passages that nobody wrote: words of the labelled sets in their frequencies, random vectors of unit length."""

import random
import re
from collections import Counter

import numpy as np

from benchmarks.parts.retrieval_sets import acord, scifact
from graftwork.core.knowledge.embedding import Vectors, unit_length
from graftwork.core.knowledge.index import IndexedChunk

WORDS_PER_PASSAGE = (60, 140)
WORDS_PER_QUESTION = (5, 14)
SOURCES = 10


def real_texts() -> list[str]:
    return [f"{title} {text}".strip() for one in (scifact(), acord()) for _, _, title, text in one.passages]


def passages(texts: list[str], count: int, seed: int = 7) -> list[IndexedChunk]:
    chosen = random.Random(seed)
    counted = Counter(word for text in texts for word in re.findall(r"\w+", text))
    words, weights = list(counted), np.cumsum(list(counted.values())).tolist()
    made = []
    for number in range(count):
        length = chosen.randint(*WORDS_PER_PASSAGE)
        text = " ".join(chosen.choices(words, cum_weights=weights, k=length))
        source = f"source{number % SOURCES}"
        made.append(IndexedChunk(str(number), source, f"{number // 20}.md", "", text, 0, len(text)))
    return made


def questions(chunks: list[IndexedChunk], count: int, seed: int = 11) -> list[str]:
    """Words of one passage each, as a person would remember them."""
    chosen = random.Random(seed)
    asked = []
    for chunk in chosen.sample(chunks, count):
        words = chunk.text.split()
        asked.append(" ".join(chosen.sample(words, chosen.randint(*WORDS_PER_QUESTION))))
    return asked


def vectors(count: int, dimensions: int, seed: int = 13) -> Vectors:
    return unit_length(np.random.default_rng(seed).standard_normal((count, dimensions), dtype=np.float32))
