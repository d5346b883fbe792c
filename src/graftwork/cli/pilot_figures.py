"""`graftwork pilot report`, `export`, `verify`: what a pilot shows, on the screen and in files."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graftwork.cli.pilot_files import opened
from graftwork.cli.session import open_store
from graftwork.config.workspace import find_workspace, open_workspace
from graftwork.core.errors import ExportExists, OutputUnwritable

if TYPE_CHECKING:
    from graftwork.apps.pilots.exports.signing import Verified

_KINDS = {"pdf": "report", "csv": "csv", "json": "json", "evidence": "evidence"}
# As `apps.pilots.exports.evidence` has it, whose import needs a workspace.
EVIDENCE = "graftwork.pilot-evidence/1"


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every figure instead of text.")
def report(name: str, as_json: bool) -> None:
    """Show what NAME has found so far.

    The verdict first, then the effect, guards, money, and what did not fit.
    """
    open_store()
    from django.utils import timezone

    from graftwork.cli.pilot_report import show, whole_figures

    if as_json:
        click.echo(json.dumps(whole_figures(name, timezone.now()), indent=2, ensure_ascii=False))
    else:
        show(name, timezone.now())


@click.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(tuple(_KINDS)), required=True, help="What to write.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; - is stdout.",
)
@click.option("--force", is_flag=True, help="Replace the file where it is there.")
def export(name: str, form: str, output: Path | None, force: bool) -> None:
    """Write the figures of NAME to a file.

    A report to read (pdf), a table (csv), every figure (json), or evidence that is signed.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.exports import actions

    if output is not None and str(output) != "-":
        _refuse_existing(output, force=force)
    made = actions.export(operator(), name, _KINDS[form], timezone.now())  # type: ignore[arg-type]
    if str(output) == "-":
        sys.stdout.buffer.write(made.content)
        return
    target = output or Path(made.file_name)
    _refuse_existing(target, force=force)
    try:
        target.write_bytes(made.content)
    except OSError as error:
        raise OutputUnwritable(str(target), error.strerror or type(error).__name__) from None
    click.echo(f"{target} is written", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, file: Path) -> None:
    """Say whether evidence is as it was signed.

    And by whose key; exit 1 where it was changed. Needs no workspace.
    """
    with opened(file) as content:
        found = _verified(content.read())
    click.secho(found.sentence, fg=None if found.valid else "red")
    if found.fingerprint:
        click.echo(f"  key      {found.fingerprint}")
    if found.body is not None:
        about = found.body.get("figures", {}).get("pilot", {})
        click.echo(f"  pilot    {about.get('name', 'unknown')}, as of {found.body.get('as_of', 'unknown')}")
        click.echo(f"  charter  {found.body.get('charter_sha256', 'unknown')}")
        if found.body.get("simulated"):
            click.echo("  Simulated: nobody made these reviews.")
    ctx.exit(0 if found.valid else 1)


def _refuse_existing(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise ExportExists(str(target))


def _verified(content: bytes) -> "Verified":
    if find_workspace() is None:
        from graftwork.apps.pilots.exports.signing import check

        return check(content, None, EVIDENCE)
    from graftwork.config.setup import load_django

    load_django(open_workspace())
    from graftwork.apps.pilots.exports.evidence import verify as verify_here

    return verify_here(content)
