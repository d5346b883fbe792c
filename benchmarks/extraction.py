"""Facts out of medical case reports, each with the words that say so, on the journey's own path.

    GRAFTWORK_BENCH_REPORTS   reports that the model reads (6); 0 leaves the model out
    GRAFTWORK_BENCH_MINUTES   when the model is stopped; what it has not answered by then is not counted (10)
    GRAFTWORK_BENCH_URL       an OpenAI-compatible engine instead of the embedded default model
    GRAFTWORK_BENCH_MODEL     its model, or another one of the catalog
    GRAFTWORK_BENCH_KEY_ENV   the name of the variable that holds its key

An oracle that answers from the gold annotations reads all reports first: what it loses, the path loses.
"""

import asyncio
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import graftwork.usecases
from benchmarks.bench import SHARED_DATA, table, verdict
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.opening import open_engine
from graftwork.core.errors import GraftworkError
from graftwork.core.extraction.normalising import normalised, same_words
from graftwork.core.extraction.salvaging import salvage
from graftwork.core.flow import draft
from graftwork.core.ports import Engine, OnText, ignore_text
from graftwork.core.types import DraftResult, FieldEvidence, Generation, GenerationRequest, ItemContent, Zone
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load

GOAL = 0.99
SEED = 20261122
ORACLE_CONTEXT_TOKENS = 4096
KINDS = {
    "Disease_disorder": "diagnosis",
    "Therapeutic_procedure": "treatment",
    "Medication": "treatment",
    "Date": "date",
}


@dataclass(frozen=True)
class Mention:
    """One annotated mention, `start` to `end` of the report."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Report:
    text: str
    mentions: tuple[Mention, ...]


@dataclass
class Counts:
    """What was found of what there is, for one kind of field."""

    given: int = 0
    right: int = 0
    gold: int = 0
    found: int = 0

    def f1(self) -> float | None:
        """Of precision over what was given and recall over what there is; `None` where there is neither."""
        if not self.given and not self.gold:
            return None
        precision = self.right / self.given if self.given else 0.0
        recall = self.found / self.gold if self.gold else 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass
class Measured:
    """Counts by kind under two readings of "the same", and how many of the non-null values stand where they say."""

    exact: dict[str, Counts] = field(
        default_factory=lambda: {kind: Counts() for kind in ("diagnosis", "treatment", "date")}
    )
    partial: dict[str, Counts] = field(
        default_factory=lambda: {kind: Counts() for kind in ("diagnosis", "treatment", "date")}
    )
    values: int = 0
    placed: int = 0
    reports: int = 0
    failed: int = 0


class Recording:
    """An engine that keeps what it answered, so that evidence can be held against the quotes that were given."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name, self.zone, self.slots = engine.name, engine.zone, engine.slots
        self.context_tokens = engine.context_tokens
        self.answers: list[str] = []

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        generation = await self._engine.generate(request, on_text)
        self.answers.append(generation.text)
        return generation

    async def prepare(self, request: GenerationRequest) -> None:
        await self._engine.prepare(request)

    async def count_tokens(self, text: str) -> int | None:
        return await self._engine.count_tokens(text)

    async def close(self) -> None: ...


