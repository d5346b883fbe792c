"""A system reached over HTTP, on loopback: answers by script, remembers what it was asked, and fails as told."""

import gzip
import json
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

Fault = Literal["", "half", "half_chunked", "close", "reset_after_status", "drip_headers", "drip_body"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `path` is decoded, `target` as it was sent; `headers` in lower case."""

    method: str
    target: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    def one(self, name: str) -> str | None:
        """The only value of a parameter; `None` where it is not there."""
        values = self.query.get(name, [])
        assert len(values) <= 1
        return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is sent as it is where it is bytes, else as JSON. `slow_seconds` pass before it begins."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""
    slow_seconds: float = 0.0
    compressed: bool = False


Handler = Callable[[Asked], Reply]


class HttpFake:
    """Answers on its own threads until the `with` block ends. Handlers are looked up by method and decoded path."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._next: dict[tuple[str, str], deque[Reply]] = defaultdict(deque)
        self._any: Handler = lambda asked: Reply({"error": "no such place"}, 404)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, method: str, path: str, answer: Handler | Reply) -> None:
        """What is answered there from now on."""
        self._handlers[method, path] = answer if callable(answer) else lambda asked: answer

    def on_anything(self, answer: Handler) -> None:
        """For what no other handler is there for."""
        self._any = answer

    def next(self, method: str, path: str, *replies: Reply) -> None:
        """What is answered there first, one after the other, before what `on` says."""
        self._next[method, path].extend(replies)

    def asked(self, method: str, path: str) -> list[Asked]:
        with self._lock:
            return [asked for asked in self.requests if (asked.method, asked.path) == (method, path)]

    def answer(self, asked: Asked) -> Reply:
        place = (asked.method, asked.path)
        with self._lock:
            self.requests.append(asked)
            if self._next[place]:
                return self._next[place].popleft()
        return self._handlers.get(place, self._any)(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that went away is what many tests are about."""


def _answering(fake: HttpFake) -> type[BaseHTTPRequestHandler]:
    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = parse_qs(parts.query, keep_blank_values=True)
            body = self.rfile.read(length)
            _send(self, fake.answer(Asked(self.command, self.path, unquote(parts.path), query, headers, body)))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Tests print what they need."""

    return _Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    time.sleep(reply.slow_seconds)
    if reply.fault == "close":
        return _cut(handler)
    content = (
        reply.body if isinstance(reply.body, bytes) else b"" if reply.body is None else json.dumps(reply.body).encode()
    )
    content = gzip.compress(content) if reply.compressed else content
    handler.send_response(reply.status)
    named = {"Content-Type": "application/json", **reply.headers}
    if reply.compressed:
        named["Content-Encoding"] = "gzip"
    if reply.fault == "half_chunked":
        named["Transfer-Encoding"] = "chunked"
    else:
        named.setdefault("Content-Length", str(len(content)))
    for name, value in named.items():
        handler.send_header(name, value)
    if reply.fault == "drip_headers":
        return _drip(handler)
    handler.end_headers()
    if reply.fault == "half_chunked":
        half = content[: len(content) // 2]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
        return _cut(handler)
    if reply.fault == "drip_body":
        return _drip_body(handler, content)
    handler.wfile.write(content[: len(content) // 2] if reply.fault == "half" else content)
    if reply.fault in ("half", "reset_after_status"):
        _cut(handler)
    return None


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    """One header now and then, so that no silence is ever long."""
    handler.flush_headers()
    for number in range(200):
        handler.wfile.write(f"X-Drip-{number}: 1\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


def _drip_body(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    for number in range(min(len(content), 200)):
        handler.wfile.write(content[number : number + 1])
        handler.wfile.flush()
        time.sleep(0.1)


def refused_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
