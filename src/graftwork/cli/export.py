"""`graftwork export`: what people decided and changed, for use elsewhere."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from graftwork.apps.work.export_formats import FORMATS, Format
from graftwork.cli.session import open_store

_DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])


@click.group()
def export() -> None:
    """Write reviews to a file."""


@export.command()
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True, help="What to write.")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file; - is stdout.")
@click.option("--use-case", help="Only this one.")
@click.option("--since", type=_DATE, metavar="TIME", help="Decided then (UTC) or later: 2026-01-31T09:30.")
@click.option("--until", type=_DATE, metavar="TIME", help="Decided before then.")
@click.option(
    "--include-simulated/--no-include-simulated", default=False, show_default=True,
    help="Also reviews that no person made; the column `simulated` tells them apart.",
)  # fmt: skip
@click.option("--names", is_flag=True, help="Add the reviewers' user names; without it only their numbers.")
@click.option("--force", is_flag=True, help="Replace the file where it is there.")
def reviews(
    form: Format,
    output: Path,
    use_case: str | None,
    since: datetime | None,
    until: datetime | None,
    include_simulated: bool,
    names: bool,
    force: bool,
) -> None:
    """Write the reviews that took effect: draft, final text, edits, times, who and which release.

    Reviews that can still be undone, or were, are left out. The file appears only when it is whole, and only its owner
    may read it. In CSV, a text that a spreadsheet would run as a formula (it begins with = + - or @), or that begins
    with a ' or white space such as a tab, gets a ' in front; a program that reads the file takes one leading ' off.
    """
    if str(output) == "-" and form == "parquet":
        raise click.UsageError("Parquet cannot be written to standard output; name a file with --output")
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.work import exporting

    wanted = exporting.Wanted(use_case, _utc(since), _utc(until), include_simulated, names)
    now = timezone.now()
    if str(output) == "-":
        count = exporting.stream_reviews(operator(), wanted, form, sys.stdout.buffer, now)
    else:
        count = exporting.export_reviews(operator(), wanted, form, output, now, force=force)
    click.echo(f"{count} reviews written to {'standard output' if str(output) == '-' else output}", err=True)
    if not include_simulated and (left_out := exporting.count_simulated(wanted, now)):
        click.echo(f"{left_out} simulated reviews are left out; --include-simulated adds them", err=True)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)
