"""A server that says when it listens. Takes uvicorn with it, so commands import it when they serve."""

import socket
import sys
from typing import Any

import click
import uvicorn

STARTUP_FAILED = 3  # uvicorn's own exit code for it


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            click.echo(self._greeting)


def serve(application: str, greeting: str, **options: Any) -> None:
    """`uvicorn.run` for one process, with `greeting` once connections are taken."""
    server = _Announcing(uvicorn.Config(application, **options), greeting)
    try:
        server.run()
    except KeyboardInterrupt:  # it has ended in order by then
        return
    if not server.started:
        sys.exit(STARTUP_FAILED)
