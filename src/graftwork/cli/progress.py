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
    limit: int | None

    def __call__(self, progress: "Progress") -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def reporter() -> Reporter:
    return LiveBar() if sys.stderr.isatty() else PlainLines()


def share_done(progress: "Progress", limit: int | None) -> float:
    """How much of the run lies behind, 0 to 1: by rows where their number is known, else by bytes of the input."""
    if limit:
        return min(1.0, progress.counts.rows / limit)
    if not progress.total_bytes:
        return 1.0
    return min(1.0, progress.emitted_bytes / progress.total_bytes)


def seconds_left(progress: "Progress", share: float, share_at_start: float) -> float | None:
    """By the pace of this session; unknown before its first row."""
    gained = share - share_at_start
    return progress.seconds * (1 - share) / gained if gained > 0 else None


class _Paced:
    """What both kinds share: the limit, and where this session began."""

    limit: int | None = None
    _share_at_start: float | None = None

    def figures(self, progress: "Progress") -> tuple[float, float | None, float]:
        share = share_done(progress, self.limit)
        if self._share_at_start is None:
            self._share_at_start = share if progress.seconds < 1 else 0.0
        pace = progress.tokens / progress.seconds if progress.seconds else 0.0
        return share, seconds_left(progress, share, self._share_at_start), pace


class PlainLines(_Paced):
    """One line every few seconds, for logs."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, progress: "Progress") -> None:
        if time.monotonic() - self._last < PLAIN_LINE_SECONDS:
            return
        self._last = time.monotonic()
        share, left, pace = self.figures(progress)
        rest = "unknown" if left is None else duration(left)
        click.echo(
            f"{progress.counts.rows:,} rows done ({share:.0%}), {progress.in_flight} in work, "
            f"{pace:,.0f} tokens/s, time left {rest}",
            err=True,
        )

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
        share, left, pace = self.figures(progress)
        self._bar.update(
            self._task,
            completed=share,
            done=f"{progress.counts.rows:,} done, {progress.in_flight} in work",
            pace=f"{pace:,.0f} tokens/s",
            left="" if left is None else f"{duration(left)} left",
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exit_details: object) -> None:
        self._bar.stop()


def duration(seconds: float) -> str:
    """`48 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
