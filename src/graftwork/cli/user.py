"""`graftwork user`: people, their roles, and the links that sign them in."""

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table
from graftwork.core.errors import RequestInvalid
from graftwork.core.usecase_tables import ROLES

if TYPE_CHECKING:
    from graftwork.apps.accounts.models import User

_MINUTES = click.IntRange(1, 7 * 24 * 60)
_ROLE = click.Choice(ROLES)


@click.group()
def user() -> None:
    """Add people, give roles, make sign-in links."""


@user.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=_ROLE, help="A role to give; can be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read a password from the first line of standard input.")
def add(name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add a person called NAME. Without a password they come in by a sign-in link."""
    password = _password() if password_stdin else None
    open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.actors import operator

    add_user(operator(), name, list(roles), timezone.now(), password=password)
    click.echo(f"Added {name}, {_roles_text(roles)}")
    if not roles:
        click.echo(f"Give a role with: graftwork user role {name} --give reviewer", err=True)
    if password is None:
        click.echo(f"Sign them in with:  graftwork user link {name}", err=True)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_users(as_json: bool) -> None:
    """Show the people, their roles, and whether they may sign in."""
    open_store()
    from graftwork.apps.accounts.models import User

    people = User.objects.prefetch_related("role_grants").order_by("username")
    rows = [(one, sorted(grant.role for grant in one.role_grants.all())) for one in people]
    if as_json:
        click.echo(json.dumps([_row(one, roles) for one, roles in rows], indent=2))
        return
    if not rows:
        click.echo("Nobody yet. Add somebody with: graftwork user add NAME --role reviewer", err=True)
        return
    print_table(
        ("name", "roles", "state", "last sign-in (UTC)"),
        [
            (
                one.username,
                ", ".join(roles) or "none",
                "active" if one.is_active else "disabled",
                f"{one.last_login:%Y-%m-%d %H:%M}" if one.last_login else "never",
            )
            for one, roles in rows
        ],
    )


@user.command()
@click.argument("name")
@click.option("--give", multiple=True, type=_ROLE, help="A role to give; can be repeated.")
@click.option("--take", multiple=True, type=_ROLE, help="A role to take away; can be repeated.")
def role(name: str, give: tuple[str, ...], take: tuple[str, ...]) -> None:
    """Give roles to NAME or take them away: all that is asked for, or nothing."""
    if not give and not take:
        raise click.UsageError("say which role: --give ROLE or --take ROLE")
    open_store()
    from django.db import transaction
    from django.utils import timezone

    from graftwork.apps.accounts.actions import give_role, take_role
    from graftwork.apps.accounts.queries import actor_for_user, user_by_name
    from graftwork.apps.actors import operator

    person, now = user_by_name(name), timezone.now()
    with transaction.atomic():
        for one in take:
            take_role(operator(), person, one, now)
        for one in give:
            give_role(operator(), person, one, now)
    click.echo(f"{name}: {_roles_text(sorted(actor_for_user(person).roles))}")


@user.group()
def group() -> None:
    """Say who belongs to which group: sources and use cases can be kept to some."""


@group.command("add")
@click.argument("group_name", metavar="GROUP")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def add_to(group_name: str, names: tuple[str, ...]) -> None:
    """Put each NAME into GROUP, all or none; they read and review what is open to it."""
    _change_group("add_to_group", group_name, names)
    click.echo(f"{group_name}: added {', '.join(names)}")


@group.command("remove")
@click.argument("group_name", metavar="GROUP")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def remove_from(group_name: str, names: tuple[str, ...]) -> None:
    """Take each NAME out of GROUP, all or none."""
    _change_group("take_from_group", group_name, names)
    click.echo(f"{group_name}: took out {', '.join(names)}")


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def list_groups(as_json: bool) -> None:
    """Show the groups and who belongs to each."""
    open_store()
    from graftwork.apps.accounts.queries import members_by_group

    found = members_by_group()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif found:
        print_table(("group", "members"), [(one, ", ".join(members)) for one, members in found.items()])
    else:
        click.echo("None yet. Put somebody into one with: graftwork user group add GROUP NAME", err=True)


@user.command()
@click.argument("name")
@click.option("--minutes", type=_MINUTES, default=30, show_default=True, help="How long it holds.")
def link(name: str, minutes: int) -> None:
    """Print a link that signs NAME in, once. Give it to nobody else: whoever opens it is NAME."""
    workspace = open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.actions import make_sign_in_link
    from graftwork.apps.accounts.queries import user_by_name
    from graftwork.apps.actors import operator

    person, now = user_by_name(name), timezone.now()
    if not person.is_active:
        raise RequestInvalid("NAME", f"{name} is disabled, so no link would work; `graftwork user enable {name}` first")
    secret = make_sign_in_link(operator(), person, now, minutes=minutes)
    click.echo(f"{workspace.base_url}/sign-in/{secret}")
    click.echo(f"It works once, until {now + timedelta(minutes=minutes):%Y-%m-%d %H:%M} UTC.", err=True)


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut NAME out; their sessions, links and tokens no longer count."""
    _set_active(name, active=False)
    click.echo(f"{name} is shut out")


@user.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let NAME in again."""
    _set_active(name, active=True)
    click.echo(f"{name} may sign in again")


def _change_group(action: str, group_name: str, names: tuple[str, ...]) -> None:
    open_store()
    from django.db import transaction
    from django.utils import timezone

    from graftwork.apps.accounts import actions
    from graftwork.apps.accounts.queries import user_by_name
    from graftwork.apps.actors import operator

    now = timezone.now()
    with transaction.atomic():
        for name in names:
            getattr(actions, action)(operator(), user_by_name(name), group_name, now)


def _set_active(name: str, *, active: bool) -> None:
    open_store()
    from django.utils import timezone

    from graftwork.apps.accounts.actions import set_active
    from graftwork.apps.accounts.queries import user_by_name
    from graftwork.apps.actors import operator

    set_active(operator(), user_by_name(name), timezone.now(), active=active)


def _password() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.UsageError("--password-stdin was given, but standard input is empty")
    return line


def _roles_text(roles: "tuple[str, ...] | list[str]") -> str:
    return f"with the role{'s' if len(roles) > 1 else ''} {', '.join(roles)}" if roles else "with no role yet"


def _row(person: "User", roles: list[str]) -> dict[str, object]:
    return {
        "name": person.username,
        "number": person.pk,
        "roles": roles,
        "active": person.is_active,
        "has_password": person.has_usable_password(),
        "last_sign_in": person.last_login.isoformat() if person.last_login else None,
    }
