"""How long the desk's pages take with 100,000 items in the store, over HTTP, signed in, one request at a time."""

import http.client
import os
import sys
import time
from subprocess import DEVNULL, Popen

from benchmarks.bench import ROOT, environment, in_process, percentile, scratch_folder, table, verdict

ITEMS = 100_000
REQUESTS = 100
LIMIT_P95_MS = 200


def main() -> bool:
    items = int(os.environ.get("GRAFTWORK_BENCH_ITEMS", ITEMS))
    from support.product import free_port

    with scratch_folder() as folder:
        port = free_port()
        env = environment(folder, web_port=port)
        filled = in_process("benchmarks.parts.fill_store", env, str(items))
        with Popen(
            [sys.executable, "-m", "graftwork", "web"], env=env, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL
        ) as web:
            try:
                return _measure(port, filled, items)
            finally:
                web.terminate()


def _measure(port: int, filled: dict[str, object], items: int) -> bool:
    cookie = f"sessionid={filled['session']}"
    _wait(port)
    pages = {
        "sign-in page (reference: no item is read)": ["/sign-in"],
        "queue, first page": ["/desk/"],
        "queue, ready items of one use case": ["/desk/?use_case=bench_reply&state=ready"],
        "queue, later pages": [f"/desk/?after={item}" for item in filled["spread"]],  # type: ignore[attr-defined]
        "queue, search by id": [f"/desk/?id=b-{number}" for number in range(1, items, items // 20)],
        "item, with its draft": [f"/desk/items/{item}" for item in filled["spread"]],  # type: ignore[attr-defined]
    }
    rows: list[tuple[object, ...]] = [("page", "requests", "p50", "p95", f"limit for p95, {items:,} items", "")]
    good = True
    for name, paths in pages.items():
        times = [_milliseconds(port, paths[number % len(paths)], cookie) for number in range(REQUESTS)]
        p95 = percentile(times, 0.95)
        good &= p95 < LIMIT_P95_MS
        rows.append(
            (
                name,
                len(times),
                f"{percentile(times, 0.5):.0f} ms",
                f"{p95:.0f} ms",
                f"{LIMIT_P95_MS} ms",
                verdict(p95 < LIMIT_P95_MS),
            )
        )
    table(rows)
    return good


def _milliseconds(port: int, path: str, cookie: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    response.read()
    elapsed = (time.perf_counter() - started) * 1000
    assert response.status == 200, f"{path} answered {response.status}"
    return elapsed


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            _milliseconds(port, "/api/v1/health", "")
        except (OSError, AssertionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the web server did not start")
