"""`graftwork token`: what programs show at the REST interface."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

from graftwork.apps.actors import SCOPES
from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table

if TYPE_CHECKING:
    from graftwork.apps.accounts.models import ApiToken

MAX_NAME_CHARACTERS = 80
MAX_DAYS = 3650


def _checked_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not value.strip() or len(value) > MAX_NAME_CHARACTERS or not value.isprintable():
        raise click.BadParameter(f"a token's name has 1 to {MAX_NAME_CHARACTERS} printable characters")
    return value


@click.group()
def token() -> None:
    """Make, list and revoke API tokens."""


@token.command()
@click.argument("name", callback=_checked_name)
@click.option("--user", "username", required=True, help="The person in whose name it acts; their roles limit it.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES),
    help="What it may do; can be repeated.",
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=90, show_default=True, help="How long it holds.")
def add(name: str, username: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token called NAME and print its secret, now and never again."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.actions import make_token
    from graftwork.apps.accounts.queries import user_by_name
    from graftwork.apps.actors import operator

    secret = make_token(operator(), user_by_name(username), name, list(scopes), timezone.now(), days=days)
    click.echo(secret)
    click.echo(f"Keep it now: it is not stored and cannot be shown again. It holds {days} days.", err=True)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_tokens(as_json: bool) -> None:
    """Show the tokens: for whom, what they may do, until when. Never shows a secret."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.models import ApiToken

    now = timezone.now()
    rows = [_row(one, now) for one in ApiToken.objects.select_related("user").order_by("name")]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo("None yet. Make one with: graftwork token add NAME --user USER --scope items:write", err=True)
        return
    print_table(
        ("name", "user", "state", "expires", "scopes"),
        [
            (str(row["name"]), str(row["user"]), str(row["state"]), str(row["expires"] or "never")[:10], _scopes(row))
            for row in rows
        ],
    )


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Make the token NAME worthless, at once and for good."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.actions import revoke_token
    from graftwork.apps.actors import operator

    revoke_token(operator(), name, timezone.now())
    click.echo(f"{name} is revoked")


def _row(one: "ApiToken", now: datetime) -> dict[str, object]:
    return {
        "name": one.name,
        "user": one.user.username,
        "state": _state(one, now),
        "scopes": one.scopes,
        "created": one.created_at.isoformat(),
        "expires": one.expires_at.isoformat() if one.expires_at else None,
    }


def _state(one: "ApiToken", now: datetime) -> str:
    if one.revoked_at is not None:
        return "revoked"
    if one.expires_at is not None and one.expires_at <= now:
        return "expired"
    return "valid" if one.user.is_active else "user disabled"


def _scopes(row: dict[str, object]) -> str:
    scopes = row["scopes"]
    return ", ".join(scopes) if isinstance(scopes, list) else ""
