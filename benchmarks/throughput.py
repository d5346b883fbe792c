"""Drafting through Graftwork against the same engine driven directly: same model, prompts, slots, in one run.

Both read the shared instructions once and copy them to all slots before the clock starts its first draft; the last rows
show what that, and the prefix cache of a slot, are worth.
"""

import os
from pathlib import Path

from benchmarks.bench import SHARED_DATA, environment, in_process, scratch_folder, table, verdict

PROMPTS = 32
PAIRS = 2
PREFIX_PROMPTS = 8
GOAL = 0.95


def main() -> bool:
    prompts = int(os.environ.get("GRAFTWORK_BENCH_ITEMS", PROMPTS))
    model = os.environ.get("GRAFTWORK_BENCH_MODEL", "")
    source = _source()
    print(f"prompts: {prompts} of {source.name}, model {model or 'the default'}, 8 slots, at most 180 tokens each\n")
    ours: list[float] = []
    bare: list[float] = []
    with scratch_folder() as folder:
        rows_file = folder / "rows.jsonl"
        rows_file.write_text(
            "\n".join(source.read_text(encoding="utf-8").splitlines()[:prompts]) + "\n", encoding="utf-8"
        )
        for pair in range(PAIRS):
            bare.append(_rate("bare", folder / f"b{pair}", rows_file, model))
            ours.append(_rate("graftwork", folder / f"g{pair}", rows_file, model))
        ratios = [mine / other for mine, other in zip(ours, bare, strict=True)]
        few = folder / "few.jsonl"
        few.write_text(
            "\n".join(rows_file.read_text(encoding="utf-8").splitlines()[:PREFIX_PROMPTS]) + "\n", encoding="utf-8"
        )
        kept = in_process("benchmarks.parts.draft_rate", environment(folder / "p1"), "bare", str(few), model)
        cold = in_process("benchmarks.parts.draft_rate", environment(folder / "p2"), "cold", str(few), model)
        none = in_process("benchmarks.parts.draft_rate", environment(folder / "p3"), "noreuse", str(few), model)
    mean = sum(ratios) / len(ratios)
    table(
        [
            ("run", "Graftwork, tokens/s", "bare engine, tokens/s", "ratio"),
            *(
                (number, f"{a:.1f}", f"{b:.1f}", f"{r:.2f}")
                for number, (a, b, r) in enumerate(zip(ours, bare, ratios, strict=True), 1)
            ),
            ("mean", "", "", f"{mean:.2f}, goal {GOAL}: {verdict(mean >= GOAL)}"),
        ]
    )
    print()
    runs = {
        "read once, copied to all slots (as Graftwork does)": kept,
        "kept by each slot for itself": cold,
        "none": none,
    }
    head = (f"shared prefix, {PREFIX_PROMPTS} prompts, bare engine", "seconds", "prompt tokens", "of them cached")
    table(
        [
            head,
            *(
                (name, f"{run['seconds']:.1f}", run["prompt_tokens"], run["cached_tokens"])
                for name, run in runs.items()
            ),
        ]
    )
    return mean >= GOAL


def _rate(kind: str, workspace: Path, rows: Path, model: str) -> float:
    workspace.mkdir()
    result = in_process("benchmarks.parts.draft_rate", environment(workspace), kind, str(rows), model)
    return float(result["tokens"]) / float(result["seconds"])


def _source() -> Path:
    """Real conversations where the shared data lies beside the project, else the bundled sample."""
    real = SHARED_DATA / "support_star" / "items.jsonl"
    if real.is_file():
        return real
    from graftwork.apps.work.usecases import packaged_folder

    return packaged_folder() / "support_reply.backlog.jsonl"
