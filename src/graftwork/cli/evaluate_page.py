"""An evaluation as one HTML page that needs nothing but itself, with the worst rows first."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from graftwork.cli.evaluate_report import engines, figures, measures
from graftwork.cli.evaluate_run import Evaluation
from graftwork.core.evaluating import ScoredRow, worst_first
from graftwork.core.prompt import plain
from graftwork.core.scoring.expected import Expected
from graftwork.core.types import DraftResult

TEMPLATES = Path(__file__).parent / "templates"
# What a browser still opens at once; the JSON has all rows.
MOST_ROWS = 500


def page(done: Evaluation) -> str:
    """The page. Whatever comes from items and models is escaped by the template."""
    rows = worst_first(done.rows)
    context = {
        "use_case": done.use_case,
        "data": Path(done.data.file).name,
        "sha256": done.data.sha256,
        "engines": engines(done),
        "complete": done.complete,
        "read": len(done.data.rows),
        "threads": len({row.row.thread for row in done.rows}),
        "failures": done.failures,
        "rejected": done.data.rejected,
        "seconds": _figures_of(measures(done)["seconds_per_item"]),
        "scores": [_score(score) for score in done.scores if score.estimate is not None],
        "unscored": [score.name for score in done.scores if score.estimate is None and score.metric.shown],
        "rows": [_row(row) for row in rows[:MOST_ROWS]],
        "left_out": max(0, len(rows) - MOST_ROWS),
    }
    engine = Engine(dirs=[str(TEMPLATES)], autoescape=True)
    return engine.get_template("evaluation.html").render(Context(context))


def _figures_of(estimate: Any) -> str:
    if estimate is None:
        return "unknown"
    value, interval = figures(estimate)
    return f"{value} ({interval})"


def _score(score: Any) -> dict[str, Any]:
    value, interval = figures(score.estimate)
    return {
        "name": score.name,
        "shown": score.metric.shown,
        "better": score.metric.better,
        "value": value,
        "interval": interval,
        "rows": score.rows,
        "unscored": score.unscored,
        "unit": score.estimate.unit,
    }


def _row(row: ScoredRow) -> dict[str, Any]:
    values = {name: round(value, 4) for name, value in row.values.items() if value is not None}
    return {
        "line": row.row.line,
        "id": row.row.external_id,
        "error": row.error,
        "badness": None if row.badness is None else round(1 - row.badness, 3),
        "values": values,
        "values_json": json.dumps(values),
        "fields": {name: plain(value) for name, value in row.row.content.fields.items() if value is not None},
        "draft": list(_pieces(row.draft)) if row.draft else None,
        "notices": row.draft.notices if row.draft else (),
        "excerpts": row.draft.grounds.excerpts if row.draft and row.draft.grounds else (),
        "expected": _expected(row.row.expected),
    }


def _pieces(draft: DraftResult) -> Iterator[dict[str, str]]:
    """The draft cut where statements without support begin and end."""
    done = 0
    claims = sorted(draft.grounds.claims, key=lambda claim: claim.start) if draft.grounds else []
    for claim in claims:
        if claim.support == "unsupported" and done <= claim.start < claim.end <= len(draft.text):
            yield {"text": draft.text[done : claim.start]}
            missing = "; ".join(claim.missing) or "no passage says so"
            yield {"text": draft.text[claim.start : claim.end], "missing": missing}
            done = claim.end
    yield {"text": draft.text[done:]}


def _expected(expected: Expected) -> dict[str, str]:
    found = {name: getattr(expected, name) for name in Expected.__slots__}
    return {name: _readable(value) for name, value in found.items() if value is not None}


def _readable(value: Any) -> str:
    """A text as it is, a list one entry a line, alternatives beside each other, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "\n".join(" | ".join(one) if isinstance(one, tuple) else str(one) for one in value) or "none"
    return json.dumps(value, ensure_ascii=False, indent=1)
