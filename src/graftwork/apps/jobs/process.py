"""This worker process: its name, and whether it has been asked to stop. Long jobs look at it between steps."""

import secrets
import socket
import threading
from dataclasses import dataclass, field

# Drafting keeps a worker busy for a minute at a time, and what comes and goes must not wait for it.
DRAFTING = "default"
CONNECTORS = "connectors"
QUEUES = (DRAFTING, CONNECTORS)


@dataclass(frozen=True)
class WorkerProcess:
    """`name` is stable over restarts, so that a new life can take over what the last one held; `owner` is one life.

    `queues` are those of the durable queue that it serves.
    """

    name: str
    queues: tuple[str, ...] = QUEUES
    stopping: threading.Event = field(default_factory=threading.Event)
    life: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def owner(self) -> str:
        return f"{self.name}/{self.life}"


_current: list[WorkerProcess] = []


def become(name: str | None = None, queues: tuple[str, ...] = QUEUES) -> WorkerProcess:
    """Make this process the worker `name`; by default one that nobody else is called."""
    _current[:] = [WorkerProcess(name or f"{socket.gethostname()[:30]}-{secrets.token_hex(4)}", queues)]
    return _current[0]


def current() -> WorkerProcess:
    return _current[0] if _current else become()
