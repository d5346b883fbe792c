"""`graftwork keys`: the master keys that the stored content depends on."""

import json

import click

from graftwork.apps.keyring import in_environment, keyring
from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table


@click.group()
def keys() -> None:
    """List and rotate the encryption keys."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_keys(as_json: bool) -> None:
    """Show the master keys by id, which one is active, and how many scopes each wraps. Never shows a key."""
    open_store()
    from graftwork.apps.vault.queries import scopes_by_master_key

    ring, scopes = keyring(), scopes_by_master_key()
    ids = [*ring.master_keys, *(key_id for key_id in scopes if key_id not in ring.master_keys)]
    rows: list[dict[str, object]] = [
        {
            "id": key_id,
            "active": key_id == ring.active_id,
            "present": key_id in ring.master_keys,
            "scopes": scopes.get(key_id, 0),
        }
        for key_id in ids
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    print_table(("id", "state", "scopes"), [(str(row["id"]), _state(row), str(row["scopes"])) for row in rows])


@keys.command()
def rotate() -> None:
    """Make a new master key and wrap every scope's key with it.

    The old keys stay in the key file, because backups of the database need them. Running processes follow by
    themselves. Can be repeated after a crash.
    """
    workspace = open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.vault.actions import rotate as rotate_keys

    count = rotate_keys(operator())
    click.echo(f"{keyring().active_id} is the active key now; {count} scopes were wrapped with it again")
    if not in_environment():
        click.echo(f"Put a new copy of {workspace.key_file} where your backups are: without it they cannot be read")


def _state(row: dict[str, object]) -> str:
    if not row["present"]:
        return "missing from the key file"
    return "active" if row["active"] else "kept for backups"
