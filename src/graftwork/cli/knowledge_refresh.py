"""Reading sources from the command line: the model brought here first, progress, what came of it."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from graftwork.cli.knowledge_status import one_line
from graftwork.cli.models import pull_model
from graftwork.cli.progress import PLAIN_LINE_SECONDS, duration
from graftwork.cli.tables import counted
from graftwork.config.workspace import Workspace
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate
from graftwork.core.errors import ModelNotPulled

if TYPE_CHECKING:
    from graftwork.apps.knowledge.actions.refreshing import OnProgress, Progress, Refreshed
    from graftwork.apps.knowledge.models import Source

EXIT_SOME_FAILED = 3


def refresh_all(
    ctx: click.Context, workspace: Workspace, sources: "Sequence[Source]", *, all_gone: bool = False
) -> None:
    """Refresh one source after another; exit 3 where a document could not be read."""
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.refreshing import refresh
    from graftwork.apps.knowledge.embedding import embedding_of_settings
    from graftwork.apps.knowledge.reading import reader_of_settings

    bring_model(ctx, workspace)
    failed = 0
    with reader_of_settings() as reader:
        for source in sources:
            with _progress(source.name) as on_progress:
                done = refresh(
                    operator(),
                    source.name,
                    reader=reader,
                    embedding=embedding_of_settings(),
                    on_progress=on_progress,
                    all_gone=all_gone,
                )
            _report(source, done)
            failed += done.failed
    ctx.exit(EXIT_SOME_FAILED if failed else 0)


def bring_model(ctx: click.Context, workspace: Workspace) -> None:
    """The embedding model of the settings, pulled where it is not on this machine."""
    chosen = workspace.settings.knowledge
    if chosen.embeddings_url:
        return
    entry = load_catalog(workspace.folder / "models.toml").get(chosen.embedding_model)
    try:
        locate(entry, models_folder())
    except ModelNotPulled:
        click.echo(f"Bringing the model {entry.name} here, once ({entry.size_bytes / 1e6:,.0f} MB):", err=True)
        ctx.invoke(pull_model, name=entry.name)


def _report(source: "Source", done: "Refreshed") -> None:
    if source.kind == "feed" and not done.stored:
        click.echo(f"{source.name} is a feed: programs put documents into it over REST")
        return
    parts = [
        f"{counted(done.stored, 'file')} read, {counted(done.passages, 'passage')} in {duration(done.seconds)}",
        f"{done.unchanged:,} unchanged",
        *([f"{done.removed:,} removed"] if done.removed else []),
        *([f"{done.passed_over:,} passed over (hidden, no document, or outside)"] if done.passed_over else []),
    ]
    click.echo(f"{source.name}: {'; '.join(parts)}")
    if not done.stored + done.unchanged + done.failed:
        click.secho(f"there is no document in {one_line(source.location)}", fg="yellow", err=True)
    if done.failed:
        why = f"graftwork knowledge status {source.name}"
        click.secho(f"{counted(done.failed, 'file')} could not be read; {why} says why", fg="red", err=True)


@contextmanager
def _progress(name: str) -> "Iterator[OnProgress]":
    """A bar on a terminal, a line now and then elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        yield _plain_lines(name)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(one_line(name), total=None, told="")
        yield lambda now: bar.update(task, completed=now.bytes_done, total=now.bytes or None, told=_told(now))


def _plain_lines(name: str) -> "OnProgress":
    last = time.monotonic()

    def show(progress: "Progress") -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_LINE_SECONDS:
            last = time.monotonic()
            click.echo(f"{name}: {_told(progress)}", err=True)

    return show


def _told(progress: "Progress") -> str:
    left = progress.seconds_left
    rate = progress.passages / max(progress.seconds, 0.001)
    time_left = "time left unknown yet" if left is None else f"{duration(left)} left"
    return f"{progress.files_done:,} of {counted(progress.files, 'file')}, {rate:,.1f} passages/s, {time_left}"
