import click

from graftwork.cli import lifeline
from graftwork.cli.session import open_store

MAX_NAME_CHARACTERS = 60


@click.command()
@click.option("--name", help="A name that stays the same over restarts; one of its own where absent.")
@click.option("--only", type=click.Choice(["drafting", "connectors"]), help="One kind of work; both where absent.")
def worker(name: str | None, only: str | None) -> None:
    """Draft what comes in, without the web pages. Run as many as you like, on any host that reaches the database.

    Drafting keeps a worker busy for a minute at a time: where there are connectors, give them a worker of their own.
    A worker with a --name takes over at once what it held before a crash; without one that waits for
    `worker.lease_seconds`. Two workers must never share a name.
    """
    if name is not None and len(name) > MAX_NAME_CHARACTERS:
        raise click.BadParameter(f"at most {MAX_NAME_CHARACTERS} characters", param_hint="--name")
    open_store()
    from graftwork.apps.jobs.process import CONNECTORS, DRAFTING, QUEUES, become
    from graftwork.apps.jobs.worker import run_worker

    lifeline.hold()
    queues = {"drafting": (DRAFTING,), "connectors": (CONNECTORS,)}
    run_worker(become(name, queues[only] if only else QUEUES))
