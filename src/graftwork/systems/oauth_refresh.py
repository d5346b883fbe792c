"""A refresh token where it lies, and the newer one that a provider may send back."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graftwork.systems.secret import keep_out_of_logs, read_secret

# Longer than one request takes.
LOCK_SECONDS = 45.0


class RefreshToken:
    """A refresh token and the newer one that the provider may send back, which can make the old one worthless.

    One that lies in a file is replaced there, so that a restart and other processes have it; one of the environment
    cannot be, and lives on in this process only.
    """

    def __init__(self, place: str, folder: Path) -> None:
        self._place, self._folder = place, folder
        self._rotated, self._instead_of = "", ""

    def read(self) -> str:
        found = read_secret(self._place, self._folder)
        return self._rotated if self._rotated and found == self._instead_of else found

    def keep(self, rotated: str) -> None:
        keep_out_of_logs(rotated)
        found = read_secret(self._place, self._folder)
        if rotated == found:
            return
        self._rotated, self._instead_of = rotated, found
        if (path := self._path()) is not None:
            _replace(path, rotated)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time, since two that use up the same token lock each other out (RFC 9700, section 4.14)."""
        path = self._path()
        try:
            # The folder, not the file: that one is replaced. A folder that cannot be opened cannot be written either.
            lock = None if path is None else os.open(path.parent, os.O_RDONLY)
        except OSError:
            lock = None
        try:
            if lock is not None:
                _lock_within(lock, LOCK_SECONDS)
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def _path(self) -> Path | None:
        kind, _, name = self._place.partition(":")
        return self._folder / name if kind == "file" else None


def _lock_within(lock: int, seconds: float) -> None:
    """Goes on without the lock after `seconds`: a process that hangs must not stop all others."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.05)
        else:
            return


def _replace(path: Path, secret: str) -> None:
    """Whole or not at all; where it cannot be written (a mounted secret), it is kept in memory alone."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
