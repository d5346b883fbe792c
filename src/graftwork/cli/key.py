"""`graftwork gateway key`: the virtual keys that applications show at the gateway."""

import json
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table
from graftwork.core.errors import did_you_mean

if TYPE_CHECKING:
    from graftwork.apps.traffic.models import VirtualKey
    from graftwork.apps.traffic.queries import Used

MAX_DAYS = 3650
MAX_TOKENS = 10**15
COUNT = click.IntRange(1, 2**31 - 1)
TOKENS = click.IntRange(1, MAX_TOKENS)


def _money(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise click.BadParameter("is not an amount") from None
    if not amount.is_finite() or not 0 < amount < 10**8:
        raise click.BadParameter("must be over 0 and under 100,000,000")
    return amount.quantize(Decimal("0.000001"))


@click.group()
def key() -> None:
    """Make, list and revoke virtual keys."""


@key.command()
@click.argument("name")
@click.option("--use-case", "use_cases", multiple=True, help="A use case it is for; can be repeated. All if absent.")
@click.option("--engine", "engines", multiple=True, help="An engine it may use; can be repeated. All if absent.")
@click.option(
    "--managed", type=click.Choice(["never", "masked", "allowed"]), default=None,
    help="What may go to a managed engine; `gateway.managed` if absent.",
)  # fmt: skip
@click.option("--tenant", default="", help="Keys of one tenant share their threads; by itself if absent.")
@click.option("--requests-per-minute", type=COUNT, help="Rate limit.")
@click.option("--tokens-per-minute", type=COUNT, help="Rate limit.")
@click.option("--tokens-per-day", type=TOKENS, help="Budget, by days of UTC.")
@click.option("--tokens-per-month", type=TOKENS, help="Budget, by months of UTC.")
@click.option("--money-per-day", callback=_money, help="Budget, in the currency of the engines' prices.")
@click.option("--money-per-month", callback=_money, help="Budget, in the currency of the engines' prices.")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=90, show_default=True, help="How long it holds.")
def create(
    name: str,
    use_cases: tuple[str, ...],
    engines: tuple[str, ...],
    managed: str | None,
    tenant: str,
    requests_per_minute: int | None,
    tokens_per_minute: int | None,
    tokens_per_day: int | None,
    tokens_per_month: int | None,
    money_per_day: Decimal | None,
    money_per_month: Decimal | None,
    days: int,
) -> None:
    """Make a key called NAME and print it, now and never again."""
    workspace = open_store()
    _check_engines(workspace.folder, engines)
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.traffic.actions import KeyLimits, create_key

    limits = KeyLimits(
        requests_per_minute, tokens_per_minute, tokens_per_day, tokens_per_month, money_per_day, money_per_month
    )
    secret = create_key(
        operator(), name, timezone.now(), use_cases=use_cases, engines=engines, managed=managed or "", tenant=tenant,
        limits=limits, days=days,
    )  # fmt: skip
    click.echo(secret)
    click.echo(f"Keep it now: it is not stored and cannot be shown again. It holds {days} days.", err=True)


@key.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_keys(as_json: bool) -> None:
    """Show the keys: what they may do, until when, what they used this month. Never shows a secret."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.traffic.queries import keys_with_use

    now = timezone.now()
    found = keys_with_use(now)
    rows = [_row(one, used, now) for one, used in found]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo("None yet. Make one with: graftwork gateway key create NAME", err=True)
        return
    print_table(
        ("name", "state", "expires", "managed", "calls this month", "tokens", "money"),
        [
            (
                str(row["name"]), str(row["state"]), str(row["expires"] or "never")[:10],
                str(row["managed"] or "as [gateway]"), f"{used.requests:,}", f"{used.tokens:,}", shown(used.money),
            )
            for row, (_, used) in zip(rows, found, strict=True)
        ],
    )  # fmt: skip


@key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Make the key NAME worthless for good; a running gateway follows within seconds."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.traffic.actions import revoke_key

    revoke_key(operator(), name, timezone.now())
    click.echo(f"{name} is revoked")


def _check_engines(folder: Path, names: tuple[str, ...]) -> None:
    """A misspelt name would make a key that may use nothing."""
    engines = import_module("graftwork.gateway.engines")  # by name: nothing here stands above the gateway
    known = engines.read_tables(folder / engines.FILE_NAME)
    for name in names:
        # What `graftwork up` serves itself is known to its own processes only.
        if name not in known and not name.startswith(engines.ATTACHED_PREFIX):
            nearest = did_you_mean(name, list(known))
            raise click.BadParameter(f"engines.toml names no engine `{name}`{nearest}", param_hint="--engine")


def shown(money: Decimal) -> str:
    """As prices are written; calls may cost a part of a cent."""
    return "<0.01" if 0 < money < Decimal("0.01") else f"{money:,.2f}"


def _row(one: "VirtualKey", used: "Used", now: datetime) -> dict[str, object]:
    return {
        "name": one.name,
        "state": _state(one, now),
        "tenant": one.tenant,
        "use_cases": one.use_cases,
        "engines": one.engines,
        "managed": one.managed,
        "created": one.created_at.isoformat(),
        "expires": one.expires_at.isoformat() if one.expires_at else None,
        "requests": used.requests,
        "tokens": used.tokens,
        "money": f"{used.money:f}",
    }


def _state(one: "VirtualKey", now: datetime) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "expired" if one.expires_at is not None and one.expires_at <= now else "valid"
