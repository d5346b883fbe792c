"""`graftwork up` from the inside: engine, web and worker as child processes, kept alive, ended together."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType

import click

from graftwork.cli import lifeline
from graftwork.config.workspace import Workspace
from graftwork.core.engines.attachments import Attachment, attachments_to_env
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.embedded_server import EmbeddedServer
from graftwork.core.engines.pull import locate
from graftwork.core.errors import EngineError
from graftwork.core.usecase import UseCase

LOOK_SECONDS = 0.2
ENGINE_LOOK_SECONDS = 5.0
STOP_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 5.0


@dataclass
class Child:
    """One `graftwork` command that should always run. When it ends it is started again, after a growing pause."""

    name: str
    arguments: list[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    start_at: float = 0.0
    started_at: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "graftwork", *self.arguments],
            stdin=subprocess.PIPE,
            env={**self.env, lifeline.VARIABLE: "stdin"},
            start_new_session=True,
        )
        self.started_at = time.monotonic()

    def keep_alive(self) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.failures = 0 if now - self.started_at > 30 else self.failures + 1
            self.start_at = now + min(LONGEST_PAUSE_SECONDS, 0.1 * 2**self.failures)
            self.process = None
            click.echo(f"The {self.name} ended (code {code}); starting it again.", err=True)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_for_stop(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Supervisor:
    """Everything that `graftwork up` runs. `serve` returns when it is told to stop."""

    workspace: Workspace
    use_cases: list[UseCase]
    workers: int = 1
    stopping: threading.Event = field(default_factory=threading.Event)
    _servers: list[EmbeddedServer] = field(default_factory=list)
    _digests: dict[str, str] = field(default_factory=dict)
    _children: list[Child] = field(default_factory=list)
    _connected: bool = False

    def start(self) -> None:
        """Start all; returns when the desk answers and the engine is loaded, or says what could not be started."""
        starting = threading.Thread(target=self._start_engines, name="engines")
        starting.start()
        web = Child("web server", ["web"], {**os.environ})
        web.start()
        self._children.append(web)
        starting.join()
        env = {**os.environ}
        attachments_to_env(self._attachments(), env)
        for number in range(1, self.workers + 1):
            child = Child("worker", ["worker", "--only", "drafting", "--name", f"{self._name()}-{number}"], env)
            child.start()
            self._children.append(child)
        self._connect()
        if self.workspace.settings.gateway.enabled:
            gateway = Child("gateway", ["gateway"], env)
            gateway.start()
            self._children.append(gateway)
        self._wait_for_web()

    def serve(self) -> None:
        """Keep all of it running until SIGINT or SIGTERM."""
        engines_looked_at = time.monotonic()
        while not self.stopping.wait(LOOK_SECONDS):
            for child in self._children:
                child.keep_alive()
            if time.monotonic() - engines_looked_at > ENGINE_LOOK_SECONDS:
                engines_looked_at = time.monotonic()
                self._keep_engines_alive()
                self._connect()

    def stop(self) -> None:
        """End all of it: what is being drafted goes back into the queue."""
        for child in self._children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait_for_stop(until)
        for server in self._servers:
            server.stop()

    def stop_on_signals(self) -> None:
        def stop(signum: int, frame: FrameType | None) -> None:
            del signum, frame
            self.stopping.set()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)

    def _start_engines(self) -> None:
        """One server for each embedded model that a use case chooses; the widest wish for slots and context counts."""
        catalog = load_catalog(self.workspace.folder / "models.toml")
        engine = self.workspace.settings.engine
        embedded = [
            choice for use_case in self.use_cases for choice in use_case.engines if not choice.url and not choice.echo
        ]
        for model in sorted({choice.model for choice in embedded}):
            choices = [choice for choice in embedded if choice.model == model]
            try:
                entry = catalog.get(model)
                wanted = max(choice.context_tokens or engine.context_tokens for choice in choices)
                server = EmbeddedServer(
                    locate(entry, models_folder()),
                    model,
                    slots=max(choice.slots for choice in choices),
                    context_tokens_per_slot=min(wanted, entry.context_tokens or wanted),
                    threads=engine.threads or None,
                )
                server.start()
            except EngineError as error:
                click.echo(f"{error.code}: {error}", err=True)
            else:
                self._servers.append(server)
                self._digests[model] = entry.sha256

    def _connect(self) -> None:
        """A worker of their own for connectors, once there is one: mail must not wait until a draft is written."""
        if self._connected or not any(self.workspace.connectors_folder.glob("*.toml")):
            return
        child = Child("worker", ["worker", "--only", "connectors", "--name", f"{self._name()}-c"], {**os.environ})
        child.start()
        self._children.append(child)
        self._connected = True

    def _name(self) -> str:
        """The same for every life of this workspace on this host, and no other's: its workers take over by it."""
        place = hashlib.sha256(str(self.workspace.folder).encode()).hexdigest()[:8]
        return f"up-{socket.gethostname()[:30]}-{place}"

    def _attachments(self) -> dict[str, Attachment]:
        return {
            server.model_name: Attachment(
                server.url,
                server.api_key,
                server.slots,
                server.context_tokens_per_slot,
                str(server.slots_folder),
                self._digests[server.model_name],
            )
            for server in self._servers
        }

    def _keep_engines_alive(self) -> None:
        for server in self._servers:
            if server.alive() or self.stopping.is_set():
                continue
            click.echo(f"The engine of {server.model_name} ended; starting it again.", err=True)
            try:
                server.start()
            except EngineError as error:
                click.echo(f"{error.code}: {error}", err=True)

    def _wait_for_web(self) -> None:
        web = self.workspace.settings.web
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)  # noqa: S104 - compared, not bound
        until = time.monotonic() + 30
        while time.monotonic() < until and not self.stopping.is_set():
            try:
                socket.create_connection((host, web.port), timeout=1).close()
            except OSError:
                self._children[0].keep_alive()
                time.sleep(0.05)
            else:
                return