class Oracle:
    """Answers with the gold mentions that it sees in what it is asked, word for word."""

    name = "oracle"
    zone: Zone = "local"
    slots = 1

    def __init__(self, report: Report, context_tokens: int | None = ORACLE_CONTEXT_TOKENS) -> None:
        self._report = report
        self.context_tokens = context_tokens

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        del on_text  # the answer is there at once
        shown = request.messages[-1].content
        said: dict[str, list[dict[str, Any]]] = {"diagnosis": [], "treatment": [], "date": []}
        for mention in self._report.mentions:
            if mention.text in shown:
                said[mention.kind].append({"quote": self._quote(mention), "value": mention.text})
        answer = {
            "diagnoses": [{"name": words} for words in said["diagnosis"]],
            "treatments": [{"name": words} for words in said["treatment"]],
            "events": [{"date": words} for words in said["date"]],
        }
        return Generation(json.dumps(answer), "oracle", "gold", "local", "stop", 0, 0, 0, None, 0.0, None, None)

    def _quote(self, mention: Mention) -> str:
        """The mention, with as many of the words around it as make it the only one of its kind."""
        text = self._report.text
        start, end = mention.start, mention.end
        while text.count(text[start:end]) > 1 and (start > 0 or end < len(text)):
            start = text.rfind(" ", 0, max(0, start - 1)) + 1
            end = min(place for place in (text.find(" ", end + 1), len(text)) if place >= 0)
        return text[start:end]

    async def prepare(self, request: GenerationRequest) -> None: ...

    async def count_tokens(self, text: str) -> int | None:
        return None if text else 0

    async def close(self) -> None: ...


def main() -> bool:
    source = SHARED_DATA / "claims_maccrobat" / "reports.jsonl"
    if not source.exists():
        print("skipped: shared data not here (claims_maccrobat)")
        return True
    reports = [_report(json.loads(line)) for line in source.open(encoding="utf-8")]
    use_case = load(Path(graftwork.usecases.__file__).parent / "claims_extraction.toml")
    path = asyncio.run(_measure(use_case, [(report, Oracle(report)) for report in reports], minutes=60))
    good = _print("the path itself: an oracle that answers from gold", path)
    chosen = random.Random(SEED).sample(reports, min(len(reports), int(os.environ.get("GRAFTWORK_BENCH_REPORTS", "6"))))
    if chosen:
        good &= asyncio.run(_with_model(use_case, chosen))
    return good


async def _with_model(use_case: UseCase, reports: Sequence[Report]) -> bool:
    use_case = _with_engine(use_case)
    try:
        engine = open_engine(use_case.engine, name="bench", models_folder=models_folder(), catalog=load_catalog(None))
    except GraftworkError as error:
        print(f"\nno model: {error}")
        return False
    minutes = float(os.environ.get("GRAFTWORK_BENCH_MINUTES", "10"))
    try:
        measured = await _measure(use_case, [(report, engine) for report in reports], minutes)
    finally:
        await engine.close()
    return _print(f"{use_case.engine.model} ({use_case.engine.name})", measured)


def _with_engine(use_case: UseCase) -> UseCase:
    """The use case on the engine that the environment names. The reports are published, so any zone may see them."""
    model, url = os.environ.get("GRAFTWORK_BENCH_MODEL"), os.environ.get("GRAFTWORK_BENCH_URL")
    changes: dict[str, Any] = {"model": model, "model_sha256": None} if model else {}
    if url:
        changes |= {"url": url, "zone": "local", "api_key_env": os.environ.get("GRAFTWORK_BENCH_KEY_ENV")}
    return use_case.with_engine(**changes) if changes else use_case


def _report(row: dict[str, Any]) -> Report:
    """A report with its mentions of one run of words; one in several runs cannot be quoted."""
    text = row["text"]
    mentions = [
        Mention(KINDS[entity["type"]], start, end, text[start:end])
        for entity in row["entities"]
        if entity["type"] in KINDS and len(entity["spans"]) == 1
        for start, end in entity["spans"]
    ]
    return Report(text, tuple(mentions))


async def _measure(use_case: UseCase, pairs: Sequence[tuple[Report, Engine]], minutes: float) -> Measured:
    measured = Measured()
    slots = asyncio.Semaphore(max(1, pairs[0][1].slots))

    async def one(report: Report, engine: Engine) -> None:
        recording = Recording(engine)
        async with slots:
            try:
                result = await draft(use_case, ItemContent({"report": report.text}), recording)
            except GraftworkError:
                measured.failed += 1
                return
        _count(measured, report, result, recording.answers)

    tasks = [asyncio.create_task(one(*pair)) for pair in pairs]
    _, late = await asyncio.wait(tasks, timeout=60 * minutes)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    measured.failed += len(late)
    return measured


