"""A llama.cpp server in a process of its own, seen from the process that starts and stops it."""

import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from graftwork.core.engines.server_process import ServerParameters
from graftwork.core.errors import EngineUnavailable

MODULE = "graftwork.core.engines.server_process"
STOP_SECONDS = 5.0
LOG_LINES = 3
_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@dataclass
class EmbeddedServer:
    """Parameters of the server; `start` brings it up, `stop` ends it. It ends by itself when this process does.

    `threads` `None` takes what llama.cpp thinks best, or the share of the machine that the container gives. A `port`
    of 0 takes a free one at the first start and keeps it: a server that is started again is found where it was.
    """

    model_path: Path
    model_name: str
    slots: int = 8
    context_tokens_per_slot: int = 4096
    threads: int | None = None
    port: int = 0
    log_path: Path | None = None
    start_seconds: float = 120.0
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _own_log: Path | None = field(default=None, init=False, repr=False)
    _slots_folder: Path | None = field(default=None, init=False, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def slots_folder(self) -> Path:
        """Where slots are copied through, readable by this user only."""
        if self._slots_folder is None:
            self._slots_folder = Path(tempfile.mkdtemp(prefix="graftwork-slots-"))
        return self._slots_folder

    @property
    def url(self) -> str:
        """Base of the OpenAI-compatible addresses; known after the first `start`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start, and return when it answers. Raises `EngineUnavailable` with the last lines of its log."""
        if self.alive():
            return
        self.stop()
        log = self._open_log()
        with log.open("ab") as writer:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no argument from outside
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=writer,
                env=self._environment(),
            )
        if not self._wait_until_ready(self._process):
            said = _last_lines(log)
            self.stop()
            raise EngineUnavailable(self.model_name, f"the embedded server did not start: {said}")

    def stop(self) -> None:
        """End it, softly and then by force. Whoever still waits for an answer gets a broken connection."""
        process, self._process = self._process, None
        folder, self._slots_folder = self._slots_folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._own_log is not None:
            self._own_log.unlink(missing_ok=True)

    def alive(self) -> bool:
        """Whether the process runs and says that it is well."""
        return self._process is not None and self._process.poll() is None and self._healthy()

    @property
    def ended(self) -> bool:
        """Whether a started process has ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def _parameters(self) -> ServerParameters:
        return ServerParameters(
            model_path=str(self.model_path),
            model_name=self.model_name,
            slots=self.slots,
            context_tokens_per_slot=self.context_tokens_per_slot,
            threads=self.threads or _container_share() or 0,
            port=self.port,
            api_key=self.api_key,
            slots_folder=str(self.slots_folder),
        )

    def _environment(self) -> dict[str, str]:
        # How long a thread spins for the others before it sleeps; libgomp reads it when it is loaded. With the default,
        # two busy processes on the same cores fall below one token a second. Measured on two cores with SmolLM2, quiet
        # and beside a busy process: 10000 gives 96 and 4 tokens/s, 1000 gives 104 and 36, 100 gives 53 and 45.
        return {**os.environ, "GOMP_SPINCOUNT": "1000"}

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + self.start_seconds
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # a child that died at once; what follows finds out
            process.stdin.write(json.dumps(self._parameters()).encode() + b"\n")
            process.stdin.flush()
        readable, _, _ = select.select([process.stdout], [], [], self.start_seconds)
        line = process.stdout.readline() if readable else b""
        if not line:
            return False
        self.port = urlsplit(json.loads(line)["url"]).port or self.port
        while time.monotonic() < deadline and process.poll() is None:
            if self._healthy():
                return True
            time.sleep(0.05)
        return False

    def _healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _open_log(self) -> Path:
        if self.log_path is None:
            handle, name = tempfile.mkstemp(prefix="graftwork-engine-", suffix=".log")
            os.close(handle)
            self.log_path = self._own_log = Path(name)
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        return self.log_path


def _container_share() -> int | None:
    """The cores that a container may use (cgroup v2, cpu.max), which llama.cpp does not see; `None` without a limit."""
    try:
        quota, period = _CGROUP_QUOTA.read_text(encoding="ascii").split()
        return None if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None


def _last_lines(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^~") and not line.startswith(" ")]
    return " | ".join(lines[-LOG_LINES:])[-600:] or "it wrote nothing"
