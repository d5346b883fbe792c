"""What apps above have a worker do besides its jobs. They register here when they are ready; nothing here calls up."""

from collections.abc import Callable

from graftwork.apps.jobs.process import WorkerProcess

sweeps: list[Callable[[WorkerProcess], None]] = []
recoveries: list[Callable[[WorkerProcess], None]] = []
closers: list[Callable[[], None]] = []


def on_sweep(sweep: Callable[[WorkerProcess], None]) -> None:
    """Have `sweep` called every few seconds. Apps register theirs when they are ready."""
    sweeps.append(sweep)


def on_recovery(recover: Callable[[WorkerProcess], None]) -> None:
    """Have `recover` called once before the first job, to take over what an earlier life of this worker held."""
    recoveries.append(recover)


def on_close(close: Callable[[], None]) -> None:
    closers.append(close)
