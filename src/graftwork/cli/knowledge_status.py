"""How `graftwork knowledge` shows sources."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from graftwork.cli.tables import counted
from graftwork.config.workspace import Workspace

if TYPE_CHECKING:
    from graftwork.apps.knowledge.status import SourceStatus

MOST_FAILURES = 20


def show_source(one: "SourceStatus") -> None:
    """One source in a few lines."""
    click.secho(one.name, bold=True, nl=False)
    click.echo(f"  {one.kind}{f' {one_line(one.location)}' if one.location else ''}, {open_to(one.groups)}")
    size = _size(one.size_bytes)
    click.echo(f"  {counted(one.documents, 'document')}, {counted(one.passages, 'passage')}, {size}")
    click.echo(f"  last refresh {_time(one)}; used by {', '.join(one.used_by) or 'no use case'}")
    if one.outdated:
        what = counted(one.outdated, "document")
        click.secho(f"  {what} not searched until: graftwork knowledge refresh {one.name}", fg="yellow")
    if one.notices:
        codes = ", ".join(f"{count:,} {code}" for code, count in sorted(one.notices.items()))
        click.echo(f"  notices: {codes} (the page of a document in the desk has the words)")
    for failure in one.failures[:MOST_FAILURES]:
        click.secho(f"  failed: {one_line(failure.reason)} ({failure.code})", fg="red")
    if len(one.failures) > MOST_FAILURES:
        click.echo(f"  and {len(one.failures) - MOST_FAILURES:,} more; --json names all")


def watched_usecases(workspace: Workspace) -> set[str]:
    """The use cases that somebody uses here: those of the workspace, and those that ship with us and have items."""
    from graftwork.apps.work.models import Item

    own = {file.stem for file in workspace.usecases_folder.glob("*.toml")}
    return own | set(Item.objects.order_by().values_list("use_case", flat=True).distinct())


def open_to(groups: Sequence[str]) -> str:
    return f"open to {', '.join(groups)}" if groups else "open to everybody in the workspace"


def one_line(text: str) -> str:
    """For the terminal: what a document holds must not steer it."""
    return "".join(character if character.isprintable() else " " for character in text)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1_000_000 else f"{-(-count // 1_000):,} kB"


def _time(one: "SourceStatus") -> str:
    if one.kind == "feed":
        return "none: programs fill it"
    return f"{one.refreshed_at:%Y-%m-%d %H:%M} UTC" if one.refreshed_at else "never"
