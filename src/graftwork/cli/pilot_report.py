"""The appraisal of a pilot as text."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import click

from graftwork.apps.actors import operator
from graftwork.apps.pilots.exports import actions, words
from graftwork.apps.pilots.figures import appraised, freshness
from graftwork.apps.pilots.folding.actions import fold
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import access_pilot
from graftwork.cli.tables import counted, print_table
from graftwork.core.appraisal.data import Appraisal, MetricFinding
from graftwork.core.appraisal.sentences import TROUBLES, UNKNOWN, effect_sentence
from graftwork.core.appraisal.verdict import drawn
from graftwork.core.errors import PilotStateWrong
from graftwork.core.stats import Estimate


def whole_figures(name: str, now: datetime) -> dict[str, Any]:
    """The figures with every decided item in them. Raises `NotFound`, or `PilotStateWrong` where it never started."""
    return actions.figures(_up_to_date(name, now), now)


def show(name: str, now: datetime) -> None:
    pilot = _up_to_date(name, now)
    found = appraised(pilot, now)
    for line in _extended(pilot):
        click.echo(line)
    click.echo(found.verdict.sentence)
    for reason in found.verdict.reasons:
        click.echo(f"  - {reason}")
    click.echo(f"\n{_about(pilot)}")
    _section("Effect", [effect_sentence(found.primary.metric, found.primary.now, drawn(pilot.as_charter))])
    _metrics(found)
    _section("Guards", [one.sentence for one in found.guards])
    _section("Money", [found.money.sentence, *_to_name(pilot, found)])
    _section("To know", [*found.notes, *_waiting(pilot, now)])


def _up_to_date(name: str, now: datetime) -> Pilot:
    pilot = access_pilot(operator(), name)
    if pilot.started_at is None:
        raise PilotStateWrong(name, str(PilotState(pilot.state).label), "started")
    while fold(pilot, now):
        pass
    pilot.refresh_from_db()
    return pilot


def _extended(pilot: Pilot) -> Iterator[str]:
    """That it was extended; go and stop stand in the verdict."""
    for one in pilot.decisions.filter(kind="extend").order_by("decided_at", "pk"):
        yield f"Extended on {words.day(one.decided_at)}: {one.reason}"


def _to_name(pilot: Pilot, found: Appraisal) -> Iterator[str]:
    """Where to say what the figures of money lack."""
    if found.money.monthly_cost is None:
        yield (
            f"What drafts cost: input_price_per_million and output_price_per_million of the engine in the file of "
            f"{pilot.use_case}; for own machines money.machine_hours_per_month and money.cost_per_machine_hour in the "
            "charter. The pilot's page asks What if."
        )


def _about(pilot: Pilot) -> str:
    simulated = "Simulated: nobody made these reviews. " if pilot.simulated else ""
    end = f"ended {words.day(pilot.ended_at)}" if pilot.ended_at else f"planned until {words.day(pilot.ends_at)}"
    amended = counted(pilot.amendments.count(), "amendment")
    return (
        f"{simulated}{pilot.as_charter.title} ({pilot.name}), {PilotState(pilot.state).label}: started "
        f"{words.day(pilot.started_at)}, {end}. Charter {pilot.charter_sha256[:12]}, {amended}."
    )


def _metrics(found: Appraisal) -> None:
    click.echo()
    headers = ("metric", "assisted", "control", "improvement", "units")
    print_table(headers, [_row(one) for one in (found.primary, *found.others)])


def _row(one: MetricFinding) -> tuple[str, ...]:
    now = one.now
    trouble = TROUBLES.get(now.trouble) or UNKNOWN
    found = words.improvement(one.metric, now) if now.difference is not None else trouble
    units = f"{now.units_assisted:,} + {now.units_control:,}"
    return (one.metric.title, _mean(one.arms.get("assisted")), _mean(one.arms.get("control")), found, units)


def _mean(found: Estimate | None) -> str:
    return UNKNOWN if found is None else words.quantity(found.value, found.unit)


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")


def _waiting(pilot: Pilot, now: datetime) -> Iterator[str]:
    found = freshness(pilot, now)
    if found.rebuilding:
        yield "The sums are being made anew; these are the earlier ones."
    elif found.waiting:
        yield f"{counted(found.waiting, 'item')} decided just now {'is' if found.waiting == 1 else 'are'} not in yet."
