"""What the fakes of helpdesk interfaces share: a server on loopback, the tickets, and faults on demand.

Each fake answers in the shape that its vendor documents, with invented data, and refuses what the vendor would refuse:
a wrong secret, an unknown path, a body of the wrong kind, a page size that is too big.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MAX_BODY_BYTES = 1_000_000

By = Literal["customer", "agent"]


@dataclass
class Message:
    number: int
    by: By
    text: str
    at: datetime
    public: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ticket:
    number: int
    subject: str
    created: datetime
    updated: datetime
    messages: list[Message] = field(default_factory=list)
    closed: bool = False
    version: int = 1

    @property
    def notes(self) -> list[Message]:
        return [message for message in self.messages if not message.public]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises `Refused` where the vendor could not read it."""
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise Refused(415)
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400) from None


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The vendor's own error: status, and what its body is made of."""

    def __init__(self, status: int, code: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.code, self.headers = status, code, dict(headers or {})


@dataclass
class Fault:
    answer: Answer | None
    times: int
    methods: tuple[str, ...]
    path: str
    after_acting: bool = False

    def hits(self, request: Request) -> bool:
        return self.times > 0 and request.method in self.methods and re.search(self.path, request.path) is not None


Handler = Callable[..., Answer]


class Vendor:
    """A fake of one vendor. `routes` maps (method, pattern of the path) to the name of a method that answers."""

    name: ClassVar[str]
    routes: ClassVar[dict[tuple[str, str], str]]
    secret = "planted-secret-7f3a9c"

    def __init__(self) -> None:
        self.tickets: dict[int, Ticket] = {}
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.answer_headers: dict[str, str] = {}  # sent with every answer, such as what is left of a limit
        self.refuse_each = 0  # every so many requests, one is too many
        self.newest_first = False  # where the vendor promises no order of messages
        self._ids = count(101)
        self._now = START
        self._lock = threading.RLock()

    # ---- what tests do to it ---------------------------------------------------------------------

    def add_ticket(self, subject: str, text: str, *, same_second: bool = False) -> Ticket:
        at = self._now if same_second else self.tick()
        ticket = Ticket(next(self._ids), subject, at, at)
        self.tickets[ticket.number] = ticket
        ticket.messages.append(Message(next(self._ids), "customer", text, at))
        return ticket

    def say(self, ticket: Ticket, by: By, text: str, *, public: bool = True, **extra: Any) -> Message:
        message = Message(next(self._ids), by, text, self.tick(), public, extra)
        ticket.messages.append(message)
        self.touch(ticket)
        return message

    def close_ticket(self, ticket: Ticket) -> None:
        self.tick()
        ticket.closed = True
        self.touch(ticket)

    def touch(self, ticket: Ticket) -> None:
        ticket.updated = self._now
        ticket.version += 1

    def tick(self, seconds: float = 1) -> datetime:
        self._now += timedelta(seconds=seconds)
        return self._now

    def fail(self, status: int, *, times: int = 1, methods: tuple[str, ...] = (), path: str = "", **more: Any) -> None:
        """Answer so the next `times` times, without acting."""
        self.faults.append(Fault(self.error(status, **more), times, methods or ("GET", "POST", "PUT", "PATCH"), path))

    def drop_after_acting(self, *, times: int = 1, methods: tuple[str, ...] = ("POST", "PUT", "PATCH")) -> None:
        """Act, then close the connection without an answer: nobody can tell whether it arrived."""
        self.faults.append(Fault(None, times, methods, self.write_path, after_acting=True))

    def rate_limit(self, seconds: int, *, times: int = 1) -> None:
        """Refuse in the way this vendor tells a caller to wait; `seconds` is how long."""
        self.faults.append(Fault(self.too_many(seconds), times, ("GET", "POST", "PUT", "PATCH"), self.work_path))

    def changed_since(self, ticket: Ticket) -> None:
        """Somebody else answers the customer."""
        self.say(ticket, "agent", "I have answered this one already.")

    # ---- what each vendor says -------------------------------------------------------------------

    write_path: ClassVar[str] = ""  # where results are written; sign-in and searches lie elsewhere
    work_path: ClassVar[str] = ""  # where rate limits hold

    tells_wait: ClassVar[bool] = True  # whether a refusal for too many requests says how long to wait
    tells_description: ClassVar[bool] = True  # whether the ticket's text is the first turn, also where messages follow
    base_path: ClassVar[str] = ""  # behind the server's address, as the packaged file has it

    @property
    def settings(self) -> dict[str, Any]:
        """What is not secret of the settings that the packaged file asks for."""
        return {}

    @property
    def environ(self) -> dict[str, str]:
        """The secrets by the variable that the test's connector names."""
        return {"VENDOR_SECRET": self.secret}

    @property
    def secrets(self) -> dict[str, str]:
        """Settings that are secret, by the place where they lie."""
        raise NotImplementedError

    def authorise(self, request: Request) -> None:
        """Raises `Refused`."""
        raise NotImplementedError

    def error(self, status: int, code: str = "") -> Answer:
        raise NotImplementedError

    def too_many(self, seconds: int) -> Answer:
        answer = self.error(429)
        return Answer(429, answer.body, {**answer.headers, "Retry-After": str(seconds)})

    # ---- the server ------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        vendor = self

        class Calls(_Calls):
            def answer_one(self) -> None:
                vendor._serve(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _serve(self, call: "_Calls") -> None:
        request = call.read_request()
        with self._lock:
            self.requests.append(request)
            if (
                self.refuse_each
                and len(self.requests) % self.refuse_each == 0
                and re.search(self.work_path, request.path)
            ):
                return call.send(self.too_many(0))
            fault = next((fault for fault in self.faults if fault.hits(request)), None)
            if fault is not None:
                fault.times -= 1
            if fault is not None and fault.answer is not None:
                return call.send(fault.answer)
            answer = self._answer(request)
        if fault is not None and fault.after_acting:
            return call.hang_up()
        return call.send(Answer(answer.status, answer.body, {**self.answer_headers, **answer.headers}))

    def _answer(self, request: Request) -> Answer:
        try:
            for (method, pattern), name in self.routes.items():
                found = re.fullmatch(pattern, request.path)
                if found and method == request.method:
                    if not name.startswith("open_"):
                        self.authorise(request)
                    handler: Handler = getattr(self, name)
                    return handler(request, *map(unquote, found.groups()))
            self.authorise(request)
            return self.error(404)
        except Refused as refused:
            answer = self.error(refused.status, refused.code) if refused.code else self.error(refused.status)
            return Answer(answer.status, answer.body, {**answer.headers, **refused.headers})

    def ticket(self, number: str) -> Ticket:
        found = self.tickets.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise Refused(404)
        return found

    def in_some_order(self, messages: Sequence[Message]) -> list[Message]:
        return list(reversed(messages)) if self.newest_first else list(messages)

    def by_update(self, since: datetime | None = None) -> list[Ticket]:
        """Tickets of that second and after, oldest change first."""
        chosen = (t for t in self.tickets.values() if since is None or t.updated >= since)
        return sorted(chosen, key=lambda t: (t.updated, t.number))


class _Calls(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer_one(self) -> None:
        raise NotImplementedError

    def read_request(self) -> Request:
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        return Request(self.command, parts.path, query, headers, self.rfile.read(length))

    def send(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            for single in value.split("\n"):  # a header that comes more than once, such as Set-Cookie
                self.send_header(name, single)
        if body:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Silent: pytest shows what matters."""

    def do_GET(self) -> None:
        self.answer_one()

    do_POST = do_PUT = do_PATCH = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the same


def pages(found: list[Any], size: int, first: int = 0) -> tuple[list[Any], bool]:
    """One page from `first` on, and whether another follows."""
    return found[first : first + size], first + size < len(found)


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
