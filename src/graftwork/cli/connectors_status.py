"""Connectors as lines and as JSON, and the kinds of systems there are."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from graftwork.apps.connectors.models import DeliveryState
from graftwork.apps.connectors.queries import Health, LaneHealth
from graftwork.cli.tables import counted
from graftwork.core.errors import did_you_mean
from graftwork.systems.errors import ConnectorError, ConnectorNotFound
from graftwork.systems.http.library import describe, system_files
from graftwork.systems.registry import KINDS

COLOURS = {"running": "green", "waiting": "green", "failing": "yellow", "paused": "red", "broken": "red"}
WORDS = {"in": "in ", "out": "out"}
LETTER_WORDS = {
    DeliveryState.DEAD: "could not be delivered",
    DeliveryState.CONFLICT: "changed there meanwhile",
    DeliveryState.UNSURE: "possibly sent",
}


def chosen(found: Sequence[Health], name: str | None) -> Sequence[Health]:
    """All, or the one called `name`. Raises `ConnectorNotFound`."""
    if name is None:
        return found
    mine = [one for one in found if one.name == name]
    if not mine:
        raise ConnectorNotFound(name, did_you_mean(name, [one.name for one in found]))
    return mine


def show(found: Sequence[Health], now: datetime) -> None:
    if not found:
        click.echo("None yet: a connector is a file in the folder connectors/.", err=True)
    for one in found:
        title = f"  {one.file.system}, use case {one.file.use_case}" if one.file else ""
        click.secho(one.name, bold=True, nl=False)
        click.echo(title)
        if one.error is not None:
            click.secho(f"  {one.error.code}: {one.error.message}", fg="red")
            click.echo(f"    {one.error.hint}")
        elif one.file is None:
            click.secho("  its file is gone; what it left is still here", fg="red")
        for lane in one.lanes:
            show_lane(lane, now)
        show_counts(one)


def show_lane(lane: LaneHealth, now: datetime) -> None:
    click.echo(f"  {WORDS[lane.direction.value]} ", nl=False)
    click.secho(lane.standing, fg=COLOURS.get(lane.standing), nl=False)
    what = "item" if lane.direction == "in" else "delivery"
    told = [counted(lane.done, what, "deliveries" if what == "delivery" else "")]
    told.append(f"last {_ago(lane.succeeded_at, now)}" if lane.succeeded_at else "never yet")
    if lane.next_at is not None and lane.next_at > now and lane.standing not in ("stopped", "disabled"):
        told.append(f"next in {_duration((lane.next_at - now).total_seconds())}")
    if lane.failures:
        told.append(f"{counted(lane.failures, 'failure')} in a row")
    click.echo(", " + ", ".join(told))
    if lane.error_code:
        click.echo(f"      {lane.error_code}: {lane.error_message}")


def show_counts(one: Health) -> None:
    waiting = one.deliveries.get(DeliveryState.WAITING, 0) + one.deliveries.get(DeliveryState.SENDING, 0)
    gone = one.file is None and one.error is None
    if waiting and not gone:
        click.echo(f"  {waiting} on the way out")
    letters = [f"{waiting} not delivered"] if waiting and gone else []
    letters += [
        f"{one.deliveries[state]} {words}" for state, words in LETTER_WORDS.items() if one.deliveries.get(state)
    ]
    letters += [f"{one.refusals} could not come in"] if one.refusals else []
    if letters:
        click.secho(f"  for a person: {', '.join(letters)}", fg="yellow", nl=False)
        click.echo(f"  (graftwork connectors letters {one.name})")


def as_json_object(found: Sequence[Health]) -> dict[str, Any]:
    return {"connectors": [_connector(one) for one in found]}


def _connector(one: Health) -> dict[str, Any]:
    return {
        "name": one.name,
        "system": one.file.system if one.file else None,
        "use_case": one.file.use_case if one.file else None,
        "error": {"code": one.error.code, "message": one.error.message} if one.error else None,
        "lanes": [_lane(lane) for lane in one.lanes],
        "deliveries": dict(one.deliveries),
        "refused_records": one.refusals,
        "needs_a_person": one.needs_a_person,
    }


def _lane(lane: LaneHealth) -> dict[str, Any]:
    return {
        "direction": lane.direction.value,
        "standing": lane.standing,
        "done": lane.done,
        "failures_in_a_row": lane.failures,
        "succeeded_at": lane.succeeded_at.isoformat() if lane.succeeded_at else None,
        "next_at": lane.next_at.isoformat() if lane.next_at else None,
        "error": {"code": lane.error_code, "message": lane.error_message} if lane.error_code else None,
    }


def show_systems(connectors_folder: Path) -> None:
    for kind in KINDS.values():
        click.echo(f"{kind.name:<26} {kind.title}")
    for name, file in sorted(system_files(connectors_folder).items()):
        click.echo(f"{name:<26} {_title(file)}")


def _title(file: Path) -> str:
    try:
        return describe(file).title
    except ConnectorError as error:
        return f"{error.code}: {error.message}"


def _ago(when: datetime, now: datetime) -> str:
    return f"{_duration((now - when).total_seconds())} ago"


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
