import click

from graftwork.cli import lifeline
from graftwork.cli.session import open_store

MAX_NAME_CHARACTERS = 60


@click.command()
@click.option("--name", help="A name that stays the same over restarts; one of its own where absent.")
def worker(name: str | None) -> None:
    """Draft what comes in, without the web pages. Run as many as you like, on any host that reaches the database.

    A worker with a --name takes over at once what it held before a crash; without one that waits for
    `worker.lease_seconds`. Two workers must never share a name.
    """
    if name is not None and len(name) > MAX_NAME_CHARACTERS:
        raise click.BadParameter(f"at most {MAX_NAME_CHARACTERS} characters", param_hint="--name")
    open_store()
    from graftwork.apps.jobs.process import become
    from graftwork.apps.jobs.worker import run_worker

    lifeline.hold()
    run_worker(become(name))
