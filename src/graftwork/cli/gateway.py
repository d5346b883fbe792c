"""`graftwork gateway`: the process that other applications ask models through, and what belongs to it."""

from importlib import import_module

import click

from graftwork.cli import lifeline
from graftwork.cli.key import key
from graftwork.cli.ports import refuse_taken_port
from graftwork.cli.session import open_store
from graftwork.config.workspace import open_workspace


@click.group(invoke_without_command=True)
@click.option("--host", help="Address to listen on; `gateway.host` where absent.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on; `gateway.port` where absent.")
@click.pass_context
def gateway(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Serve models to other applications: masked, routed, counted.

    Without a subcommand it runs until stopped, and speaks OpenAI's and Anthropic's APIs. engines.toml in the workspace
    says which engines there are.
    """
    if ctx.invoked_subcommand is None:
        _serve(host, port)


def _serve(host: str | None, port: int | None) -> None:
    # By name, as the server loads the application: nothing here stands above the gateway. Before the store: see there.
    import_module("graftwork.gateway.searching").prepare(open_workspace())
    workspace = open_store()
    from graftwork.cli.serving import serve

    settings = workspace.settings.gateway
    host, port = host or settings.host, port or settings.port
    refuse_taken_port(host, port, "gateway")
    lifeline.hold()
    address = f"[{host}]" if ":" in host else host
    serve(
        "graftwork.gateway.asgi:application",
        f"Gateway ready at http://{address}:{port}/v1 \u00b7 Ctrl+C stops it",
        factory=True,
        host=host,
        port=port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )


gateway.add_command(key)
