"""Ending long work from the terminal: tidily at first, at once when asked again."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click


@contextmanager
def stoppable(stopping: threading.Event, told: str) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM sets `stopping` and says `told`, the second raises `KeyboardInterrupt`."""

    def stop(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()
        click.echo(told, err=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
