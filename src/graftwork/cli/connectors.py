"""`graftwork connectors`: the systems that items come from and results go back to."""

import json
from uuid import UUID

import click

from graftwork.cli.session import open_store
from graftwork.cli.tables import counted


@click.group()
def connectors() -> None:
    """Look at connected systems, and at what needs a person."""


@connectors.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.pass_context
def status(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Show connectors, or NAME alone: both directions, and what waits for a person; exit 1 where one needs somebody."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.connectors.queries import health
    from graftwork.cli.connectors_status import as_json_object, chosen, show

    found = chosen(health(operator(), timezone.now()), name)
    if as_json:
        click.echo(json.dumps(as_json_object(found), indent=2))
    else:
        show(found, timezone.now())
    ctx.exit(1 if any(one.needs_a_person for one in found) else 0)


@connectors.command()
def systems() -> None:
    """List the kinds of systems that a connector can name."""
    workspace = open_store()
    from graftwork.cli.connectors_status import show_systems

    show_systems(workspace.connectors_folder)


@connectors.command()
@click.argument("name")
@click.option(
    "--show", "count", type=click.IntRange(0, 50), default=0, help="Also print this many records, as they are."
)
def check(name: str, count: int) -> None:
    """Read the file of NAME, reach its system, and change nothing anywhere."""
    open_store()
    from graftwork.apps.connectors.files import get_connector
    from graftwork.apps.connectors.foreign import foreign
    from graftwork.apps.connectors.opening import close_systems, system_of
    from graftwork.cli.connectors_check import show_records

    file = get_connector(name)
    click.echo(f"{name}: the file is valid")
    try:
        system = system_of(file)
        with foreign():
            lines = list(system.check())
        for line in lines:
            click.echo(f"  {line}")
        if count:
            show_records(file, system, count)
    finally:
        close_systems()


@connectors.command()
@click.argument("name")
@click.pass_context
def pull(ctx: click.Context, name: str) -> None:
    """Bring in what is new in NAME now, without waiting for its time; exit 1 where that did not work out."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.connectors.files import get_connector
    from graftwork.apps.connectors.models import Direction
    from graftwork.apps.connectors.opening import close_systems
    from graftwork.apps.connectors.pulling import pull_turn
    from graftwork.apps.jobs.process import become
    from graftwork.cli.connectors_turns import require_turn, tell

    require_turn(get_connector(name), Direction.IN)
    try:
        stored = pull_turn(become(), name, at_once=True)
    finally:
        close_systems()
    refused = f", {stored.refused} could not come in" if stored.refused else ""
    click.echo(f"{counted(stored.created, 'new item')}, {stored.known} known already{refused}")
    ctx.exit(0 if tell(name, Direction.IN, timezone.now()) else 1)


@connectors.command()
@click.argument("name")
@click.pass_context
def push(ctx: click.Context, name: str) -> None:
    """Deliver what is due through NAME now; exit 1 where that did not work out."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.connectors.files import get_connector
    from graftwork.apps.connectors.models import Direction
    from graftwork.apps.connectors.opening import close_systems
    from graftwork.apps.connectors.pushing import push_turn
    from graftwork.apps.jobs.process import become
    from graftwork.cli.connectors_turns import require_turn, tell

    require_turn(get_connector(name), Direction.OUT)
    try:
        click.echo(counted(push_turn(become(), name, at_once=True), "delivery", "deliveries") + " arrived")
    finally:
        close_systems()
    ctx.exit(0 if tell(name, Direction.OUT, timezone.now()) else 1)


@connectors.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text.")
def letters(name: str | None, as_json: bool) -> None:
    """List what waits for a person: of the connector NAME, or of all."""
    open_store()
    from graftwork.cli.connectors_letters import list_letters

    list_letters(name, as_json=as_json)


@connectors.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
@click.option("--overwrite", is_flag=True, help="Deliver although the place was changed by somebody meanwhile.")
@click.option("--not-arrived", is_flag=True, help="You looked: those that were possibly sent have not arrived.")
def replay(ids: tuple[UUID, ...], overwrite: bool, not_arrived: bool) -> None:
    """Try letters again: send deliveries, read records. Those that were possibly sent only with --not-arrived."""
    open_store()
    from graftwork.cli.connectors_letters import replay_letters

    replay_letters(ids, overwrite=overwrite, not_arrived=not_arrived)


@connectors.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
def arrived(ids: tuple[UUID, ...]) -> None:
    """Say of deliveries that were possibly sent that they have arrived."""
    open_store()
    from graftwork.cli.connectors_letters import mark_as_arrived

    mark_as_arrived(ids)


@connectors.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
def drop(ids: tuple[UUID, ...]) -> None:
    """Give letters up: they are neither sent nor read again."""
    open_store()
    from graftwork.cli.connectors_letters import drop_letters

    drop_letters(ids)


@connectors.command()
@click.argument("name")
@click.option("--only", type=click.Choice(["in", "out"]), help="One direction; both where absent.")
def stop(name: str, only: str | None) -> None:
    """Let NAME rest until `start`. What is under way ends first; nothing is lost."""
    _set_lanes(name, only, running=False)


@connectors.command()
@click.argument("name")
@click.option("--only", type=click.Choice(["in", "out"]), help="One direction; both where absent.")
def start(name: str, only: str | None) -> None:
    """Let NAME run at once, whether a person stopped it or failures paused it."""
    _set_lanes(name, only, running=True)


def _set_lanes(name: str, only: str | None, *, running: bool) -> None:
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.connectors.actions.lanes import start_lane, stop_lane
    from graftwork.apps.connectors.files import get_connector
    from graftwork.cli.connectors_turns import directions_of

    for direction in directions_of(get_connector(name), only):
        (start_lane if running else stop_lane)(operator(), name, direction, timezone.now())
    click.echo(f"{name} {'runs' if running else 'is stopped'}")
