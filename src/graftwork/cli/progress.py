"""Showing how a run goes: a live bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import click

if TYPE_CHECKING:
    from graftwork.apps.work.running import Progress

PLAIN_LINE_SECONDS = 5.0


class Reporter(Protocol):
    def __call__(self, progress: "Progress") -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def reporter() -> Reporter:
    return LiveBar() if sys.stderr.isatty() else PlainLines()


class _Paced:
    """The time left, by the pace since the first look; unknown before anything was done."""

    _share_at_start: float | None = None

    def time_left(self, progress: "Progress") -> str:
        if self._share_at_start is None:
            self._share_at_start = progress.share
        if progress.share >= 1:
            return "at the end of the input"
        gained = progress.share - self._share_at_start
        if gained <= 0:
            return "time left unknown yet"
        return f"{duration(progress.seconds * (1 - progress.share) / gained)} left"


def pace(progress: "Progress") -> str:
    return f"{progress.tokens / max(progress.seconds, 0.001):,.0f} tokens/s"


class PlainLines(_Paced):
    """One line every few seconds, for logs."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, progress: "Progress") -> None:
        if time.monotonic() - self._last < PLAIN_LINE_SECONDS:
            return
        self._last = time.monotonic()
        left = self.time_left(progress)
        click.echo(f"{progress.share:4.0%}  {_rows(progress)}, {pace(progress)}, {left}", err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exit_details: object) -> None:
        """Nothing is open."""


class LiveBar(_Paced):
    """A bar that moves: rows done, tokens a second, time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns: list[Any] = [
            TextColumn("drafting"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[done]}"),
            TextColumn("{task.fields[pace]}"),
            TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(),
        ]
        self._bar = Bar(*columns, console=Console(stderr=True), refresh_per_second=8)
        self._task = self._bar.add_task("", total=1.0, done="0 done", pace="", left="")

    def __call__(self, progress: "Progress") -> None:
        left = self.time_left(progress)
        self._bar.update(self._task, completed=progress.share, done=_rows(progress), pace=pace(progress), left=left)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exit_details: object) -> None:
        self._bar.stop()


def _rows(progress: "Progress") -> str:
    return f"{progress.rows:,} done, {progress.in_flight} in work"


def duration(seconds: float) -> str:
    """`48 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
