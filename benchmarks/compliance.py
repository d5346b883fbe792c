"""Triage of clauses: the share of unfair ones found where half of what is shown is unfair (recall at 50 % precision).

Terms of service by sentence, split by document into five fixed parts; each part is scored by what was learned from the
other four. The reference is TF-IDF with logistic regression in the same run, with default settings and with balanced
classes. A clause counts as a violation where people found it potentially or clearly unfair (2 or 3); the second table
counts the clearly unfair (3) only, with the same scores. GRAFTWORK_BENCH_MINILM names a folder with model.onnx and
tokenizer.json; without it the model has no embeddings, and says so.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import SHARED_DATA, table, verdict
from graftwork.core.triage.model import Embed, Triage
from graftwork.core.triage.precedents import Precedent

SENTENCES = SHARED_DATA / "compliance_unfair_tos" / "sentences.jsonl"
PARTS = 5
RESAMPLES = 1_000
PRECISION = 0.5
Scores = NDArray[np.float64]


def main() -> bool:
    if not SENTENCES.exists():
        print("skipped: shared data not here")
        return True
    rows = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    documents = sorted({row["doc"] for row in rows})
    part = np.array([documents.index(row["doc"]) % PARTS for row in rows])
    broken = np.array([_degree(row) >= 2 for row in rows])
    clearly = np.array([_degree(row) == 3 for row in rows])
    embed = _embedder([row["text"] for row in rows])
    scored = _scored([row["text"] for row in rows], [_rule(row) for row in rows], part, embed)
    print(
        f"{len(rows):,} sentences of {len(documents)} documents, {broken.sum()} violations, {clearly.sum()} clear ones"
    )
    print("embeddings: MiniLM\n" if embed else "embeddings: none (GRAFTWORK_BENCH_MINILM is not set)\n")
    groups = np.array([documents.index(row["doc"]) for row in rows])
    best = _print("potentially or clearly unfair", scored, broken, groups, judged=True)
    _print("clearly unfair only", scored, clearly, groups, judged=False)
    return best


def _degree(row: dict[str, Any]) -> int:
    return max((int(tag[-1]) for tag in row["tags"] if tag[-1].isdigit()), default=0)


def _rule(row: dict[str, Any]) -> str:
    unfair = [tag for tag in row["tags"] if tag[-1] in "23"]
    return unfair[0][:-1] if unfair else ""


def _embedder(texts: Sequence[str]) -> Embed | None:
    """MiniLM, each text once: every fold asks for most of them again."""
    folder = os.environ.get("GRAFTWORK_BENCH_MINILM")
    if not folder:
        return None
    from graftwork.core.knowledge.minilm import MiniLM

    model = MiniLM(Path(folder) / "model.onnx", Path(folder) / "tokenizer.json", threads=2)
    different = sorted(set(texts))
    vectors = dict(zip(different, model.embed_passages(different), strict=True))
    return lambda asked: np.array([vectors[text] for text in asked])


def _scored(texts: list[str], rules: list[str], part: NDArray[Any], embed: Embed | None) -> dict[str, Scores]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    models: dict[str, Any] = {
        "TF-IDF + logistic regression": None,
        "the same, balanced": "balanced",
    }
    scores = {name: np.zeros(len(texts)) for name in (*models, "graftwork, words only", "graftwork")}
    for each in range(PARTS):
        learned, asked = np.flatnonzero(part != each), np.flatnonzero(part == each)
        clauses = [texts[place] for place in asked]
        for name, weight in models.items():
            reference = make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight=weight, max_iter=1000))
            reference.fit([texts[place] for place in learned], [bool(rules[place]) for place in learned])
            scores[name][asked] = reference.predict_proba(clauses)[:, 1]
        examples = [Precedent(texts[place], rules[place]) for place in learned]
        for name, used in (("graftwork, words only", None), ("graftwork", embed)):
            if name == "graftwork" and used is None:
                scores[name] = scores["graftwork, words only"]
                continue
            scores[name][asked] = [judged.score for judged in Triage.fit(examples, used).score(clauses)]
    return scores


def _print(
    what: str, scored: dict[str, Scores], broken: NDArray[np.bool_], groups: NDArray[Any], *, judged: bool
) -> bool:
    print(f"{what}:")
    rows: list[tuple[object, ...]] = [("model", "recall at 50 % precision", "95 % interval", "average precision", "")]
    reference = max(_recall(scored[name], broken) for name in list(scored)[:2])
    for name, scores in scored.items():
        low, high = _interval(scores, broken, groups)
        recall = _recall(scores, broken)
        told = verdict(recall > reference) if name == "graftwork" and judged else ""
        rows.append(
            (name, f"{recall:.3f}", f"{low:.3f} to {high:.3f}", f"{_average_precision(scores, broken):.3f}", told)
        )
    table(rows)
    print()
    return _recall(scored["graftwork"], broken) > reference


def _recall(scores: Scores, broken: NDArray[np.bool_]) -> float:
    """The largest recall at any threshold where at least half of what is shown is broken."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(broken[order])
    enough = np.flatnonzero(found / np.arange(1, len(found) + 1) >= PRECISION)
    return float(found[enough[-1]] / broken.sum()) if len(enough) and broken.any() else 0.0


def _average_precision(scores: Scores, broken: NDArray[np.bool_]) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(broken, scores))


def _interval(scores: Scores, broken: NDArray[np.bool_], groups: NDArray[Any]) -> tuple[float, float]:
    """Percentile bootstrap over documents, whose sentences are not independent."""
    random = np.random.default_rng(0)
    places = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    drawn = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([places[each] for each in random.integers(0, len(places), len(places))])
        drawn.append(_recall(scores[chosen], broken[chosen]))
    return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))
