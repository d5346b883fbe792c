"""Connections that are kept open between calls, each used by one thread at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

# Servers drop what is idle after some minutes at best; a fresh connection costs less than finding that out.
IDLE_SECONDS = 60.0


class Session(Protocol):
    def alive(self) -> bool: ...

    def close(self) -> None: ...


S = TypeVar("S", bound=Session)


class Pool(Generic[S]):
    def __init__(self, open_session: Callable[[], S], most_kept: int) -> None:
        self._open, self._most_kept = open_session, most_kept
        self._kept: list[tuple[S, float]] = []
        self._lock = threading.Lock()

    @contextmanager
    def session(self) -> Iterator[S]:
        """One that works; it is closed after any error, since nobody knows what it would answer next."""
        session = self._take() or self._open()
        try:
            yield session
        except BaseException:
            session.close()
            raise
        self._keep(session)

    def close(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for session, _ in kept:
            session.close()

    def _take(self) -> S | None:
        while True:
            with self._lock:
                if not self._kept:
                    return None
                session, since = self._kept.pop()
            if time.monotonic() - since < IDLE_SECONDS and session.alive():
                return session
            session.close()

    def _keep(self, session: S) -> None:
        with self._lock:
            if len(self._kept) < self._most_kept:
                self._kept.append((session, time.monotonic()))
                return
        session.close()
