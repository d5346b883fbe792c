"""`graftwork pilot list`, `pause`, `resume`, `decide`, `baseline`, `outcomes`, `rebuild`: a pilot under way."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from graftwork.cli.pilot_files import charter_file, opened, pilots_folder, read_file, stored
from graftwork.cli.session import open_store
from graftwork.cli.tables import counted, print_table

if TYPE_CHECKING:
    from graftwork.apps.pilots.actions.importing import Imported
    from graftwork.apps.pilots.models import Pilot

_REASON = click.option("--reason", required=True, help="Why: everybody who reads the pilot sees it.")
_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command("list")
def list_pilots() -> None:
    """Show all pilots, and charters that are files only."""
    workspace = open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.models import PilotState
    from graftwork.apps.pilots.queries import visible_pilots

    found = list(visible_pilots(operator()).prefetch_related("decisions"))
    rows = [
        (
            one.name,
            str(PilotState(one.state).label) + (" (simulated)" if one.simulated else ""),
            one.use_case,
            f"{one.started_at:%Y-%m-%d}" if one.started_at else "",
            f"{one.ended_at or one.ends_at:%Y-%m-%d}" if one.ends_at else "",
            _decided(one),
            str(one.charter.get("title", "")),
        )
        for one in found
    ]
    names = {one.name for one in found}
    files = sorted(file.stem for file in pilots_folder(workspace).glob("*.toml") if file.stem not in names)
    rows += [(name, "a file", "", "", "", "", f"pilots/{name}.toml") for name in files]
    if not rows:
        click.echo("No pilots. `graftwork pilot new NAME --use-case X` writes a charter to start from.", err=True)
        return
    print_table(("name", "state", "use case", "started", "ends", "decided", "title"), rows)


def _decided(pilot: "Pilot") -> str:
    """The last decision and its day; empty as long as there is none."""
    last = max(pilot.decisions.all(), key=lambda one: (one.decided_at, one.pk), default=None)
    return f"{last.kind} {last.decided_at:%Y-%m-%d}" if last is not None else ""


@click.command()
@click.argument("name")
@_REASON
def pause(name: str, reason: str) -> None:
    """Take no more items in for a while.

    Nothing new is drafted until NAME is resumed.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters

    charters.pause(operator(), name, reason, timezone.now())
    click.echo(f"{name} is paused; `graftwork pilot resume {name} --reason WHY` goes on")


@click.command()
@click.argument("name")
@_REASON
def resume(name: str, reason: str) -> None:
    """Take items in again.

    The end of NAME moves by as long as the pause was.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters

    pilot = charters.resume(operator(), name, reason, timezone.now()).pilot
    click.echo(f"{name} runs until {pilot.ends_at:%Y-%m-%d}")


@click.command()
@click.argument("name")
@click.argument("kind", type=click.Choice(("go", "extend", "stop")))
@_REASON
def decide(name: str, kind: Literal["go", "extend", "stop"], reason: str) -> None:
    """Decide on NAME: go, extend or stop.

    Go and stop end it, extend moves its end. The figures as they stand are kept with the decision.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters
    from graftwork.cli.pilot_report import whole_figures

    figures = whole_figures(name, timezone.now())
    pilot = charters.decide(operator(), name, kind, reason, timezone.now(), figures).pilot
    if kind == "extend":
        click.echo(f"{name} runs until {pilot.ends_at:%Y-%m-%d}")
    else:
        click.echo(f"{name} has ended: {kind}")
    verdict = figures["verdict"]
    if verdict["ruling"] != kind:
        click.echo(f"  The charter's rule says otherwise, and both are kept: {verdict['sentence']}")


@click.command()
@click.argument("name")
@_FILE
@click.option("--reason", default="", help="Why only now: needed from the start on, and shown with the figures.")
def baseline(name: str, file: Path, reason: str) -> None:
    """Import handling times of before it.

    FILE is CSV or a workbook with the column seconds (or minutes), and as may be item_type and date. It takes the place
    of those imported earlier: before the start just so, after it as an amendment with a reason, after the end never.
    """
    workspace = open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters
    from graftwork.apps.pilots.actions.importing import import_baseline

    now, charter = timezone.now(), charter_file(workspace, name)
    with opened(file) as content:
        if stored(name) is None and charter.is_file():  # times belong to a draft, not to a file
            charters.create(operator(), read_file(charter), now)
        _tell(import_baseline(operator(), name, content, now, file_name=file.name, reason=reason), "time")


@click.command()
@click.argument("name")
@_FILE
def outcomes(name: str, file: Path) -> None:
    """Import what became of its items.

    FILE is CSV or a workbook with the columns item, kind, value and occurred_at. Made again, it stores nothing twice.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions.importing import import_outcomes

    with opened(file) as content:
        _tell(import_outcomes(operator(), name, content, timezone.now(), file_name=file.name), "outcome")


@click.command()
@click.argument("name")
def rebuild(name: str) -> None:
    """Make the sums of NAME anew.

    They come from the stored reviews and outcomes; pages show the old ones meanwhile.
    """
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.folding.actions import rebuild as rebuild_sums
    from graftwork.apps.pilots.queries import access_pilot

    items = rebuild_sums(access_pilot(operator(), name), timezone.now())
    click.echo(f"the sums of {name} are made anew from {counted(items, 'item')}")


def _tell(found: "Imported", noun: str) -> None:
    known = f", {found.known_already:,} known already" if found.known_already else ""
    click.echo(f"{counted(found.stored, noun)} stored of {counted(found.rows, 'row')}{known}")
    for line, problem in found.problems:
        click.secho(f"  line {line}: {problem}", fg="yellow", err=True)
    left_out = found.refused + found.unknown
    if left_out > len(found.problems):
        click.echo(f"  {left_out - len(found.problems):,} more could not be used", err=True)
