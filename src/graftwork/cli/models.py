"""`graftwork models`: which models there are, bringing one here, entering one of your own."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from graftwork.config.workspace import find_workspace
from graftwork.core.engines.catalog import (
    Catalog,
    FileSource,
    ModelEntry,
    Source,
    UrlSource,
    append_entry,
    check_entry,
    load_catalog,
    models_folder,
)
from graftwork.core.engines.download import sha256_of
from graftwork.core.engines.pull import locate, pull
from graftwork.core.errors import InputNotFound, ModelDigestMismatch, ModelNotFound, ModelNotPulled, WorkspaceNotFound
from graftwork.core.usecase_tables import DEFAULT_MODEL

EXTRA_CATALOG = "models.toml"
PLAIN_STEP_PERCENT = 10


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def models() -> None:
    """List, pull and add models."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_models(as_json: bool) -> None:
    """Show the models of the catalog, and whether each is on this machine."""
    folder = models_folder()
    rows = [(entry, _state(entry, folder)) for entry in _catalog().entries.values()]
    if as_json:
        click.echo(json.dumps([_row(entry, state) for entry, state in rows], indent=2))
        return
    _print_table(rows)
    click.echo(f"Models lie in {folder}")


@models.command("pull")
@click.argument("name", default=DEFAULT_MODEL)
def pull_model(name: str) -> None:
    """Bring a model to this machine, checked by its SHA-256; the default model where no NAME is given.

    A pull that was stopped goes on where it was.
    """
    entry = _catalog().get(name)
    with _progress(entry) as on_progress:
        path = pull(entry, models_folder(), on_progress, lambda label: click.echo(f"trying {label}", err=True))
    click.echo(f"{entry.name} is here: {path}")


@models.command("add")
@click.argument("name")
@click.option("--file", "file", type=click.Path(path_type=Path, dir_okay=False), help="A GGUF file on this machine.")
@click.option("--url", help="Where to fetch it; needs --sha256 and --size-bytes, unless --file is given too.")
@click.option("--sha256", help="The digest that the file must have.")
@click.option("--size-bytes", type=click.IntRange(min=1), help="How long it is.")
@click.option("--licence", default="unknown", show_default=True, help="Under which licence it is given.")
@click.option("--context-tokens", type=click.IntRange(min=1), help="The context that it was trained for.")
@click.option("--good-for", default="", help="One sentence for `models list`.")
def add_model(
    name: str,
    file: Path | None,
    url: str | None,
    sha256: str | None,
    size_bytes: int | None,
    licence: str,
    context_tokens: int | None,
    good_for: str,
) -> None:
    """Enter a model in the workspace's models.toml; with --file it is ready at once.

    For a NAME that is in the catalog already, --file brings its bytes here without a network.
    """
    if file is not None and not file.is_file():
        raise InputNotFound(str(file))
    if file is not None and (known := _known(name)) is not None:
        _bring(known, file)
        return
    if file is not None:
        sha256, size_bytes = _checked_digest(name, file, sha256), file.stat().st_size
    if sha256 is None or size_bytes is None:
        raise click.UsageError("give --file, or --url with --sha256 and --size-bytes")
    sources: list[Source] = [UrlSource(url=url)] if url else []
    if file is not None:
        sources.append(FileSource(path=str(file.resolve())))
    catalog_file = _extra_catalog()
    if catalog_file is None:
        raise WorkspaceNotFound(str(Path.cwd()))
    entry = check_entry(
        str(catalog_file),
        name,
        title=name,
        licence=licence,
        size_bytes=size_bytes,
        sha256=sha256.lower(),
        context_tokens=context_tokens,
        good_for=good_for,
        sources=sources,
    )
    append_entry(catalog_file, entry)
    click.echo(f"{name} is entered in {catalog_file}")
    if file is not None:
        _bring(entry, file)


def _bring(entry: ModelEntry, file: Path) -> None:
    here = entry.model_copy(update={"sources": (FileSource(path=str(file.resolve())),)})
    with _progress(entry) as on_progress:
        path = pull(here, models_folder(), on_progress)
    click.echo(f"{entry.name} is here: {path}")


def _checked_digest(name: str, file: Path, expected: str | None) -> str:
    found = sha256_of(file)
    if expected is not None and found != expected.lower():
        raise ModelDigestMismatch(name, expected.lower(), found)
    return found


def _extra_catalog() -> Path | None:
    workspace = find_workspace()
    return None if workspace is None else workspace / EXTRA_CATALOG


def _catalog() -> Catalog:
    return load_catalog(_extra_catalog())


def _known(name: str) -> ModelEntry | None:
    try:
        return _catalog().get(name)
    except ModelNotFound:
        return None


def _state(entry: ModelEntry, folder: Path) -> str:
    try:
        locate(entry, folder)
    except ModelNotPulled:
        return "no"
    except ModelDigestMismatch:
        return "damaged"
    return "yes"


def _row(entry: ModelEntry, state: str) -> dict[str, object]:
    fields = entry.model_dump(mode="json", exclude={"sources"})
    return {**fields, "default": entry.name == DEFAULT_MODEL, "here": state == "yes", "state": state}


def _print_table(rows: list[tuple[ModelEntry, str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("name", "size", "licence", "here", "kind", "good for"):
        table.add_column(title, justify="right" if title == "size" else "left", no_wrap=title != "good for")
    for entry, state in rows:
        table.add_row(entry.name, f"{entry.size_bytes / 1e6:,.0f} MB", entry.licence, state, entry.kind, entry.good_for)
    Console().print(table)


@contextmanager
def _progress(entry: ModelEntry) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line for every tenth elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        yield _plain_lines(entry.name)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress("{task.description}", *columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(entry.name, total=entry.size_bytes)
        yield lambda done_bytes, total_bytes: bar.update(task, completed=done_bytes, total=total_bytes)


def _plain_lines(name: str) -> Callable[[int, int], None]:
    shown = -1

    def on_progress(done_bytes: int, total_bytes: int) -> None:
        nonlocal shown
        step = 100 * done_bytes // total_bytes // PLAIN_STEP_PERCENT
        if step != shown:
            shown = step
            click.echo(f"{name}: {done_bytes / 1e6:,.0f} of {total_bytes / 1e6:,.0f} MB", err=True)

    return on_progress
