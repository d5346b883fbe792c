"""How fast items come in from a database and results go back: 20,000 rows of a ticket table on PostgreSQL.

The references, in the same run: the same rows read by the driver alone, the same items stored without a connector, and
for the way back the same UPDATEs made by the driver one by one, each committed.
"""

import os

from benchmarks.bench import environment, in_process, scratch_folder, table, verdict

ROWS = 20_000
PUSHES = 1_000
GOAL_PULLED_PER_SECOND = 1_000


def main() -> bool:
    from support.postgres import binaries, temporary_postgres

    if binaries() is None:
        print("PostgreSQL's server is not installed: nothing was measured")
        return False
    rows = int(os.environ.get("GRAFTWORK_BENCH_ITEMS", ROWS))
    out: list[tuple[object, ...]] = [("store", "what", "through the connector", "reference", "share", "goal", "")]
    good = True
    with temporary_postgres() as legacy:
        with scratch_folder() as folder:
            good = _one("SQLite", environment(folder), legacy, rows, out)
        with temporary_postgres() as url, scratch_folder() as folder:
            _one("PostgreSQL", environment(folder, database_url=url), legacy, rows, out)
    table(out)
    return good


def _one(name: str, env: dict[str, str], legacy: str, rows: int, out: list[tuple[object, ...]]) -> bool:
    found = in_process("benchmarks.parts.connector_rate", env, legacy, str(rows), str(min(rows, PUSHES)))
    pulled, stored, read = found["pulled_per_second"], found["stored_per_second"], found["read_per_second"]
    good = pulled >= GOAL_PULLED_PER_SECOND
    goal = f"{GOAL_PULLED_PER_SECOND:,} items/s" if name == "SQLite" else "printed"
    out += [
        (
            name, "pulled and stored", f"{pulled:,.0f} items/s", f"stored alone: {stored:,.0f} items/s",
            f"{pulled / stored:.2f}", goal, verdict(good) if name == "SQLite" else "",
        ),
        (
            name, "pulled and stored", f"{pulled:,.0f} items/s", f"read by the driver alone: {read:,.0f} rows/s",
            f"{pulled / read:.3f}", "printed", "",
        ),
        (
            name, "delivered", f"{found['pushed_per_second']:,.0f}/s",
            f"bare UPDATE and COMMIT: {found['updated_per_second']:,.0f}/s",
            f"{found['pushed_per_second'] / found['updated_per_second']:.2f}", "printed", "",
        ),
    ]  # fmt: skip
    return good
