"""The embedded model: all-MiniLM-L6-v2 with 8-bit weights, on onnxruntime.

Reimers and Gurevych, "Sentence-BERT" (EMNLP 2019): the mean of the token vectors, scaled to length 1. English; other
languages want a model of their own behind `/embeddings`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graftwork.core.knowledge.embedding import Vectors, unit_length
from graftwork.core.knowledge.rerank import TokenVectors

if TYPE_CHECKING:
    from tokenizers import Encoding

# What the model was published with. Longer passages are cut: the words behind that are still found by BM25.
MAX_TOKENS = 256
DIMENSIONS = 384
# Larger ones are no faster on a processor, and hold more memory.
BATCH = 16


class MiniLM:
    """An `Embedder`. `model` is its ONNX file, `tokenizer` its tokenizer.json; both are checked by who fetched them.

    Safe to use from several threads. `threads` are those of one call; the default leaves the other cores to others.
    """

    dimensions = DIMENSIONS

    def __init__(self, model: Path, tokenizer: Path, *, threads: int = 1) -> None:
        # Takes 90 MB and a third of a second, which `--help` and the web process should not pay.
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        content = model.read_bytes()
        self.name = f"minilm-l6-v2@{hashlib.sha256(content).hexdigest()[:16]}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that wait for work would keep a core busy that others need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Memory that grows with the longest batch is given back rather than kept for the next.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        # Texts of one length side by side: a batch is as long as its longest text, and the rest is wasted work.
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place].ids))
        vectors = np.zeros((len(encoded), DIMENSIONS), dtype=np.float32)
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            vectors[batch] = self._run([encoded[place] for place in batch])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_passages([text])[0]
        return vector

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """As `TokenEmbedder`: the vectors before they become one."""
        encoded = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place].ids))
        found: dict[int, TokenVectors] = {}
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            states, _ = self._states([encoded[place] for place in batch])
            for row, place in enumerate(batch):
                # The first and the last are the model's own marks.
                vectors = unit_length(states[row, 1 : len(encoded[place].ids) - 1])
                found[place] = TokenVectors(vectors, _words(encoded[place]))
        return [found[place] for place in range(len(encoded))]

    def _run(self, batch: "Sequence[Encoding]") -> Vectors:
        states, mask = self._states(batch)
        weights = mask[:, :, None].astype(np.float32)
        return unit_length((states * weights).sum(axis=1) / weights.sum(axis=1))

    def _states(self, batch: "Sequence[Encoding]") -> tuple[Vectors, NDArray[np.int64]]:
        longest = max(len(one.ids) for one in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.int64)
        for row, one in enumerate(batch):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states: Vectors = self._session.run(None, inputs)[0]
        return states, mask


def _words(encoded: "Encoding") -> tuple[tuple[int, int], ...]:
    """By token, the offsets of its whole word."""
    spans: dict[int, tuple[int, int]] = {}
    for word, (start, end) in zip(encoded.word_ids, encoded.offsets, strict=True):
        if word is not None:
            spans[word] = (min(start, spans.get(word, (start, end))[0]), end)
    return tuple(spans[word] for word in encoded.word_ids if word is not None)
