"""One database: fold a pilot for real, then look at the page of a big one as it grows. Prints one JSON line."""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.bench import percentile
from benchmarks.parts.drain_echo import USE_CASE
from benchmarks.parts.fill_pilot import (
    DAYS,
    START,
    add_rows,
    again,
    fast_and_unsafe,
    make_pilot,
    make_reviewers,
    without_indexes,
    write_sums,
)  # fmt: skip
from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace

FOLDED = 20_000
REQUESTS = 40


def main() -> None:
    sizes, most_raw = [int(size) for size in sys.argv[1].split(",")], int(sys.argv[2])
    folder = find_workspace()
    assert folder is not None
    create_workspace(folder)
    Path(folder / "usecases" / "bench_reply.toml").write_text(USE_CASE, encoding="utf-8")
    from graftwork.cli.session import open_store

    open_store()
    make_reviewers()
    result = {"folding": _fold(), "pages": _pages(sizes, most_raw)}
    print(json.dumps(result))


def _fold() -> dict[str, Any]:
    """The rate of folding, and whether a rebuild from raw rows gives the same figures."""
    from datetime import timedelta

    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.folding.actions import fold, rebuild

    pilot = make_pilot("folded_pilot")
    add_rows(pilot, 1, FOLDED, due=True)
    end, started, items = START + timedelta(days=DAYS + 30), time.perf_counter(), 0
    while folded := fold(pilot, end):
        items += folded
    fold_seconds = time.perf_counter() - started
    before = _numbers(pilot_data(pilot, end))
    started = time.perf_counter()
    rebuild(pilot, end)
    rebuild_seconds = time.perf_counter() - started
    after = _numbers(pilot_data(pilot, end))
    differences = [abs(one - two) / max(abs(one), abs(two), 1e-300) for one, two in zip(before, after, strict=True)]
    return {
        "items": items,
        "items_per_second": items / fold_seconds,
        "rebuilt_per_second": FOLDED / rebuild_seconds,
        "numbers": len(before),
        "largest_difference": max(differences),
    }


def _numbers(data: Any) -> list[float]:
    from graftwork.core.value.moments import NAMES

    numbers = [float(units) for _, units in sorted(data.enrolled.items())]
    for _, sums in sorted(data.metrics.items()):
        places = [arms for _, arms in sums.days] + [arms for _, arms in sorted(sums.clusters.items())]
        places += [arms for _, values in sorted(sums.segments.items()) for _, arms in sorted(values.items())]
        numbers += [getattr(arms[arm], name) for arms in places for arm in sorted(arms) for name in NAMES]
        numbers += [float(count) for _, bins in sorted(sums.bins.items()) for _, count in sorted(bins.items())]
    return numbers


def _pages(sizes: list[int], most_raw: int) -> list[dict[str, Any]]:
    pilot, pages, there = make_pilot("bench_pilot"), [], 0
    client = _signed_in()
    for size in sizes:
        started = time.perf_counter()
        there = _fill(pilot, there, min(size, most_raw))
        write_sums(pilot, size)
        filled = time.perf_counter() - started
        first = _milliseconds(client)
        times = [_milliseconds(client) for _ in range(REQUESTS)]
        pages.append(
            {
                "reviews": size,
                "raw_rows": _raw_rows(),
                "fill_seconds": filled,
                "first_ms": first,
                "p50_ms": statistics.median(times),
                "p95_ms": percentile(times, 0.95),
            }
        )
    return pages


def _fill(pilot: Any, there: int, wanted: int) -> int:
    if wanted > there:
        fast_and_unsafe()
        indexes = without_indexes()
        add_rows(pilot, there + 1, wanted, due=False)
        again(indexes)
    return max(there, wanted)


def _raw_rows() -> int:
    from graftwork.apps.work.models import Review

    return Review.objects.count()


def _signed_in() -> Any:
    from django.test import Client
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.actors import operator

    client = Client(headers={"host": "localhost"})
    client.force_login(add_user(operator(), "olga", ["owner"], timezone.now()))
    return client


def _milliseconds(client: Any) -> float:
    started = time.perf_counter()
    response = client.get("/pilots/bench_pilot")
    elapsed = (time.perf_counter() - started) * 1000
    assert response.status_code == 200, f"the page answered {response.status_code}"
    return elapsed


if __name__ == "__main__":
    main()
