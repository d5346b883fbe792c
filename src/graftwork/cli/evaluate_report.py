"""An evaluation on the terminal and as JSON. The JSON holds figures only: no text of an item or a draft."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import click

from graftwork.cli.evaluate_run import Evaluation
from graftwork.cli.progress import duration
from graftwork.cli.tables import counted, print_table
from graftwork.core.bootstrap import RESAMPLES, cluster_means
from graftwork.core.evaluating import ScoredRow
from graftwork.core.scoring.fields import by_field
from graftwork.core.scoring.labels import by_label
from graftwork.core.scoring.registry import Score, totals_of
from graftwork.core.stats import CONFIDENCE, SEED, Estimate
from graftwork.core.types import Generation

# Raised when a key changes its meaning or goes; a new key does not raise it.
SCHEMA = "graftwork.evaluation/1"
# What `flow` calls the maker of a draft that says that nothing was found.
NO_ENGINE = "none"


def check_writable(*files: Path | None) -> None:
    """Raise `OSError` for a file that cannot be written. One that is there is left as it is until then."""
    for file in files:
        if file is not None:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))


def write_private(file: Path, text: str) -> None:
    """Write what may hold content: a new file is readable by its owner only."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text)


# --- terminal ---------------------------------------------------------------------------------------------------------


def print_report(done: Evaluation) -> None:
    shown = [score for score in done.scores if score.metric.shown and score.estimate is not None]
    headers = ("score", "value", f"{CONFIDENCE:.0%} interval", "scored", "not scored", "unit")
    print_table(headers, [_cells(score) for score in shown])
    if done.drafted and (nothing := [name for name in done.scorers if name not in {score.scorer for score in shown}]):
        click.echo(f"\nNot scored, as no row says what to expect: {', '.join(nothing)}.")
    click.echo()
    for name, value in _summary(done):
        click.echo(f"  {name:<17} {value}")
    if done.failure is not None:
        click.echo(f"{done.failure.code}: {done.failure.message}\n  {done.failure.hint}", err=True)
    if not done.complete:
        click.echo(f"Ended after {counted(len(done.rows), 'row')} of {len(done.data.rows):,}.", err=True)


def _cells(score: Score) -> tuple[str, ...]:
    assert score.estimate is not None
    value, interval = figures(score.estimate)
    return score.name, value, interval, f"{score.rows:,}", f"{score.unscored:,}", score.estimate.unit


def figures(estimate: Estimate) -> tuple[str, str]:
    """The value and its interval, in the digits that suit its size."""
    digits = 3 if abs(estimate.value) < 10 else 1
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.{digits}f}", "unknown"
    return f"{estimate.value:.{digits}f}", f"{estimate.low:.{digits}f} to {estimate.high:.{digits}f}"


def _summary(done: Evaluation) -> list[tuple[str, str]]:
    threads = len({row.row.thread for row in done.rows})
    found = [
        ("use case", f"{done.use_case.name}, release {done.use_case.release[:12]}"),
        ("engine", ", ".join(engines(done)) or "none answered"),
        ("rows", f"{len(done.rows):,} of {counted(threads, 'thread')}"),
        ("drafted", f"{len(done.drafted):,}"),
        ("without a draft", _by_code(done.failures)),
        ("rejected rows", f"{len(done.data.rejected):,}"),
        ("tokens", _tokens(done)),
        ("time", duration(done.seconds)),
    ]
    if (seconds := measures(done)["seconds_per_item"]) is not None:
        value, interval = figures(seconds)
        found.append(("seconds an item", f"{value} ({interval}; {counted(seconds.n, 'thread')}), in the engine"))
    return found


def _by_code(failures: dict[str, int]) -> str:
    named = ", ".join(f"{code} {count:,}" for code, count in failures.items())
    return f"{sum(failures.values()):,}" + (f" ({named})" if named else "")


def _tokens(done: Evaluation) -> str:
    read, written = ("unknown" if count is None else f"{count:,}" for count in tokens(done))
    return f"{read} read, {written} written"


# --- what drafting took -----------------------------------------------------------------------------------------------


def engines(done: Evaluation) -> dict[str, int]:
    """How many drafts each engine made, by engine, model and zone; without one where nothing was found."""
    made = (row.draft.generation for row in done.drafted if row.draft is not None)
    return dict(Counter(_maker(one) for one in made).most_common())


