"""`graftwork mcp`: the company's own assistant searches, submits and reads through these tools."""

import os
from importlib import import_module

import click

from graftwork.cli.ports import refuse_taken_port
from graftwork.cli.session import open_store

TOKEN_VARIABLE = "GRAFTWORK_TOKEN"  # noqa: S105 - its name


@click.command()
@click.option("--http", is_flag=True, help="Listen for HTTP instead of speaking over stdin and stdout.")
@click.option("--host", help="Address to listen on; `mcp.host` where absent.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on; `mcp.port` where absent.")
def mcp(http: bool, host: str | None, port: int | None) -> None:
    """Let an assistant search, submit items and read results.

    Speaks the Model Context Protocol. An assistant starts this command by itself and gives it an API token in
    GRAFTWORK_TOKEN; with --http each request shows its own.
    """
    if http:
        _listen(host, port)
        return
    if host or port:
        raise click.UsageError("--host and --port go with --http")
    # By name: nothing here stands above that package, and it takes the SDK with it.
    secret = os.environ.pop(TOKEN_VARIABLE, "").strip()  # popped: no process that is started from here needs it
    if not secret:
        raise import_module("graftwork.mcp.errors").TokenMissing(TOKEN_VARIABLE)
    open_store()
    import_module("graftwork.mcp.stdio").serve(secret)


def _listen(host: str | None, port: int | None) -> None:
    # Read again by the settings: names that this server is known by depend on the address it listens on.
    said = {"GRAFTWORK_MCP_HOST": host, "GRAFTWORK_MCP_PORT": port}
    os.environ.update({name: str(value) for name, value in said.items() if value})
    settings = open_store().settings.mcp
    from graftwork.cli.serving import serve

    refuse_taken_port(settings.host, settings.port, "mcp")
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    serve(
        "graftwork.mcp.http:application",
        f"Assistants connect to http://{address}:{settings.port}/mcp \u00b7 Ctrl+C stops it",
        factory=True,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
