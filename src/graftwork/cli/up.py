import time

import click

from graftwork.cli.ports import refuse_taken_port
from graftwork.cli.session import open_store
from graftwork.config.workspace import Workspace


@click.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Worker processes.")
def up(workers: int) -> None:
    """Serve the desk and draft what comes in, until stopped.

    Starts the embedded engine, the web server and the workers, and keeps them alive. Ctrl-C or SIGTERM ends all of
    them; what is being drafted goes back into the queue.
    """
    serve(open_store(), workers=workers)


def serve(workspace: Workspace, *, workers: int = 1, greeting: str = "") -> None:
    """Everything under one roof, until a signal. `greeting` is printed once the desk answers."""
    from graftwork.apps.work.usecases import all_usecases
    from graftwork.cli.supervisor import Supervisor

    started = time.monotonic()
    use_cases, broken = all_usecases()
    for error in broken:
        click.echo(f"{error.code}: {error}", err=True)
    web, gateway = workspace.settings.web, workspace.settings.gateway
    refuse_taken_port(web.host, web.port, "web")
    if gateway.enabled:
        refuse_taken_port(gateway.host, gateway.port, "gateway")
    supervisor = Supervisor(workspace, use_cases, workers)
    supervisor.stop_on_signals()
    try:
        supervisor.start()
        if not supervisor.stopping.is_set():
            click.echo(f"Ready in {time.monotonic() - started:.1f} s: {workspace.base_url}  (Ctrl-C stops it)")
            if workspace.settings.gateway.enabled:
                click.echo(f"The gateway: {workspace.gateway_url}")
            click.echo(greeting or _first_steps())
            supervisor.serve()
    finally:
        click.echo("Stopping ...", err=True)
        supervisor.stop()


def _first_steps() -> str:
    from graftwork.apps.accounts.models import User

    if User.objects.exists():
        return "Sign-in links: `graftwork user link NAME`."
    return "Nobody can sign in yet: `graftwork user add NAME --role reviewer`, then `graftwork user link NAME`."
