"""The same search by other embedded stores: SQLite's FTS5 with a numpy scan, and LanceDB where it is installed.

Run as a file by another interpreter, it measures LanceDB: `knowledge_peers.py FOLDER` reads texts.json, questions.json,
vectors.npy and asked.npy there and prints one JSON line.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

RRF = 60
WANTED = 100


class SqliteAndNumpy:
    """FTS5's bm25() and a whole scan of the vectors, joined by reciprocal rank fusion."""

    def __init__(self, texts: Sequence[str], vectors: Any) -> None:
        self._vectors = vectors
        self._store = sqlite3.connect(":memory:")
        self._store.execute("create virtual table passages using fts5(body, tokenize='porter unicode61')")
        self._store.executemany("insert into passages(rowid, body) values (?, ?)", enumerate(texts))

    def search(self, question: str, vector: Any, limit: int) -> list[int]:
        words = " OR ".join(f'"{word}"' for word in question.split())
        found = self._store.execute(
            f"select rowid from passages where passages match ? order by bm25(passages) limit {WANTED}", (words,)
        )
        scores = self._vectors @ vector
        nearest = np.argpartition(-scores, WANTED)[:WANTED]
        fused: dict[int, float] = {}
        for ranked in ([row for (row,) in found], nearest[np.argsort(-scores[nearest])].tolist()):
            for rank, row in enumerate(ranked):
                fused[row] = fused.get(row, 0.0) + 1 / (RRF + rank)
        return sorted(fused, key=lambda row: -fused[row])[:limit]


def _lancedb(folder: Path) -> dict[str, Any]:
    import lancedb  # type: ignore[import-not-found]

    texts = json.loads((folder / "texts.json").read_text())
    questions = json.loads((folder / "questions.json").read_text())
    vectors, asked = np.load(folder / "vectors.npy"), np.load(folder / "asked.npy")
    begin = time.perf_counter()
    rows = ({"text": text, "vector": vector} for text, vector in zip(texts, vectors, strict=True))
    stored = lancedb.connect(folder / "lance").create_table("passages", list(rows))
    stored.create_fts_index("text")
    stored.create_index(metric="cosine", num_partitions=256, num_sub_vectors=48)
    indexed = time.perf_counter() - begin
    times = []
    for question, vector in zip(questions, asked, strict=True):
        begin = time.perf_counter()
        stored.search(query_type="hybrid").vector(vector).text(question).limit(10).to_list()
        times.append((time.perf_counter() - begin) * 1_000)
    return {"indexed_seconds": indexed, "times_ms": times}


if __name__ == "__main__":
    print(json.dumps(_lancedb(Path(sys.argv[1]))))
