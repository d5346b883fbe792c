"""Reads documents in a child process, so that a hostile or broken one ends with an error, and nothing else ends.

with DocumentReader() as reader:
    document = reader.read(Path("report.pdf"))
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from graftwork.core.document import Document
from graftwork.core.documents import frames, mbox, wire
from graftwork.core.documents.detecting import is_mailbox, suffix_of
from graftwork.core.documents.errors import (
    DocumentCrashed,
    DocumentError,
    DocumentTimedOut,
    DocumentTooLarge,
    DocumentTooMuchMemory,
)
from graftwork.core.documents.files import opened
from graftwork.core.documents.options import ReadingOptions

START_SECONDS = 60.0
_CHILD = "graftwork.core.documents.child"
# All that the child sees of our environment: no key and no address of a database is among it.
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX", "LD_LIBRARY_PATH")
_LONGEST_NAME = 1_000
# All messages of a mailbox are held together, and a worker waits for them: where one of these is reached, the rest of
# the mailbox is left out. The text of them all counts as that of one document.
MOST_MESSAGES = 2_000
MAILBOX_TIMES = 10  # as long as one document may take


class DocumentReader:
    """Keeps one child, started with the first document; after one that ended the child, the next gets a new one.

    `time_limit_seconds` holds for the clock on the wall and for the child's processor time. `memory_limit_bytes` is the
    child's address space, about 0.2 GB of which it needs itself. May be used from several threads, one document at a
    time.
    """

    def __init__(
        self,
        options: ReadingOptions | None = None,
        *,
        time_limit_seconds: float = 60.0,
        memory_limit_bytes: int = 1_500_000_000,
        input_limit_bytes: int = 200_000_000,
    ) -> None:
        self._options = options or ReadingOptions()
        self._time_limit_seconds = time_limit_seconds
        self._memory_limit_bytes = memory_limit_bytes
        self._input_limit_bytes = input_limit_bytes
        self._largest_answer_bytes = wire.largest_bytes(self._options.most_characters, self._options.most_blocks)
        self._child: _Child | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._end_child()

    def read(self, path: Path) -> Document:
        """The document in the file at `path`. Raises `DocumentError`."""
        with opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > self._input_limit_bytes:
                raise DocumentTooLarge(path.name, _too_large(size, self._input_limit_bytes))
            return self._read(file, path.name)

    def read_bytes(self, content: bytes, name: str) -> Document:
        """The document in `content`, called `name`. Raises `DocumentError`."""
        if len(content) > self._input_limit_bytes:
            raise DocumentTooLarge(name, _too_large(len(content), self._input_limit_bytes))
        with _in_memory() as file:
            file.write(content)
            file.seek(0)
            return self._read(file, name)

    def read_all(self, path: Path) -> Iterator[Document | DocumentError]:
        """Every document in the file: the messages of a mailbox one by one, else the one that it is.

        What cannot be read is an error in its place, and ends only itself. Of a mailbox over the limits (see
        `MOST_MESSAGES`) the last is an error that says how many messages were not read.
        """
        try:
            with opened(path) as file:
                size = os.fstat(file.fileno()).st_size
                if size > self._input_limit_bytes:
                    raise DocumentTooLarge(path.name, _too_large(size, self._input_limit_bytes))
                if suffix_of(path.name) not in ("", ".mbox") or not is_mailbox(file.read(1_000)):
                    yield self.read(path)
                    return
                file.seek(0)
                yield from self._read_messages(file, path.name)
        except DocumentError as error:
            yield error

    def _read_messages(self, file: BinaryIO, name: str) -> Iterator[Document | DocumentError]:
        ends = time.monotonic() + MAILBOX_TIMES * self._time_limit_seconds
        characters = unread = 0
        for number, content in enumerate(mbox.messages(file, self._input_limit_bytes), 1):
            full = number > MOST_MESSAGES or characters > self._options.most_characters
            if unread or full or time.monotonic() > ends:
                unread += 1
                continue
            own_name = mbox.message_name(name, number)
            try:
                if content is None:
                    raise DocumentTooLarge(own_name, f"it has more than {self._input_limit_bytes / 1e6:,.0f} MB")
                document = self.read_bytes(content, own_name)
                characters += _characters(document)
                yield document
            except DocumentError as error:
                yield error
        if unread:
            yield DocumentTooLarge(name, f"{unread:,} messages were not read")

    def _read(self, file: BinaryIO, name: str) -> Document:
        with self._lock:
            child = self._ready_child(name)
            try:
                return self._asked(child, file, name)
            except (DocumentTimedOut, DocumentCrashed, DocumentTooMuchMemory):
                self._end_child()
                raise
            except BaseException as error:
                if not isinstance(error, DocumentError):  # interrupted: an answer may still be under way
                    self._end_child()
                raise

    def _ready_child(self, name: str) -> "_Child":
        """The one there is, or a new one where that has retired or died since. Raises `DocumentCrashed`."""
        if self._child is None or not self._child.is_ready():
            self._end_child()
            self._child = _Child(self._memory_limit_bytes, self._time_limit_seconds, self._input_limit_bytes)
            if not self._child.is_ready():
                self._end_child()
                raise DocumentCrashed(name, "it did not start within its limits")
        return self._child

    def _asked(self, child: "_Child", file: BinaryIO, name: str) -> Document:
        task = {"name": name[:_LONGEST_NAME], "options": asdict(self._options)}
        deadline = time.monotonic() + self._time_limit_seconds
        try:
            child.send(json.dumps(task).encode(), file)
            kind, answer = frames.receive(child.socket, self._largest_answer_bytes, deadline)
            if kind == "document":
                return wire.decode(answer)
            error = frames.error_from_bytes(answer, name)
        except TimeoutError:
            raise DocumentTimedOut(name, self._time_limit_seconds) from None
        except (frames.PeerGoneError, OSError):
            raise self._death(child, name) from None
        except (ValueError, TypeError):
            raise DocumentCrashed(name, "it answered with something else than a document") from None
        raise error

    def _death(self, child: "_Child", name: str) -> DocumentError:
        """Why the child is gone. The system's own killing for want of memory shows as SIGKILL, which is not ours."""
        code = child.exit_code()
        number = max(-code, 0)
        if number in (signal.SIGXCPU, signal.SIGALRM):
            return DocumentTimedOut(name, self._time_limit_seconds)
        if number == signal.SIGKILL or code == frames.OUT_OF_MEMORY:
            return DocumentTooMuchMemory(name)
        return DocumentCrashed(name, f"signal {signal.Signals(number).name}" if number else "without a word")

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Child:
    """The process and the socket to it."""

    def __init__(self, memory_bytes: int, time_seconds: float, input_bytes: int) -> None:
        self.socket, theirs = socket.socketpair()
        limits = {"memory_bytes": memory_bytes, "time_seconds": time_seconds, "input_bytes": input_bytes}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", _CHILD, str(theirs.fileno()), json.dumps(limits)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # libraries complain there, and quote the document
                env=_environment(),
                start_new_session=True,  # so that what it started ends with it, and Ctrl-C is the parent's alone
            )

    def is_ready(self) -> bool:
        """Waits until it takes the next document; false where it never will."""
        try:
            kind, _ = frames.receive(self.socket, 0, time.monotonic() + START_SECONDS)
        except (frames.PeerGoneError, TimeoutError):
            return False
        return kind == "ready"

    def send(self, task: bytes, file: BinaryIO) -> None:
        self.socket.settimeout(START_SECONDS)
        socket.send_fds(self.socket, [b"\0"], [file.fileno()])
        frames.send(self.socket, "task", task)

    def exit_code(self) -> int:
        """Minus the number of the signal that ended it, as `subprocess` has it."""
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return 0

    def end(self) -> None:
        self.socket.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)


def _environment() -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed_on, "PYTHONDONTWRITEBYTECODE": "1", "OMP_THREAD_LIMIT": "1", "MALLOC_ARENA_MAX": "2"}


def _in_memory() -> BinaryIO:
    """A file that no disk holds, where the system has such."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("document", os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def _characters(document: Document) -> int:
    return len(document.text) + sum(map(_characters, document.attachments))


def _too_large(size_bytes: int, limit_bytes: int) -> str:
    return f"it has {size_bytes / 1e6:,.0f} MB, more than {limit_bytes / 1e6:,.0f} MB"
