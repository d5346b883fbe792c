"""What the benchmarks share: scratch workspaces, tables, percentiles."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
sys.path.insert(0, str(ROOT / "tests"))


@contextmanager
def scratch_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="graftwork-bench-") as folder:
        yield Path(folder)


def environment(workspace: Path, **settings: object) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRAFTWORK_")}
    given = {f"GRAFTWORK_{name}".upper(): str(value) for name, value in settings.items()}
    return {**kept, "GRAFTWORK_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT), **given}


def in_process(module: str, env: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run one part in a process of its own; it prints one JSON line last."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, round(share * len(ordered) + 0.5) - 1)]


def table(rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table; the first row is its head."""
    head, *body = [[str(cell) for cell in row] for row in rows]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in body:
        print("| " + " | ".join(row) + " |", flush=True)


def verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"
