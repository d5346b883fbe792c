import warnings

import click

from graftwork.cli import lifeline
from graftwork.cli.session import open_store


@click.command()
@click.option("--host", help="Address to listen on; `web.host` where absent.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on; `web.port` where absent.")
def web(host: str | None, port: int | None) -> None:
    """Serve the desk and the REST interface, without drafting. Run as many as you like behind a balancer."""
    workspace = open_store()
    import uvicorn

    # WhiteNoise serves static files in pieces, which Django reads whole under ASGI: harmless, and said often.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    lifeline.hold()
    uvicorn.run(
        "graftwork.config.asgi:application",
        host=host or workspace.settings.web.host,
        port=port or workspace.settings.web.port,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
