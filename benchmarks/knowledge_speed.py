"""How long a hybrid question takes over 100,000 passages on one core, and how fast passages are indexed.

Beside it in the same run: SQLite's FTS5 with a numpy scan, and LanceDB (IVF-PQ) where `GRAFTWORK_BENCH_LANCEDB` names
an interpreter that has it. Passages are made of the labelled sets' words, their vectors are random: a scan of every
vector takes as long whatever they are. About two minutes.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.bench import SHARED_DATA, percentile, scratch_folder, table, verdict
from benchmarks.parts import knowledge_corpus as corpus
from benchmarks.parts import knowledge_peers
from benchmarks.parts.knowledge_peers import SqliteAndNumpy
from benchmarks.parts.privacy_speed import one_core
from benchmarks.retrieval import packaged
from graftwork.core.errors import ModelNotPulled
from graftwork.core.knowledge.embedding import Vectors
from graftwork.core.knowledge.index import IndexedChunk, KnowledgeIndex
from graftwork.core.knowledge.minilm import DIMENSIONS, MiniLM

PASSAGES, QUESTIONS = 100_000, 200
P50_MS, P95_MS = 10.0, 25.0
INDEXED_PASSAGES, INDEXING_SHARE = 400, 0.9


def main() -> bool:
    if not SHARED_DATA.is_dir():
        print(f"not run: the words come from the labelled sets, which are not in {SHARED_DATA}")
        return True
    one_core()
    try:
        model = packaged(threads=1)
    except ModelNotPulled as missing:
        print(f"not run: {missing}")
        return True
    texts = corpus.real_texts()
    chunks = corpus.passages(texts, PASSAGES)
    vectors, asked = corpus.vectors(PASSAGES, DIMENSIONS), corpus.questions(chunks, QUESTIONS)
    answered = _queries(model, chunks, vectors, asked)
    return _indexing(model, texts) and answered


def _queries(model: MiniLM, chunks: list[IndexedChunk], vectors: Vectors, asked: list[str]) -> bool:
    index = KnowledgeIndex(model)
    begin = time.perf_counter()
    index.add(chunks, vectors)
    built = time.perf_counter() - begin
    embedded = [model.embed_query(question) for question in asked]
    peer = SqliteAndNumpy([chunk.text for chunk in chunks], vectors)
    # One after the other for each question, so that whatever else the machine does slows all alike.
    ours, whole, narrow, embedding, theirs = [], [], [], [], []
    for question, vector in zip(asked, embedded, strict=True):
        ours.append(_milliseconds(lambda q=question, v=vector: index.search(q, vector=v)))
        theirs.append(_milliseconds(lambda q=question, v=vector: peer.search(q, v, 10)))
        embedding.append(_milliseconds(lambda q=question: model.embed_query(q)))
        narrow.append(_milliseconds(lambda q=question, v=vector: index.search(q, sources=["source3"], vector=v)))
        whole.append(_milliseconds(lambda q=question: index.search(q)))
    lance = _lancedb(chunks, vectors, asked, np.stack(embedded))
    clock = [one for one, _ in whole]
    p50, p95 = percentile(clock, 0.5), percentile(clock, 0.95)
    goal, reached = f"{P50_MS:g} / {P95_MS:g} ms", p50 < P50_MS and p95 < P95_MS
    print(f"{len(chunks):,} passages, {len(asked)} questions, one core; built in {built:.1f} s\n")
    table([
        ("hybrid search", "p50", "p95", "CPU p50 / p95", "goal", ""),
        ("ours, with embedding the question", *_both(whole), goal, verdict(reached)),
        ("ours, without", *_both(ours), "-", ""),
        ("ours, one source of ten, without", *_both(narrow), "-", ""),
        ("embedding the question", *_both(embedding), "-", ""),
        ("SQLite FTS5 + numpy, without", *_both(theirs), "-", ""),
        ("LanceDB IVF-PQ, without", *_lance_shown(lance), "-", ""),
    ])  # fmt: skip
    return reached


def _milliseconds(what: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of CPU time."""
    begin, begin_cpu = time.perf_counter(), time.process_time()
    what()
    return (time.perf_counter() - begin) * 1_000, (time.process_time() - begin_cpu) * 1_000


def _both(times: Sequence[tuple[float, float]]) -> tuple[str, str, str]:
    clock, cpu = [one for one, _ in times], [one for _, one in times]
    shown = f"{percentile(cpu, 0.5):.1f} / {percentile(cpu, 0.95):.1f} ms"
    return f"{percentile(clock, 0.5):.1f} ms", f"{percentile(clock, 0.95):.1f} ms", shown


def _lancedb(chunks: list[IndexedChunk], vectors: Vectors, asked: list[str], embedded: Vectors) -> list[float]:
    python = os.environ.get("GRAFTWORK_BENCH_LANCEDB", "")
    if not python:
        return []
    with scratch_folder() as folder:
        (folder / "texts.json").write_text(json.dumps([chunk.text for chunk in chunks]))
        (folder / "questions.json").write_text(json.dumps(asked))
        np.save(folder / "vectors.npy", vectors)
        np.save(folder / "asked.npy", embedded)
        script = str(Path(knowledge_peers.__file__))
        done = subprocess.run([python, script, str(folder)], stdout=subprocess.PIPE, text=True, check=True)
    times: list[float] = json.loads(done.stdout.splitlines()[-1])["times_ms"]
    return times


def _lance_shown(times: list[float]) -> tuple[str, str, str]:
    if not times:
        return "not run", "not run", "not run"
    return f"{percentile(times, 0.5):.1f} ms", f"{percentile(times, 0.95):.1f} ms", "not known"


def _indexing(model: MiniLM, texts: list[str]) -> bool:
    """Cutting, embedding and indexing real passages, beside the model alone on the same texts, in turns."""
    chosen = texts[:: max(1, len(texts) // INDEXED_PASSAGES)][:INDEXED_PASSAGES]
    chunks = [IndexedChunk(str(n), "s", f"{n}.md", "", text, 0, len(text)) for n, text in enumerate(chosen)]
    alone, indexed = [], []
    half = len(chunks) // 2
    for part in (chunks[:half], chunks[half:]):
        alone.append(_milliseconds(lambda part=part: model.embed_passages([chunk.text for chunk in part])))
        indexed.append(_milliseconds(lambda part=part: KnowledgeIndex(model).add(part)))
    # CPU time: both do the same, one after the other, and other work on the machine must not decide between them.
    alone_ms, indexed_ms = sum(cpu for _, cpu in alone), sum(cpu for _, cpu in indexed)
    share, rate = alone_ms / indexed_ms, len(chunks) / indexed_ms * 1_000
    print(f"\n{len(chunks)} passages of about {sum(map(len, chosen)) // len(chosen)} characters, one core:\n")
    table([
        ("indexing", "passages a second of CPU", "share of the model alone", "goal", ""),
        ("model alone", f"{len(chunks) / alone_ms * 1_000:.1f}", "1", "-", ""),
        ("embedded and indexed", f"{rate:.1f}", f"{share:.2f}", str(INDEXING_SHARE), verdict(share >= INDEXING_SHARE)),
    ])  # fmt: skip
    return share >= INDEXING_SHARE


if __name__ == "__main__":
    raise SystemExit(not main())
