"""The pilot of the demo: a whole charter, two arms and a verdict, of reviews that nobody made."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graftwork.config.workspace import Workspace
from graftwork.core.charter.file import read_charter

if TYPE_CHECKING:
    from graftwork.apps.pilots.models import Pilot

CHARTER = Path(__file__).with_name("templates") / "drafts_in_support.toml"
ITEMS = 1_500
EFFECT_SECONDS = 130.0


def show_simulated_pilot(workspace: Workspace) -> None:
    """Make the pilot, where it is not there yet, and print its verdict and the address of its page."""
    from django.utils import timezone

    from graftwork.apps.pilots.figures import appraised

    now = timezone.now()
    pilot = _made(now)
    if pilot is None:
        return
    click.echo(
        f"\nPilot {pilot.name} (simulated: its {ITEMS:,} reviews were made up, to show what a pilot looks like):"
    )
    click.echo(f"  {appraised(pilot, now).verdict.sentence}")
    click.echo(f"  {workspace.base_url}/pilots/{pilot.name}")


def _made(now: datetime) -> "Pilot | None":
    """The one that is there, else a new one; `None` where somebody has a real one of that name."""
    from django.db import transaction

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions.charters import create
    from graftwork.apps.pilots.models import Pilot
    from graftwork.apps.pilots.simulating import simulate

    charter = read_charter(CHARTER)
    known = Pilot.objects.filter(name=charter.name).first()
    if known is not None:
        return known if known.simulated else None
    click.echo(f"Making a pilot that nobody took part in: {ITEMS:,} simulated reviews in two arms ...")
    with transaction.atomic():  # stopped on its way, it leaves nothing
        pilot = create(operator(), charter, now, simulated=True)
        return simulate(operator(), pilot, items=ITEMS, now=now, effect_seconds=EFFECT_SECONDS)
