"""`graftwork privacy`: masking files and folders, restoring them, and reporting what is in them."""

import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graftwork.cli.tables import counted, print_table
from graftwork.core.privacy.languages.pack import DEFAULT_LANGUAGES
from graftwork.core.privacy.sinks import SinkPolicy

if TYPE_CHECKING:
    from graftwork.cli.privacy_batch import Outcome

EXIT_SOME_REFUSED = 3
_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_OUTPUT = click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder for the copies; or a file, for one."
)
_SCOPE = click.option("--scope", default="files", show_default=True, help="Whose placeholders: one name for a batch.")


def _search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is looked for, and how."""
    for option in (
        click.option("--no-ner", is_flag=True, help="Rules alone, without the model for names."),
        click.option("--dictionary", "dictionaries", multiple=True, type=click.Path(path_type=Path),
                     help="A file with terms of your own."),
        click.option("--language", "languages", multiple=True, default=DEFAULT_LANGUAGES, show_default=True,
                     help="A language of the texts; give it again for another."),
        click.option("--rules", type=click.Path(dir_okay=False, path_type=Path),
                     help="TOML with rules for columns and JSON paths."),
        click.option("--profile", default="gdpr", show_default=True, help="Which kinds of values count."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def privacy() -> None:
    """Mask files, restore them, and report what is in them."""


@privacy.command()
@_PATHS
@_OUTPUT
@_SCOPE
@_search_options
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 36_500), help="How long values are kept.")
@click.option("--force", is_flag=True, help="Replace copies that are there.")
@click.pass_context
def mask(
    ctx: click.Context, /, paths: tuple[Path, ...], output: Path, scope: str, days: int, force: bool, **search: Any
) -> None:
    """Write copies of files and folders in which every value found is a placeholder.

    Text, Markdown, CSV, JSON, JSON Lines, HTML, e-mail (.eml) and DOCX can be restored; a PDF becomes a redacted copy
    made of pictures, for good. One scope holds the whole batch together: the same value gets the same placeholder in
    every file. The values are kept encrypted in the workspace's store. A file that cannot be masked is named and left
    out; then the exit code is 3. A copy appears only when it is whole.
    """
    from graftwork.cli.privacy_batch import MaskBatch, run
    from graftwork.cli.session import open_store

    workspace = open_store()
    batch = MaskBatch(workspace, scope, days, _detector(search), _rules(search))
    code = _finish(run(batch, paths, output, force=force), done="masked")
    for told in batch.told:
        click.echo(f"{told[:1].upper()}{told[1:]}.", err=True)
    ctx.exit(code)


@privacy.command()
@_PATHS
@_OUTPUT
@_SCOPE
@click.option(
    "--sinks",
    multiple=True,
    type=click.Choice(("link", "image")),
    help="Restore in addresses too; a page may send such a value away. Give it again for the other.",
)
@click.option("--force", is_flag=True, help="Replace copies that are there.")
@click.pass_context
def restore(
    ctx: click.Context, paths: tuple[Path, ...], output: Path, scope: str, sinks: tuple[str, ...], force: bool
) -> None:
    """Write copies of masked files in which placeholders are values again.

    A text file that nobody changed comes back byte for byte. In one that was changed, each placeholder becomes the
    fullest form of its value, but for those in links, images and scripts, which somebody may have added to send the
    value away. What stays there, and placeholders that this scope does not know, is counted.
    """
    from graftwork.cli.privacy_batch import RestoreBatch, run
    from graftwork.cli.session import open_store

    workspace = open_store()
    policy = SinkPolicy(
        link="restore" if "link" in sinks else "withhold", image="restore" if "image" in sinks else "withhold"
    )
    ctx.exit(_finish(run(RestoreBatch(workspace, scope, policy), paths, output, force=force), done="restored"))


@privacy.command()
@_PATHS
@_search_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.pass_context
def report(ctx: click.Context, /, paths: tuple[Path, ...], as_json: bool, **search: Any) -> None:
    """Count what would be masked, by file, kind and recognizer. Shows no value, writes no file, needs no workspace."""
    from graftwork.cli.privacy_batch import ReportBatch, run

    outcomes = run(ReportBatch(_detector(search), _rules(search)), paths, None, force=False)
    if as_json:
        click.echo(json.dumps({"files": [one.as_json() for one in outcomes]}, indent=2, ensure_ascii=False))
    else:
        rows = [(one.name, kind, found_by, f"{count:,}") for one in outcomes for (kind, found_by), count in one.found]
        print_table(("file", "kind", "found by", "count"), rows)
        _show_notices(outcomes)
    ctx.exit(EXIT_SOME_REFUSED if any(one.error for one in outcomes) else 0)


def _detector(search: dict[str, Any]) -> Any:
    from graftwork.core.privacy.assembly import detector_for

    return detector_for(search["profile"], search["languages"], not search["no_ner"], search["dictionaries"])


def _rules(search: dict[str, Any]) -> Any:
    from graftwork.core.privacy.forms.rules import Rules, load_rules

    return load_rules(search["rules"]) if search["rules"] else Rules()


def _finish(outcomes: "list[Outcome]", done: str) -> int:
    good = [one for one in outcomes if one.error is None]
    values = sum(one.values for one in good)
    click.echo(f"{counted(len(good), 'file')} {done}, {counted(values, 'value')}")
    _show_notices(outcomes)
    return EXIT_SOME_REFUSED if len(good) < len(outcomes) else 0


def _show_notices(outcomes: "list[Outcome]") -> None:
    for one in outcomes:
        for what, count in sorted(one.notices.items()):
            click.echo(f"{one.name}: {what}: {count:,}", err=True)
    for one in outcomes:
        if one.error is not None:
            click.secho(f"{one.error.code}: {one.error.message}", fg="red", err=True)
            if one.error.hint:
                click.echo(f"  {one.error.hint}", err=True)


# Each of these has a module of its own.
for _name in ("explain", "forget", "misses"):
    if find_spec(f"graftwork.cli.privacy_{_name}") is not None:
        privacy.add_command(getattr(import_module(f"graftwork.cli.privacy_{_name}"), _name))
