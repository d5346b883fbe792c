"""The product as its users run it: a workspace in an empty folder and `graftwork` in processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path


class Product:
    """One workspace and the environment for its commands."""

    def __init__(self, folder: Path, database_url: str | None = None, **settings: object) -> None:
        self.folder = folder
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GRAFTWORK_")},
            "GRAFTWORK_WORKSPACE": str(folder),
            "GRAFTWORK_WEB_PORT": str(self.port),
            **{f"GRAFTWORK_{name}".upper(): str(value) for name, value in settings.items()},
        }
        if database_url:
            self.env["GRAFTWORK_DATABASE_URL"] = database_url
        self.call("new", "first_try", cwd=folder)

    def call(self, *arguments: str, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "graftwork", *arguments],
            env=self.env,
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
            **options,  # type: ignore[call-overload]
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """One command in the background, its output in `log` in the workspace."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "graftwork", *arguments],
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def python(self, code: str) -> str:
        """What a piece of Python prints in this workspace, with Django loaded."""
        loaded = f"from graftwork.cli.session import open_store; open_store()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", loaded], env=self.env, check=True, capture_output=True, text=True, timeout=120
        )
        return done.stdout.strip()

    def add_usecase(self, name: str, text: str) -> None:
        (self.folder / "usecases" / f"{name}.toml").write_text(text, encoding="utf-8")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("/api/v1/health"), timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False


def children(pid: int) -> dict[str, list[int]]:
    """Process ids below `pid` by the `graftwork` command that they run."""
    listing = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid=,args="], capture_output=True, text=True, check=False
    )
    found: dict[str, list[int]] = {}
    for line in listing.stdout.splitlines():
        number, _, command = line.strip().partition(" ")
        words = command.split()
        if "graftwork" in words:
            found.setdefault(words[words.index("graftwork") + 1], []).append(int(number))
    return found


def kill_hard(*pids: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:g} s for: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
