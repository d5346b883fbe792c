"""How well passages are found: words alone, meaning alone, both, beside published figures, on three labelled sets.

"reranked" reads the best 100 again word by word, which helps where the question is a whole statement;
`GRAFTWORK_BENCH_RERANK=all` does so on all sets (some 20 minutes on one core). `GRAFTWORK_BENCH_EMBEDDINGS_URL` and
`_MODEL` name an OpenAI-compatible server that is measured too; `_KEY`, `_QUERY_PREFIX`, `_PASSAGE_PREFIX` go with it.

Vectors are kept in the temporary folder under the digests of model and texts: the first run embeds some 14,000
passages, 5 to 15 minutes on two cores, later ones take two or three minutes.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bench import SHARED_DATA, table, verdict
from benchmarks.parts import retrieval_sets as sets
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate, locate_companion
from graftwork.core.errors import ModelNotPulled
from graftwork.core.knowledge.embedding import Embedder, Vectors
from graftwork.core.knowledge.index import Hit, IndexedChunk, KnowledgeIndex
from graftwork.core.knowledge.minilm import MiniLM
from graftwork.core.knowledge.remote import RemoteEmbedder

MODEL = "minilm-l6-v2"


@dataclass(frozen=True, slots=True)
class Figure:
    set_name: str
    measure: str
    reference: str
    goal: float


FIGURES = (
    Figure("kb_scifact", "nDCG@10", "BM25 .679 (Anserini, 300 queries); bge-base .743", 0.70),
    Figure("legal_contractnli", "R@5", "plain BM25 .557 (test half)", 0.70),
    Figure("legal_contractnli", "MAP", "plain BM25 .467 (test half)", 0.60),
    Figure("legal_acord", "NDCG@5", "plain BM25 about .48 (test half)", 0.60),
)
# How the hits of one question are ordered: as they come, or by one half alone.
HALVES: dict[str, Callable[[Hit], float]] = {
    "words": lambda hit: -(hit.lexical_rank or 10**9),
    "meaning": lambda hit: -(hit.vector_rank or 10**9),
    "hybrid": lambda hit: hit.score,
}
# Contracts have some hundred spans, all of which are ranked; nDCG@10 of abstracts needs ten.
LIMIT = 200
RERANKED = {"legal_contractnli"}
RERANK = 100


def main() -> bool:
    if not SHARED_DATA.is_dir():
        print(f"not run: the labelled sets are not in {SHARED_DATA}")
        return True
    try:
        embedder = packaged()
    except ModelNotPulled as missing:
        print(f"not run: {missing}")
        return True
    chosen = (sets.scifact(), sets.contractnli(), sets.acord())
    again = os.environ.get("GRAFTWORK_BENCH_RERANK", "")
    names = {one.name for one in chosen} if again == "all" else RERANKED
    ours = {one.name: measured(one, embedder, RERANK if one.name in names else 0) for one in chosen}
    server = stronger()
    theirs = {one.name: measured(one, server) for one in chosen} if server else {}
    rows = [("set", "what", *HALVES, "reranked", "a server's model", "reference", "goal", "")]
    reached = []
    for figure in FIGURES:
        found = ours[figure.set_name][figure.measure]
        other = theirs[figure.set_name][figure.measure]["hybrid"] if theirs else None
        best_half = max(found["words"], found["meaning"])
        reached.append(found["hybrid"] >= figure.goal and found["hybrid"] > best_half)
        shown = (f"{found[half]:.3f}" for half in HALVES)
        reread = f"{found['reranked']:.3f}" if "reranked" in found else "not run"
        server_shows = "not run" if other is None else f"{other:.3f}"
        rows.append(
            (figure.set_name, figure.measure, *shown, reread, server_shows, figure.reference, f"{figure.goal:.2f}",
             verdict(reached[-1]))
        )  # fmt: skip
    table(rows)
    print(f"\n{', '.join(f'{one.name}: {len(one.questions)} questions' for one in chosen)}; {embedder.name}")
    return all(reached)


def packaged(threads: int | None = None) -> MiniLM:
    """The embedded model. Raises `ModelNotPulled`."""
    entry, folder = load_catalog().get(MODEL), models_folder()
    words = locate_companion(entry, "tokenizer.json", folder)
    return MiniLM(locate(entry, folder), words, threads=threads or os.cpu_count() or 1)


def stronger() -> RemoteEmbedder | None:
    """The server to compare with, where one is named."""
    wanted = {name: os.environ.get(f"GRAFTWORK_BENCH_EMBEDDINGS_{name}", "") for name in ("URL", "MODEL")}
    if not wanted["URL"]:
        return None
    return RemoteEmbedder(
        wanted["URL"],
        wanted["MODEL"] or "default",
        api_key=os.environ.get("GRAFTWORK_BENCH_EMBEDDINGS_KEY"),
        query_prefix=os.environ.get("GRAFTWORK_BENCH_EMBEDDINGS_QUERY_PREFIX", ""),
        passage_prefix=os.environ.get("GRAFTWORK_BENCH_EMBEDDINGS_PASSAGE_PREFIX", ""),
    )


def measured(chosen: sets.Passages, embedder: Embedder, rerank: int = 0) -> dict[str, dict[str, float]]:
    """By measure and half, the mean over the questions of one set."""
    chunks = [
        IndexedChunk(f"{source}/{name}", source, name, title, text, 0, len(text))
        for source, name, title, text in chosen.passages
    ]
    index = KnowledgeIndex(embedder)
    index.add(chunks, kept_vectors(embedder, [chunk.indexed_text for chunk in chunks], query=False))
    vectors = kept_vectors(embedder, [question.text for question in chosen.questions], query=True)
    found: dict[str, dict[str, list[float]]] = {}
    # Where only judged passages count, all are ranked, since most of the best may be unjudged.
    limit = len(chunks) if chosen.judged_only else LIMIT
    for question, vector in zip(chosen.questions, vectors, strict=True):
        hits = index.search(question.text, sources=[question.source], limit=limit, vector=vector)
        orders = {half: sorted(hits, key=key, reverse=True) for half, key in HALVES.items()}
        if rerank:
            orders["reranked"] = index.search(
                question.text, sources=[question.source], limit=limit, vector=vector, rerank=rerank
            )
        for half, order in orders.items():
            for name, value in _values(chosen, question, [hit.chunk.document for hit in order]):
                found.setdefault(name, {}).setdefault(half, []).append(value)
    return {name: {half: float(np.mean(one)) for half, one in halves.items()} for name, halves in found.items()}


def _values(chosen: sets.Passages, question: sets.Question, order: Sequence[str]) -> Iterator[tuple[str, float]]:
    ranked = [name for name in order if name in question.gains] if chosen.judged_only else order
    gains = np.array([question.gains.get(name, 0.0) for name in ranked])
    relevant = sum(gain > 0 for gain in question.gains.values())
    measures = {
        "nDCG@10": sets.ndcg(10, list(question.gains.values())),
        "NDCG@5": sets.ndcg(5, list(question.gains.values())),
        "R@5": sets.recall(5, relevant),
        "MAP": sets.average_precision(relevant),
    }
    for name, measure in measures.items():
        if (value := measure(gains)) is not None:
            yield name, value


def kept_vectors(embedder: Embedder, texts: Sequence[str], *, query: bool) -> Vectors:
    """The vectors of `texts`, from the temporary folder where an earlier run left them."""
    digest = hashlib.sha256("\0".join((embedder.name, str(query), *texts)).encode(errors="replace")).hexdigest()
    path = Path(tempfile.gettempdir()) / "graftwork-bench-vectors" / f"{digest}.npy"
    if path.is_file():
        kept: Vectors = np.load(path)
        return kept
    if query:
        vectors: Vectors = np.stack([embedder.embed_query(text) for text in texts])
    else:
        vectors = embedder.embed_passages(texts)
    path.parent.mkdir(exist_ok=True)
    np.save(path, vectors)
    return vectors


if __name__ == "__main__":
    raise SystemExit(not main())
