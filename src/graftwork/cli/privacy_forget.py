"""`graftwork privacy forget`: deleting the values of one scope before their time is over."""

import click

from graftwork.cli.privacy_journal import forget_journals
from graftwork.cli.session import open_store
from graftwork.cli.tables import counted
from graftwork.core.privacy.book import scope_of


@click.command()
@click.option("--scope", help="A scope of masked files.")
@click.option("--thread", metavar="USECASE/THREAD", help="The thread of a use case.")
def forget(scope: str | None, thread: str | None) -> None:
    """Delete the values behind the placeholders of one scope, and their key.

    What was masked with them can never be restored again. The audit log says who did it, and how many there were.
    """
    if (scope is None) == (thread is None):
        raise click.UsageError("Give either --scope or --thread.")
    name = scope_of("files", scope) if scope is not None else _of_thread(thread or "")
    workspace = open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.vault.forgetting import forget_placeholders

    count = forget_placeholders(operator(), name)
    forget_journals(workspace.data_folder / "privacy", name)
    click.echo(f"{counted(count, 'placeholder')} forgotten")


def _of_thread(thread: str) -> str:
    use_case, slash, rest = thread.partition("/")
    if not (use_case and slash and rest):
        raise click.UsageError("--thread is USECASE/THREAD.")
    return scope_of("work", f"{use_case}:{rest}")  # as apps.work names the threads of its items
