"""`graftwork pilot`: trying a use case out against a control arm, from the charter to the decision."""

import click

from graftwork.cli.pilot_charters import amend, check, new, start
from graftwork.cli.pilot_figures import export, report, verify
from graftwork.cli.pilot_running import baseline, decide, list_pilots, outcomes, pause, rebuild, resume


@click.group()
def pilot() -> None:
    """Try a use case against a control arm, and see whether it pays."""


for _command in (
    amend,
    baseline,
    check,
    decide,
    export,
    list_pilots,
    new,
    outcomes,
    pause,
    rebuild,
    report,
    resume,
    start,
    verify,
):
    pilot.add_command(_command)
