"""Over stdin and stdout: an assistant starts this process, speaks to it, and ends it by closing the pipe.

The SDK takes stdout for itself and turns what else is printed to stderr, so nothing but the protocol comes out there.
"""

import os
import signal
import sys

import anyio
from django.utils import timezone
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from graftwork.apps.accounts.queries import actor_for_token
from graftwork.core.errors import NotSignedIn
from graftwork.mcp.errors import TokenRefused
from graftwork.mcp.server import Tools, serving

LAST_CALLS_SECONDS = 5.0


def serve(secret: str) -> None:
    """Runs until stdin is closed or a signal comes. Raises `TokenRefused` where the token does not hold then."""
    try:
        actor_for_token(secret, timezone.now())
    except NotSignedIn:
        raise TokenRefused from None
    tools = Tools(lambda _: secret)
    anyio.run(_serve, serving(tools), tools)


async def _serve(server: Server[object], tools: Tools) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_end_at_signals, tools)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
        group.cancel_scope.cancel()


async def _end_at_signals(tools: Tools) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            with anyio.move_on_after(LAST_CALLS_SECONDS):
                while tools.is_at_work:  # noqa: ASYNC110 - calls end in threads, which set no event of this loop
                    await anyio.sleep(0.05)
            # Not by cancelling: the SDK's reader is a thread in a read that only the other side can end.
            sys.stderr.flush()
            os._exit(0)
