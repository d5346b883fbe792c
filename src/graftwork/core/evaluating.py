"""Scoring a use case on rows with expected answers. Joins intake and scoring with the journey; nothing is stored."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graftwork.core.errors import GraftworkError, RowRejected
from graftwork.core.intake.files import opened
from graftwork.core.intake.row import Row
from graftwork.core.intake.rows import open_rows
from graftwork.core.items import read_row
from graftwork.core.prompt import plain
from graftwork.core.scoring.errors import ExpectedInvalid
from graftwork.core.scoring.expected import Expected, read_expected
from graftwork.core.scoring.registry import Score, Tallies, badness, chosen, row_values, score_case, scores
from graftwork.core.scoring.slots import vocabulary_of
from graftwork.core.scoring.tally import Case
from graftwork.core.stats import SEED
from graftwork.core.types import DraftResult, ItemContent
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import Scorer

_PIECE_BYTES = 1 << 16

Vocabulary = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One row of the data. `thread` is what it shares with other rows: rows of one thread are not independent."""

    line: int
    external_id: str
    thread: str
    content: ItemContent = field(repr=False)
    expected: Expected = field(repr=False)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be evaluated. `reason` never quotes it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """All rows of one file. Evaluation sets are small, so they are held in memory."""

    file: str
    sha256: str
    rows: tuple[EvaluationRow, ...]
    rejected: tuple[RejectedRow, ...]
    vocabulary: Vocabulary = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row with its draft and what it scored, or `error` with the code of what went wrong; then nothing is scored."""

    row: EvaluationRow
    draft: DraftResult | None = field(repr=False)
    error: GraftworkError | None
    tallies: Tallies = field(repr=False)
    values: Mapping[str, float | None]

    @property
    def badness(self) -> float | None:
        """0 (all as expected) to 1; `None` where nothing was scored."""
        return badness(dict(self.values))


def read_data(use_case: UseCase, path: Path, limit: int | None = None) -> EvaluationData:
    """The rows of a JSON Lines file, checked like those of `graftwork run`, each with its `expected`.

    `limit` counts rows of the file. Raises an `InputError` where the file cannot be read.
    """
    rows: list[EvaluationRow] = []
    rejected: list[RejectedRow] = []
    for number, raw in enumerate(open_rows(path, format="jsonl")):
        if limit is not None and number >= limit:
            break
        try:
            rows.append(_read(use_case, raw))
        except (RowRejected, ExpectedInvalid) as error:
            rejected.append(RejectedRow(raw.line, error.reason))
    vocabulary = vocabulary_of([row.expected for row in rows])
    return EvaluationData(str(path), _sha256(path), tuple(rows), tuple(rejected), vocabulary)


def score_row(
    use_case: UseCase,
    row: EvaluationRow,
    outcome: DraftResult | GraftworkError,
    vocabulary: Vocabulary,
    scorers: Sequence[Scorer],
) -> ScoredRow:
    """What the draft of one row scores. An item without a draft is not scored: it is counted as failed."""
    if isinstance(outcome, GraftworkError):
        nothing: Tallies = dict.fromkeys(scorers)
        return ScoredRow(row, None, outcome, nothing, row_values(nothing))
    tallies = score_case(_case(use_case, row, outcome, vocabulary), scorers)
    return ScoredRow(row, outcome, None, tallies, row_values(tallies))


def scorers_of(use_case: UseCase) -> tuple[Scorer, ...]:
    return chosen(use_case.evaluation.scorers)


def all_scores(rows: Sequence[ScoredRow], scorers: Sequence[Scorer], seed: int = SEED) -> list[Score]:
    """Every figure of the rows, with intervals over their threads."""
    threads = [row.row.thread for row in rows]
    return [
        score
        for scorer in scorers
        for score in scores(scorer, [row.tallies[scorer] for row in rows], threads, seed=seed)
    ]


def worst_first(rows: Sequence[ScoredRow]) -> list[ScoredRow]:
    """Rows without a draft, then by what they scored, then those that nothing was scored of."""

    def key(row: ScoredRow) -> tuple[int, float, int]:
        bad = row.badness
        group = 0 if row.error else 1 if bad is not None else 2
        return group, -(bad or 0.0), row.row.line

    return sorted(rows, key=key)


def _read(use_case: UseCase, raw: Row) -> EvaluationRow:
    if raw.data is None:
        raise RowRejected(raw.line, raw.problem or "cannot be read")
    item = read_row(use_case, raw.data, line=raw.line)
    expected = read_expected(raw.data.get("expected"), raw.line)
    return EvaluationRow(raw.line, item.external_id, item.thread, item.content, expected)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with opened(path) as file:
        for piece in iter(lambda: file.read(_PIECE_BYTES), b""):
            digest.update(piece)
    return digest.hexdigest()


def _case(use_case: UseCase, row: EvaluationRow, draft: DraftResult, vocabulary: Vocabulary) -> Case:
    excerpts = draft.grounds.excerpts if draft.grounds else ()
    return Case(
        expected=row.expected,
        draft=draft.text,
        value=_json(draft.text) if use_case.output.type == "json" else None,
        fields={name: plain(value) for name, value in row.content.fields.items()},
        excerpts=tuple(sorted((one for one in excerpts if not one.of_item), key=lambda one: one.number)),
        grounds=draft.grounds,
        refused=_refuses(use_case, draft),
        looks_up=bool(use_case.knowledge.sources),
        wants_evidence=use_case.output.evidence,
        label_field=use_case.evaluation.label_field,
        vocabulary=vocabulary,
    )


def _refuses(use_case: UseCase, draft: DraftResult) -> bool:
    said = draft.text.strip() == use_case.knowledge.nothing_found.strip()
    return said or any(notice.code == "nothing_found" for notice in draft.notices)


def _json(text: str) -> Any:
    """The value of a JSON draft; `None` where it is none, which the scorers take for a draft without any value."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