def _count(measured: Measured, report: Report, result: DraftResult, answers: Sequence[str]) -> None:
    assert result.grounds is not None
    value = json.loads(result.text)
    evidence = {entry.path: entry for entry in result.grounds.evidence}
    quotes = [quote for answer in answers for quote in _strings(salvage(answer))]
    found = [(path, leaf, evidence.get(path)) for path, leaf in _leaves(value) if leaf is not None]
    measured.reports += 1
    measured.values += len(found)
    measured.placed += sum(_is_right(report.text, entry, quotes) for _, _, entry in found)
    for kind in measured.exact:
        gold = [mention for mention in report.mentions if mention.kind == kind]
        given = [(str(leaf), entry) for path, leaf, entry in found if _kind(path) == kind]
        _add(measured.exact[kind], given, gold, _same)
        _add(measured.partial[kind], given, gold, _shares_words)


def _is_right(text: str, entry: FieldEvidence | None, quotes: Sequence[str]) -> bool:
    """Whether the words at the evidence's place are those that the model quoted (or gave as the value)."""
    if entry is None or entry.start is None or entry.end is None:
        return False
    return any(same_words(text[entry.start : entry.end], quote) for quote in quotes)


def _kind(path: str) -> str | None:
    _, top, *rest = path.split("/")
    if rest and rest[-1] == "date":
        return "date"
    return {"diagnoses": "diagnosis", "treatments": "treatment"}.get(top)


def _add(counts: Counts, given: Sequence[tuple[str, FieldEvidence | None]], gold: Sequence[Mention], same: Any) -> None:
    """Things are counted once by their words, however often they are mentioned; a hit must stand at a gold mention."""
    values = {normalised(words): (words, entry) for words, entry in given}
    names = {normalised(mention.text): mention for mention in gold}
    counts.given += len(values)
    counts.right += sum(any(same(*one, mention) for mention in gold) for one in values.values())
    counts.gold += len(names)
    counts.found += sum(
        any(same(*one, mention) for one in values.values() for mention in gold if normalised(mention.text) == name)
        for name in names
    )


def _same(words: str, entry: FieldEvidence | None, mention: Mention) -> bool:
    return same_words(words, mention.text) and _overlaps(entry, mention)


def _shares_words(words: str, entry: FieldEvidence | None, mention: Mention) -> bool:
    """At least half of the words of either, at one place."""
    one, other = set(normalised(words).split()), set(normalised(mention.text).split())
    return _overlaps(entry, mention) and 2 * len(one & other) >= max(len(one), len(other), 1)


def _overlaps(entry: FieldEvidence | None, mention: Mention) -> bool:
    if entry is None or entry.start is None or entry.end is None:
        return False
    return entry.start < mention.end and mention.start < entry.end


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for name, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(child, f"{path}/{name}")
    else:
        yield path, value


def _strings(value: Any) -> Iterator[str]:
    for _, leaf in _leaves(value):
        if isinstance(leaf, str):
            yield leaf


def _print(title: str, measured: Measured) -> bool:
    share = measured.placed / measured.values if measured.values else None
    reached = share is not None and share >= GOAL
    print(f"\n{title}: {measured.reports} reports, {measured.failed} without an answer\n")
    rows: list[tuple[object, ...]] = [("what", "measured", "goal", "")]
    for name, counts in (("the same words", measured.exact), ("half of the words", measured.partial)):
        for kind, one in counts.items():
            f1 = one.f1()
            shown = (
                "unknown"
                if f1 is None
                else f"F1 {f1:.3f} ({one.right} of {one.given} right, {one.found} of {one.gold} found)"
            )
            rows.append((f"{kind}, {name} at the same place", shown, "reported", ""))
    shown = "unknown" if share is None else f"{share:.2%} ({measured.placed} of {measured.values})"
    rows.append(("evidence offsets right, of non-null fields", shown, f"{GOAL:.0%}", verdict(reached)))
    table(rows)
    return reached
