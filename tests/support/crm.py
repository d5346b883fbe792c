"""A small system of somebody else: its own origin, its own strict policy, and the three snippets of the how-to page."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "embed-the-draft.md"
GRAFTWORK, CRM, USE_CASE = "https://graftwork.example.com", "https://crm.example.com", "support_reply"

SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ticket {id}</title>
<link rel="stylesheet" href="/crm.css"><script src="/log.js"></script></head>
<body><main><h1>Ticket {id}</h1><p>Where is my order? I have waited since Monday.</p>
<div id="draft">{draft}</div></main>
</body></html>"""
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.4 Georgia, serif; margin: 12px; text-align: center; }
body { background: light-dark(#fff, #101418); color: light-dark(#222, #ddd); }
button { background: hotpink; text-transform: uppercase; }
textarea { display: none; }
"""
LOG = """
window.events = [];
window.violations = [];
for (const name of ["opened", "decided", "undone", "settled", "state", "token-ended", "trouble"]) {
  document.addEventListener(`graftwork-draft:${name}`, ({ detail }) => events.push([name, detail]));
}
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
window.keys = 0;
document.addEventListener("keydown", ({ key }) => key.length === 1 && window.keys++);
"""


def snippets() -> dict[str, str]:
    """The blocks of the how-to page by their language."""
    return dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL))


class Crm:
    """`url(ticket, user)` is the page of a ticket, seen by a user that the CRM has signed in."""

    def __init__(self, graftwork: str) -> None:
        crm = self
        self.graftwork = graftwork
        self.api_token = ""
        self.use_case = "note_reply"
        self.asked = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"crm": crm}))
        self.origin = f"http://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, ticket: str, user: str) -> str:
        return f"{self.origin}/tickets/{ticket}?user={user}"

    def token(self, ticket: str, user: str) -> dict[str, Any]:
        """By the backend of the how-to page, word for word but for the names of the two hosts and the use case."""
        scope: dict[str, Any] = {}
        exec(self._own(snippets()["python"]), scope)
        self.asked += 1
        found: dict[str, Any] = scope["embed_token"](ticket, user, self.api_token)
        return found

    def page(self, ticket: str, user: str) -> str:
        html = self._own(snippets()["html"]).replace(
            "0198f2c4-0d3c-7a52-9d0e-6f1b2a3c4d5e", self.token(ticket, user)["item_id"]
        )
        return SHELL.format(id=ticket, draft=html.replace("T-1042", f"{ticket}?user={user}"))

    def script(self) -> str:
        return self._own(snippets()["js"])

    def policy(self) -> str:
        return (
            f"default-src 'none'; script-src 'self' {self.graftwork}; connect-src 'self' {self.graftwork}; "
            "style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _own(self, text: str) -> str:
        return text.replace(GRAFTWORK, self.graftwork).replace(CRM, self.origin).replace(USE_CASE, self.use_case)


class _Handler(BaseHTTPRequestHandler):
    crm: Crm

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/tickets/"):
            user = parse_qs(parts.query)["user"][0]
            self._answer("text/html; charset=utf-8", self.crm.page(parts.path.rpartition("/")[2], user))
        elif parts.path == "/crm.css":
            self._answer("text/css", STYLE)
        elif parts.path in ("/log.js", "/ticket.js"):
            self._answer("text/javascript", LOG if parts.path == "/log.js" else self.crm.script())
        else:
            self._answer("text/plain", "", 204 if parts.path == "/favicon.ico" else 404)

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        token = self.crm.token(parts.path.rpartition("/")[2], parse_qs(parts.query)["user"][0])
        self._answer("application/json", json.dumps(token))

    def _answer(self, kind: str, text: str, status: int = 200) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.crm.policy())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Not on the test's output."""
