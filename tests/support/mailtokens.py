"""A sign-in server for the mail tests: hands out access tokens, and tells Dovecot which of them are good (RFC 7662)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """`good` are the tokens that the mail server takes at the moment; clear it to take them all back."""

    token_url: str = ""
    introspection_url: str = ""
    good: set[str] = field(default_factory=set)
    handed_out: int = 0


@contextmanager
def temporary_token_server(user: str) -> Iterator[TokenServer]:
    tokens = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if self.path == "/token":
                tokens.handed_out += 1
                token = f"access-token-{tokens.handed_out}"
                tokens.good.add(token)
                self._answer({"access_token": token, "token_type": "Bearer", "expires_in": 3600})
            else:
                active = form.get("token", [""])[0] in tokens.good
                self._answer({"active": active, **({"username": user} if active else {})})

        def _answer(self, said: dict[str, object]) -> None:
            content = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    tokens.token_url = f"http://127.0.0.1:{server.server_port}/token"
    tokens.introspection_url = f"http://127.0.0.1:{server.server_port}/introspect"
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
