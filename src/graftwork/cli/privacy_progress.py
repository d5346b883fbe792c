"""How far a batch of files is: a live bar by bytes on a terminal, a plain line now and then elsewhere."""

import sys
import time
from typing import Any, Self

import click

from graftwork.cli.progress import PLAIN_LINE_SECONDS
from graftwork.cli.tables import counted


class FileProgress:
    """`within` hears the bytes read of the file at hand, `done` that it is finished."""

    def __init__(self, total_bytes: int, files: int) -> None:
        self._total, self._files = max(total_bytes, 1), files
        self._before = self._finished = 0
        self._last = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns: list[Any] = [
                BarColumn(bar_width=None),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[files]}"),
                TimeRemainingColumn(),
            ]
            self._bar = Progress(*columns, console=Console(stderr=True), refresh_per_second=8)
            self._task = self._bar.add_task("", total=self._total, files=self._count())
            self._bar.start()
        return self

    def __exit__(self, *details: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def within(self, bytes_read: int) -> None:
        self._show(self._before + bytes_read)

    def done(self, size_bytes: int) -> None:
        self._before += size_bytes
        self._finished += 1
        self._show(self._before)

    def _show(self, bytes_read: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=bytes_read, files=self._count())
        elif time.monotonic() - self._last >= PLAIN_LINE_SECONDS:
            self._last = time.monotonic()
            click.echo(f"{bytes_read / self._total:4.0%}  {self._count()}", err=True)

    def _count(self) -> str:
        return f"{self._finished:,} of {counted(self._files, 'file')}"
