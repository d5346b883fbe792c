"""What a command may ask of a connector, and how the connector stands after a turn at it."""

from datetime import datetime

import click

from graftwork.apps.actors import operator
from graftwork.apps.connectors.models import Direction
from graftwork.apps.connectors.queries import directions, health_of
from graftwork.cli.connectors_status import show_counts, show_lane
from graftwork.systems.file import ConnectorFile

REASONS = {
    "stopped": "a person has stopped it; `graftwork connectors start {name}` lets it run",
    "disabled": "its file says `enabled = false`",
    "running": "another worker is at it",
}
WORDS = {Direction.IN: "nothing comes in through `{name}`", Direction.OUT: "nothing goes out through `{name}`"}


def directions_of(file: ConnectorFile, only: str | None = None) -> list[Direction]:
    """Those that the file has, or of them the one that was asked for. Raises a usage error where there is none."""
    found = [direction for direction in directions(file) if only in (None, direction.value)]
    if only is not None and not found:
        raise click.UsageError(WORDS[Direction(only)].format(name=file.name))
    return found


def require_turn(file: ConnectorFile, direction: Direction) -> None:
    """Raises a usage error where there is nothing to do in that direction."""
    directions_of(file, direction.value)
    if direction == Direction.IN and file.pull is None:
        raise click.UsageError(f"`{file.name}` is called by its system, at POST /connect/{file.name}; it never looks")


def tell(name: str, direction: Direction, now: datetime) -> bool:
    """Print what keeps it from being all well, if anything does; whether the turn came to what it was for."""
    one = health_of(operator(), name, now)
    lane = next((lane for lane in one.lanes if lane.direction == direction), None)
    if lane is None:
        return False
    hindered = lane.standing in REASONS
    if hindered:
        click.echo("  " + REASONS[lane.standing].format(name=name))
    if lane.error_code or hindered or lane.standing != "waiting":
        show_lane(lane, now)
    show_counts(one)
    return not (hindered or lane.error_code)
