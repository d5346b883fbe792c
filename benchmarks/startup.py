"""How long a person waits: `graftwork --help`, and `graftwork up` until the desk answers with the model loaded."""

import signal
import statistics
import subprocess
import sys
import time

from benchmarks.bench import ROOT, environment, scratch_folder, table, verdict

HELP_LIMIT_SECONDS = 0.4
UP_LIMIT_SECONDS = 5.0
RUNS = 7


def main() -> bool:
    help_seconds = statistics.median(_seconds([sys.executable, "-m", "graftwork", "--help"]) for _ in range(RUNS))
    bare_seconds = statistics.median(_seconds([sys.executable, "-c", "import click"]) for _ in range(RUNS))
    up_seconds = _up_seconds()
    table(
        [
            ("what", "measured", "reference", "limit", ""),
            (f"`graftwork --help`, median of {RUNS}", f"{help_seconds:.2f} s", f"`import click` {bare_seconds:.2f} s",
             f"{HELP_LIMIT_SECONDS} s", verdict(help_seconds < HELP_LIMIT_SECONDS)),
            ("`graftwork up` until ready, second start", f"{up_seconds:.1f} s", "-", f"{UP_LIMIT_SECONDS} s",
             verdict(up_seconds < UP_LIMIT_SECONDS)),
        ]
    )  # fmt: skip
    return help_seconds < HELP_LIMIT_SECONDS and up_seconds < UP_LIMIT_SECONDS


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _up_seconds() -> float:
    """The second start of a workspace: the first also makes the database."""
    from support.product import free_port

    with scratch_folder() as folder:
        env = environment(folder, web_port=free_port())
        subprocess.run(
            [sys.executable, "-m", "graftwork", "new", "first"],
            env=env,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return [_until_ready(env) for _ in range(2)][-1]


def _until_ready(env: dict[str, str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "graftwork", "up"],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as up:
        assert up.stdout is not None
        for line in up.stdout:
            if line.startswith("Ready"):
                break
        seconds = time.perf_counter() - started
        up.send_signal(signal.SIGTERM)
        up.communicate(timeout=30)
    return seconds
