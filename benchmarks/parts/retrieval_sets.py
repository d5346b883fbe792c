"""The three labelled sets of the search, in one form, and the measures (README of the shared data)."""

import json
import lzma
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench import SHARED_DATA

Gains = NDArray[np.float64]
Measure = Callable[[Gains], float | None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which source, and how good each passage of it is; passages without a gain are not ranked."""

    text: str
    source: str
    gains: dict[str, float]


@dataclass(frozen=True, slots=True)
class Passages:
    """One set: passages by source and id, and the questions. `judged_only` ranks nothing that nobody judged."""

    name: str
    passages: list[tuple[str, str, str, str]]  # source, id, title, text
    questions: list[Question]
    judged_only: bool = False


def scifact(folder: Path = SHARED_DATA / "kb_scifact") -> Passages:
    relevant = _qrels(folder / "qrels.tsv")
    passages = [("papers", row["_id"], row["title"], row["text"]) for row in _rows(folder / "corpus.jsonl.xz")]
    questions = [
        Question(row["text"], "papers", relevant[row["_id"]])
        for row in _rows(folder / "queries.jsonl")
        if row["_id"] in relevant
    ]
    return Passages("kb_scifact", passages, questions)


def contractnli(path: Path = SHARED_DATA / "legal_contractnli" / "dev.json") -> Passages:
    """Each contract is a source, its spans are the passages; hypotheses without evidence in it are not asked."""
    data = json.loads(path.read_text(encoding="utf-8"))
    passages, questions = [], []
    for document in data["documents"]:
        source = f"contract {document['id']}"
        for place, (start, end) in enumerate(document["spans"]):
            passages.append((source, str(place), "", document["text"][start:end]))
        for label, annotation in document["annotation_sets"][0]["annotations"].items():
            if annotation["spans"]:
                gains = {str(place): 1.0 for place in annotation["spans"]}
                questions.append(Question(data["labels"][label]["hypothesis"], source, gains))
    return Passages("legal_contractnli", passages, questions)


def acord(folder: Path = SHARED_DATA / "legal_acord") -> Passages:
    relevant: dict[str, dict[str, float]] = {}
    for path in sorted(folder.glob("qrels.*.tsv.xz")):
        relevant.update(_qrels(path))
    passages = [("clauses", row["_id"], "", row.get("text", "")) for row in _rows(folder / "corpus.jsonl.xz")]
    questions = [
        Question(row["text"], "clauses", relevant[row["_id"]])
        for row in _rows(folder / "queries.jsonl")
        if row["_id"] in relevant
    ]
    return Passages("legal_acord", passages, questions, judged_only=True)


def ndcg(limit: int, ideal: Sequence[float]) -> Measure:
    """Normalised discounted cumulative gain with linear gains (Järvelin and Kekäläinen, 2002), as trec_eval counts."""
    discounts = 1 / np.log2(np.arange(2, limit + 2))
    best = np.array(sorted(ideal, reverse=True)[:limit])
    whole = float((best * discounts[: len(best)]).sum())

    def measure(gains: Gains) -> float | None:
        top = gains[:limit]
        return float((top * discounts[: len(top)]).sum()) / whole if whole else None

    return measure


def recall(limit: int, relevant: int) -> Measure:
    return lambda gains: float((gains[:limit] > 0).sum()) / relevant if relevant else None


def average_precision(relevant: int) -> Measure:
    def measure(gains: Gains) -> float | None:
        hits = np.flatnonzero(gains > 0)
        return float(((np.arange(len(hits)) + 1) / (hits + 1)).sum()) / relevant if relevant else None

    return measure


def _qrels(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with _opened(path) as lines:
        next(lines)
        for line in lines:
            query, document, score = line.rstrip("\n").split("\t")
            found[query][document] = float(score)
    return dict(found)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with _opened(path) as lines:
        yield from map(json.loads, lines)


def _opened(path: Path) -> Any:
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8")
