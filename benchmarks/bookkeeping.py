"""What an item costs besides the model: 10,000 items through one worker with the echo engine, on both databases.

The reference is the durable queue used plainly: one job an item that does nothing.
"""

import os

from benchmarks.bench import environment, in_process, scratch_folder, table, verdict

ITEMS = 10_000
JOBS = 1_000
GOAL_PER_SECOND = 300
# Flat: what the process holds at the end is at most this much more than after the first quarter.
GROWTH_LIMIT_MB = 20


def main() -> bool:
    from support.postgres import binaries, temporary_postgres

    rows: list[tuple[object, ...]] = [
        (
            "database",
            "stored",
            "drafted by one worker",
            "memory at 25 % / 100 %",
            "reference: one empty job an item",
            "goal",
            "",
        )
    ]
    items = int(os.environ.get("GRAFTWORK_BENCH_ITEMS", ITEMS))
    good = True
    with scratch_folder() as folder:
        good &= _one("SQLite", environment(folder), items, rows)
    if binaries() is None:
        print("PostgreSQL's server is not installed: its row is missing")
    else:
        with temporary_postgres() as url, scratch_folder() as folder:
            _one("PostgreSQL", environment(folder, database_url=url), items, rows)
    table(rows)
    return good


def _one(name: str, env: dict[str, str], items: int, rows: list[tuple[object, ...]]) -> bool:
    result = in_process("benchmarks.parts.drain_echo", env, str(items), str(min(items, JOBS)))
    growth = result["rss_mb_end"] - result["rss_mb_quarter"]
    good = result["drafted_per_second"] >= GOAL_PER_SECOND and growth <= GROWTH_LIMIT_MB
    rows.append(
        (
            name,
            f"{result['stored_per_second']:,.0f} items/s",
            f"{result['drafted_per_second']:,.0f} items/s",
            f"{result['rss_mb_quarter']:.0f} / {result['rss_mb_end']:.0f} MB",
            f"{result['jobs_per_second']:,.0f} jobs/s",
            f"{GOAL_PER_SECOND} items/s, flat" if name == "SQLite" else "printed",
            verdict(good) if name == "SQLite" else "",
        )
    )
    return good
