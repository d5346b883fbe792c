"""The gateway as an ASGI application: a table of paths, a start and an end."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import GatewayKeyRefused, GatewayPathUnknown, GraftworkError
from graftwork.gateway.answers import Dialect, error_body, error_headers
from graftwork.gateway.calls import Calls
from graftwork.gateway.engines import Directory, Engine
from graftwork.gateway.http import JSON, Headers, Receive, Scope, Send, send_whole
from graftwork.gateway.keys import Keys
from graftwork.gateway.limits import Limits
from graftwork.gateway.preparing import Preparing
from graftwork.gateway.privacy import Guard
from graftwork.gateway.records import Recorder
from graftwork.gateway.routing import ENDPOINTS
from graftwork.gateway.rules import Rulebook
from graftwork.gateway.store import Database
from graftwork.gateway.upstream import Upstreams
from graftwork.gateway.wire import dumps

log = logging.getLogger(__name__)

# Masking holds the interpreter's lock for the most part: more threads would only make each of them slower.
MASKING_THREADS = 2


class Gateway:
    """`guard` is what masks; `None` where masking cannot run, and then whatever has to be masked is refused.

    With a `folder`, that of a workspace, each call is masked by the rules that hold for it instead.
    """

    def __init__(
        self, settings: GatewaySettings, engines: list[Engine], guard: Guard | None = None, folder: Path | None = None
    ) -> None:
        self._database = Database()
        self._directory = Directory(engines)
        self._limits = Limits()
        self._keys = Keys(self._database.find_grant, settings.key_cache_seconds)
        self._recorder = Recorder(self._database.store, self._limits)
        self._upstreams = Upstreams(settings.retries)
        self._threads = ThreadPoolExecutor(MASKING_THREADS, thread_name_prefix="gateway-masking")
        self._calls = Calls(
            settings,
            self._directory,
            self._keys,
            self._limits,
            self._recorder,
            self._upstreams,
            Preparing(settings, guard, self._threads),
            Rulebook(folder, settings, self._database.run) if folder is not None else None,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        headers: Headers = dict(scope["headers"])
        endpoint = ENDPOINTS.get(path)
        if endpoint is not None and method == "POST":
            await self._calls.answer(endpoint, headers, receive, send)
        elif method in ("GET", "HEAD") and path == "/healthz":
            await send_whole(send, 200, b'{"status":"ok"}', [JSON])
        elif method in ("GET", "HEAD") and path.startswith("/v1/models"):
            await self._models(path, headers, send)
        else:
            await _refuse(send, GatewayPathUnknown(), headers)

    async def _models(self, path: str, headers: Headers, send: Send) -> None:
        """In both shapes at once: OpenAI's clients and Anthropic's each take their own fields out."""
        try:
            grant = await self._keys.grant(headers, datetime.now(UTC))
        except GatewayKeyRefused as error:
            await _refuse(send, error, headers)
            return
        rows = [_model(name, engine) for name, engine in self._directory.models(grant.engines)]
        if path in ("/v1/models", "/v1/models/"):
            ends = {"first_id": rows[0]["id"], "last_id": rows[-1]["id"]} if rows else {}
            await send_whole(send, 200, dumps({"object": "list", "data": rows, "has_more": False, **ends}), [JSON])
            return
        found = next((row for row in rows if row["id"] == path.removeprefix("/v1/models/")), None)
        if found is None:
            await _refuse(send, GatewayPathUnknown(), headers)
            return
        await send_whole(send, 200, dumps(found), [JSON])

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._calls.loop = asyncio.get_running_loop()
                await self._upstreams.open()
                self._recorder.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._recorder.stop()
                await self._upstreams.close()
                await self._database.close()
                self._threads.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _model(name: str, engine: Engine) -> dict[str, Any]:
    return {
        "id": name, "object": "model", "created": 0, "owned_by": engine.name,
        "type": "model", "display_name": name, "created_at": "1970-01-01T00:00:00Z",
    }  # fmt: skip


async def _refuse(send: Send, error: GraftworkError, headers: Headers) -> None:
    dialect: Dialect = "messages" if b"anthropic-version" in headers else "chat"
    await send_whole(send, error.status, error_body(error, dialect), [JSON, *error_headers(error)])
