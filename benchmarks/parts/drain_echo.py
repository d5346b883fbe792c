"""Store items, drain them with the echo engine, then run empty jobs of the queue; print the rates as JSON."""

import json
import sys
import threading
import time
from pathlib import Path

from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace

USE_CASE = """
name = "bench_reply"
title = "Benchmark"

[input.fields.text]

[instructions]
system = "Answer."

[engine]
echo = true
slots = 256
"""
TEXT = "I ordered a lamp on Monday and the box came without the bulb. Can you send it, please? My order is {n}. " * 4


def main() -> None:
    items, jobs = int(sys.argv[1]), int(sys.argv[2])
    folder = find_workspace()
    assert folder is not None
    create_workspace(folder)
    (folder / "usecases" / "bench_reply.toml").write_text(USE_CASE, encoding="utf-8")
    from graftwork.cli.session import open_store

    open_store()
    stored_seconds = store(items)
    drafted_seconds, rss = _drain(items)
    print(
        json.dumps(
            {
                "stored_per_second": items / stored_seconds,
                "drafted_per_second": items / drafted_seconds,
                "rss_mb_quarter": rss[len(rss) // 4],
                "rss_mb_end": rss[-1],
                "jobs_per_second": jobs / _empty_jobs(jobs),
            }
        )
    )


def store(items: int) -> float:
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.items import read_row

    use_case = get_usecase("bench_reply")
    started = time.perf_counter()
    for start in range(0, items, 128):
        numbers = range(start, min(start + 128, items))
        rows = [read_row(use_case, {"id": f"b-{n}", "text": TEXT.format(n=n)}, line=n) for n in numbers]
        create_items(operator(), use_case, rows, timezone.now())
    return time.perf_counter() - started


def drain_all() -> None:
    """Draft everything that waits, in this process, as the worker does."""
    from graftwork.apps.jobs.process import become
    from graftwork.apps.work.draining import drain

    process = become("bench")
    while drain(process, "bench_reply"):
        continue


def _drain(items: int) -> tuple[float, list[float]]:
    from graftwork.apps.work.models import Draft

    rss: list[float] = []
    done = threading.Event()
    threading.Thread(target=_sample, args=(rss, done), daemon=True).start()
    started = time.perf_counter()
    drain_all()
    seconds = time.perf_counter() - started
    done.set()
    assert Draft.objects.count() == items, "not every item was drafted"
    return seconds, rss


def _sample(rss: list[float], done: threading.Event) -> None:
    while not done.wait(0.1):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        rss.append(pages * 4096 / 1e6)


def _empty_jobs(jobs: int) -> float:
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    from benchmarks.parts.empty_job import nothing

    DBTaskResult.objects.all().delete()
    for _ in range(jobs):
        nothing.enqueue()
    worker = Worker(
        queue_names=["default"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=None,
        worker_id="bench", excluded_queue_names=[],
    )  # fmt: skip
    started = time.perf_counter()
    worker.run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
