"""The child process that reads documents: `python -m graftwork.core.documents.child SOCKET LIMITS`.

It is given one open file at a time over a socket, and needs nothing else: no network, no keys, no files of its own. It
ends with its parent, by itself where a document takes too long, and by the system where one takes too much memory.
"""

import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from math import ceil
from pathlib import Path
from typing import Any, NoReturn, TypedDict

from graftwork.core.documents import frames, wire
from graftwork.core.documents.errors import DocumentError, DocumentTooLarge, DocumentTooMuchMemory
from graftwork.core.documents.frames import OUT_OF_MEMORY
from graftwork.core.documents.options import ReadingOptions
from graftwork.core.documents.reading import read

# Loaded before the limits hold, so that the first document is read as fast as the next.
PRELOADED = (
    *("charset_normalizer", "docx", "lxml.etree", "markdown_it", "openpyxl", "selectolax.lexbor"),
    "graftwork.core.documents.pdf",
)
OPEN_FILES = 64
NICENESS = 5
# The parent ends what takes too long; this is for a child whose parent is gone.
GRACE_SECONDS = 5
LARGEST_TASK_BYTES = 100_000
# A child that has grown this far is replaced, for what a document took is seldom given back.
RETIRING_SHARE = 0.6


class ChildLimits(TypedDict):
    memory_bytes: int
    time_seconds: float
    input_bytes: int


def main() -> NoReturn:
    limits: ChildLimits = json.loads(sys.argv[2])
    with socket.socket(fileno=int(sys.argv[1])) as parent:
        for module in PRELOADED:
            importlib.import_module(module)
        _confine(limits)
        try:
            frames.send(parent, "ready")
            _serve(parent, limits)
            while not _has_grown(limits):
                frames.send(parent, "ready")
                _serve(parent, limits)
        except (frames.PeerGoneError, OSError):
            pass
        except MemoryError:
            # Nothing is sent any more: that would need memory, and what is left behind here is in no known state.
            os._exit(OUT_OF_MEMORY)
    # Not sys.exit: nothing here is worth tidying up, and libraries that met a broken file may hang in it.
    os._exit(0)


def _confine(limits: ChildLimits) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.nice(NICENESS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_AS, limits["memory_bytes"])


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (lowest, lowest))


def _serve(parent: socket.socket, limits: ChildLimits) -> None:
    """One document. Raises `MemoryError`, and `PeerGoneError` where the parent is gone."""
    descriptor, task = _task(parent)
    options = ReadingOptions(**task["options"])
    _start_clock(limits["time_seconds"])
    kind, answer = _read(descriptor, task["name"], options, limits["input_bytes"])
    frames.send(parent, kind, answer)
    signal.setitimer(signal.ITIMER_REAL, 0)


class Task(TypedDict):
    name: str
    options: dict[str, Any]


def _task(parent: socket.socket) -> tuple[int, Task]:
    """The open file comes with one byte of its own, before the frame that says what it is."""
    marker, descriptors, _, _ = socket.recv_fds(parent, 1, 1)
    if not marker or not descriptors:
        raise frames.PeerGoneError
    _, content = frames.receive(parent, LARGEST_TASK_BYTES)
    task: Task = json.loads(content)
    return descriptors[0], task


def _read(descriptor: int, name: str, options: ReadingOptions, limit_bytes: int) -> tuple[frames.FrameKind, bytes]:
    try:
        with open(descriptor, "rb") as file:
            content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise DocumentTooLarge(name, "it grew while it was read")
        return "document", wire.encode(read(content, name, options))
    except DocumentTooMuchMemory:
        raise MemoryError from None
    except DocumentError as error:
        return "error", frames.error_to_bytes(error)


def _start_clock(time_seconds: float) -> None:
    """Both clocks: of the wall, and of this process, whatever it does meanwhile."""
    signal.setitimer(signal.ITIMER_REAL, time_seconds + GRACE_SECONDS)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = ceil(used.ru_utime + used.ru_stime + time_seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _has_grown(limits: ChildLimits) -> bool:
    """Not asked of `getrusage`: its maximum begins with that of the parent. False where the system does not tell."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return False
    return pages * resource.getpagesize() > RETIRING_SHARE * limits["memory_bytes"]


if __name__ == "__main__":
    main()