def _maker(made: Generation) -> str:
    return "no engine" if made.engine == NO_ENGINE else f"{made.engine} {made.model} ({made.zone})"


def tokens(done: Evaluation) -> tuple[int | None, int | None]:
    """Tokens read and written; unknown where the engine told neither of any draft."""
    made = [row.draft.generation for row in done.drafted if row.draft is not None]
    read = [one.prompt_tokens for one in made if one.prompt_tokens is not None]
    written = [one.completion_tokens for one in made if one.completion_tokens is not None]
    return sum(read) if read else None, sum(written) if written else None


def measures(done: Evaluation) -> dict[str, Estimate | None]:
    """Means over the drafts of engines, with intervals over threads. Other items are in the engine at the same time."""
    made = [
        (row.row.thread, row.draft.generation)
        for row in done.drafted
        if row.draft is not None and row.draft.generation.engine != NO_ENGINE
    ]
    seconds = [(thread, one.total_ms / 1000) for thread, one in made]
    written = [(thread, float(one.completion_tokens)) for thread, one in made if one.completion_tokens is not None]
    return {
        "seconds_per_item": cluster_means(seconds, unit="seconds"),
        "tokens_per_draft": cluster_means(written, unit="tokens"),
    }


# --- JSON -------------------------------------------------------------------------------------------------------------


def evaluation_json(done: Evaluation) -> str:
    prompt, written = tokens(done)
    content = {
        "schema": SCHEMA,
        "use_case": done.use_case.name,
        "release": done.use_case.release,
        "knowledge": sorted(
            {row.draft.grounds.snapshot for row in done.drafted if row.draft and row.draft.grounds} - {""}
        ),
        "engine": {"name": done.use_case.engine.name, "zone": done.use_case.engine.effective_zone},
        "model": done.use_case.engine.model,
        "drafts_by_engine": engines(done),
        "data": {"file": Path(done.data.file).name, "sha256": done.data.sha256},
        "complete": done.complete,
        "error": done.failure.code if done.failure else None,
        "rows": {
            "read": len(done.data.rows) + len(done.data.rejected),
            "drafted": len(done.drafted),
            "failed": len(done.rows) - len(done.drafted),
            "rejected": len(done.data.rejected),
            "threads": len({row.row.thread for row in done.rows}),
        },
        "failures": done.failures,
        "rejected": [{"line": row.line, "reason": row.reason} for row in done.data.rejected],
        "tokens": {"prompt": prompt, "completion": written},
        "seconds": round(done.seconds, 3),
        "measures": {name: _estimate(estimate) for name, estimate in measures(done).items()},
        "intervals": {
            "method": "BCa bootstrap over threads",
            "confidence": CONFIDENCE,
            "resamples": RESAMPLES,
            "seed": SEED,
        },
        "scores": [_score(score) for score in done.scores],
        "by_field": by_field(totals_of(row.tallies.get("fields") for row in done.rows)),
        "by_label": by_label(totals_of(row.tallies.get("labels") for row in done.rows)),
        "items": [_item(row) for row in done.rows],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _snapshots(done: Evaluation) -> list[str]:
    """Digests of the knowledge that was searched."""
    return sorted({row.draft.grounds.snapshot for row in done.drafted if row.draft and row.draft.grounds} - {""})


def _score(score: Score) -> dict[str, Any]:
    return {
        "score": score.name,
        "better": score.metric.better,
        "unit": score.metric.unit,
        "scored": score.rows,
        "unscored": score.unscored,
        **(_estimate(score.estimate) or {"value": None, "low": None, "high": None, "n": 0}),
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "value": _rounded(estimate.value),
        "low": _rounded(estimate.low),
        "high": _rounded(estimate.high),
        "n": estimate.n,
        "unit": estimate.unit,
    }


def _item(row: ScoredRow) -> dict[str, Any]:
    made = row.draft.generation if row.draft else None
    return {
        "line": row.row.line,
        "id": row.row.external_id,
        "thread": row.row.thread,
        "error": row.error.code if row.error else None,
        "notices": [notice.code for notice in row.draft.notices] if row.draft else [],
        "prompt_tokens": made.prompt_tokens if made else None,
        "completion_tokens": made.completion_tokens if made else None,
        "seconds": _rounded(made.total_ms / 1000) if made else None,
        "badness": _rounded(row.badness),
        "scores": {name: _rounded(value) for name, value in row.values.items()},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
