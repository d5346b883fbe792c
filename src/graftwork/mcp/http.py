"""Over HTTP (Streamable HTTP, stateless): each request shows its token, and is answered by itself.

Host and Origin are checked as well: a page of another site could otherwise reach a server on this network through the
browser of somebody in it (DNS rebinding; the protocol asks for this, basic/transports).
"""

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from graftwork.apps.accounts.queries import actor_for_token
from graftwork.apps.store_errors import as_store_error
from graftwork.config.workspace import McpSettings, Workspace
from graftwork.core.errors import GraftworkError, NotSignedIn
from graftwork.mcp.errors import OriginRefused
from graftwork.mcp.server import Context, Tools, serving

PATH = "/mcp"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
_SECRET = "graftwork.secret"  # noqa: S105 - a name in the scope
MAX_SECRET_CHARACTERS = 200


def application() -> ASGIApp:
    """Made once a process, after Django is loaded."""
    workspace: Workspace = settings.GRAFTWORK_WORKSPACE
    app = serving(Tools(_secret_of)).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=workspace.settings.web.max_request_bytes,
        # `Door` checks both headers, also where this server is known by more than one name.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return Door(app, workspace.settings.mcp)


class Door:
    """Lets a request in whose Host, Origin and token hold."""

    def __init__(self, app: ASGIApp, chosen: McpSettings) -> None:
        self._app = app
        self._public_origin = _origin(chosen.public_url)
        self._hosts = _hosts(chosen)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            try:
                self._check_names(headers)
                secret = _bearer(headers.get("authorization", ""))
                await to_thread.run_sync(_check, secret)
            except GraftworkError as error:
                await _refuse(error, send)
                return
            if scope["method"] != "POST":
                # A GET would open a stream that outlives its token, and on which a stateless server has nothing to say.
                await send({"type": "http.response.start", "status": 405, "headers": [(b"allow", b"POST")]})
                await send({"type": "http.response.body", "body": b""})
                return
            scope = {**scope, _SECRET: secret}
        await self._app(scope, receive, send)

    def _check_names(self, headers: dict[str, str]) -> None:
        if self._hosts is not None and _host(f"//{headers.get('host', '')}") not in self._hosts:
            raise OriginRefused("Host")
        origin = headers.get("origin")
        if origin is None or origin.lower() == self._public_origin:
            return
        # A page of this very server, of which there is none today: what counts is that no other page gets in.
        if urlsplit(origin).netloc.lower() != headers.get("host", "").lower() or self._hosts is None:
            raise OriginRefused("Origin")


def _hosts(chosen: McpSettings) -> Collection[str] | None:
    """The names that this server is known by; `None` where it listens everywhere and nobody said by which."""
    if chosen.public_url:
        return {*LOOPBACK, _host(chosen.public_url)}
    return None if chosen.host in ANY_ADDRESS else {*LOOPBACK, chosen.host.lower()}


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if url else ""


def _bearer(header: str) -> str:
    kind, _, secret = header.partition(" ")
    secret = secret.strip()
    if kind.lower() != "bearer" or not 0 < len(secret) <= MAX_SECRET_CHARACTERS:
        raise NotSignedIn
    return secret


def _check(secret: str) -> None:
    close_old_connections()
    try:
        actor_for_token(secret, timezone.now())
    except Exception as error:
        if (ours := as_store_error(error)) is not None:
            raise ours from None
        raise
    finally:
        close_old_connections()


def _secret_of(context: Context) -> str:
    assert context.request is not None, "every message of this transport comes in a request"
    secret: str = context.request.scope[_SECRET]
    return secret


async def _refuse(error: GraftworkError, send: Send) -> None:
    shown = {"code": error.code, "message": error.message, "next_step": error.hint}
    body = json.dumps({"error": shown}).encode()
    headers: list[Any] = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if isinstance(error, NotSignedIn):
        headers.append((b"www-authenticate", b"Bearer"))  # RFC 6750, section 3
    if error.status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
