"""`graftwork audit`: proving that the record of who did what is whole."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graftwork.cli.session import open_store
from graftwork.core.errors import AnchorInvalid

if TYPE_CHECKING:
    from graftwork.apps.audit.queries import Verdict

ANCHOR_FILE = "audit-anchor.json"
SHORT_CODE_CHARACTERS = 16


@click.group()
def audit() -> None:
    """Verify the chain of audit entries."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of two lines.")
def verify(as_json: bool) -> None:
    """Check every audit entry; exit 1 where one was changed, removed, added or put elsewhere.

    The end of the chain is noted in data/audit-anchor.json, and the next check compares with it: so an older copy of
    the whole database is found too. Keep a copy of that file outside this machine.
    """
    workspace = open_store()
    from graftwork.apps.audit import queries

    file = workspace.data_folder / ANCHOR_FILE
    verdict = queries.verify()
    compared = file.is_file()
    _check_anchor(verdict, file)
    queries.write_anchor(verdict, file)
    last = verdict.mac.hex()[:SHORT_CODE_CHARACTERS]
    if as_json:
        click.echo(json.dumps({"entries": verdict.entries, "last_code": verdict.mac.hex(), "compared": compared}))
        return
    click.echo(f"{verdict.entries} audit entries, unbroken; the last code is {last}")
    with_what = "agrees with the check before" if compared else "is noted for the next check; there was none before"
    click.echo(f"The end of the chain {with_what} ({file})")


def _check_anchor(verdict: "Verdict", file: Path) -> None:
    from graftwork.apps.audit import queries

    try:
        queries.check_anchor(verdict, file)
    except (ValueError, KeyError, TypeError):
        raise AnchorInvalid(str(file)) from None
