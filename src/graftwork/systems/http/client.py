"""Requests of a system's file, filled, sent and judged. All failures leave here as a `TargetError`."""

import json
import re
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from graftwork.systems.contract import Surroundings
from graftwork.systems.errors import (
    ConnectorInvalid,
    Rejected,
    SecretMissing,
    TargetDenied,
    TargetDown,
    TryFailed,
)
from graftwork.systems.http.addresses import (
    AddressRefused,
    base_of,
    followed,
    next_in_link_header,
    path_of,
    query_of,
    without_parameter,
)
from graftwork.systems.http.answers import NotJson, failure, meaning, read_json, said_of_error
from graftwork.systems.http.credentials import Credentials
from graftwork.systems.http.file import HttpConnector
from graftwork.systems.http.limits import Limits
from graftwork.systems.http.tables import Csrf, Request
from graftwork.systems.http.templates import ValueMissing, parse, render, render_json
from graftwork.systems.http.transport import Exchange, NoAnswer, NotConnected, Transport

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3

_VISIBLE = re.compile(r"[\x20-\x7e\xa0-\xff]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is a success, or says that the write is `already` there. `address` is path and query."""

    exchange: Exchange = field(repr=False)
    address: str = field(repr=False)
    already: bool = False

    def json(self) -> Any:
        """`None` where it is empty. Raises `NotJson`."""
        return read_json(self.exchange.content) if self.exchange.content.strip() else None

    @property
    def link_to_next(self) -> str:
        return next_in_link_header(self.exchange.headers.get("Link", ""))


@dataclass(frozen=True, slots=True)
class Filled:
    """A request with its values in it."""

    method: str
    address: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


class Client:
    def __init__(self, file: HttpConnector, around: Surroundings, limits: Limits | None = None) -> None:
        """Raises `ConnectorInvalid`. Nothing is reached, and no secret is read."""
        self._file, self._http = file, file.http
        self.settings = {name: one.given for name, one in file.settings.items() if not one.secret}
        try:
            self.base = base_of(self._http.base_url, self.settings, plain_http=self._http.plain_http)
        except (AddressRefused, ValueMissing) as error:
            raise ConnectorInvalid(file.name, "http.base_url", str(error)) from None
        self._credentials = Credentials(self._http.auth, file.settings, around, file.name)
        ca_file = str(around.folder / self._http.ca_file) if self._http.ca_file else ""
        self._transport = Transport(self._http, ca_file)
        self._limits = limits or Limits(self._http.rate, now=around.clock, stopping=around.stopping)
        self._csrf = _CsrfToken()
        self._now = around.clock

    def fill(
        self, request: Request, values: Mapping[str, Any], headers: Mapping[str, str] | None = None, link: str = ""
    ) -> Filled:
        """Raises `Rejected` where a value is missing or cannot be sent. A `link` stands for path and query."""
        known = {"setting": self.settings, "now": self._now(), **values}
        try:
            named = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "graftwork"}
            for name, source in {**self._http.headers, **request.headers, **(headers or {})}.items():
                named.update(_header(name, source, known))
            body, media_type = _body(request, known)
            if media_type:
                named = {"Content-Type": media_type, **named}
            return Filled(request.method, link or self._address(request, known), named, body)
        except ValueMissing as error:
            raise Rejected(f"there is no {error.name} to send") from None
        except AddressRefused as error:
            raise Rejected(error.reason) from None
        except (ValueError, TypeError, RecursionError):  # such as half of a surrogate pair
            raise Rejected("a value cannot be sent") from None

    def text(self, source: str, values: Mapping[str, Any]) -> str:
        """One template, filled. Raises `Rejected` where a value is missing."""
        try:
            return render(parse(source), {"setting": self.settings, "now": self._now(), **values}) or ""
        except ValueMissing as error:
            raise Rejected(f"there is no {error.name} to look for") from None

    def _address(self, request: Request, values: Mapping[str, Any]) -> str:
        path = self.base.path + path_of(parse(request.path), values)
        query = query_of(request.query, values)
        return (path or "/") + (f"?{query}" if query else "")

    def send(self, request: Request, filled: Filled, *, unsure: bool = False) -> Answer:
        """`unsure` says that the request must not come twice, so a failure after it was sent is told as such.

        Raises `TargetDown`, `TargetDenied`, `TryFailed`, `Rejected` or `Conflict`.
        """
        exchange = self._judged_by_its_status(filled, unsure=unsure)
        for _ in range(MOST_REDIRECTS):
            if exchange.status not in REDIRECTS or filled.method != "GET":
                break
            try:
                link = followed(exchange.headers.get("Location"), self.base.url + filled.address, self.base)
            except AddressRefused:
                raise TargetDenied(f"HTTP {exchange.status}, a redirect to another place") from None
            filled = Filled(filled.method, self.storable(link), filled.headers, filled.body)
            exchange = self._judged_by_its_status(filled, unsure=unsure)
        found = self._meaning(exchange, request)
        if found in ("ok", "already"):
            self._limits.note(exchange.headers)
            return Answer(exchange, filled.address, already=found == "already")
        # Only a refusal to serve us now closes the system for all; a failure says how long to wait for this one.
        retry_after = self._limits.note_refusal(exchange.headers) if found == "down" else None
        raise failure(exchange, found, unsure=unsure, retry_after=retry_after)

    def _meaning(self, exchange: Exchange, request: Request) -> str:
        if exchange.status >= 400 and self._http.statuses_if:
            said = said_of_error(exchange.content, self._http.statuses_if)
            if said is not None:
                return said
        return meaning(exchange.status, self._http.statuses, request.statuses)

    def get_json(self, request: Request, filled: Filled) -> tuple[Any, Answer]:
        """For requests that read. Raises as `send` does, and `TryFailed` where the answer is no JSON."""
        answer = self.send(request, filled)
        try:
            return answer.json(), answer
        except NotJson as error:
            raise TryFailed(f"HTTP {answer.exchange.status} with {error.reason}") from None

    def storable(self, address: str) -> str:
        """An address that may be kept: without our key, where it stands in addresses."""
        return without_parameter(address, self._credentials.parameter) if self._credentials.parameter else address

    def together(self, count: int) -> AbstractContextManager[None]:
        """For `count` requests of this thread that are of no use without each other; see `Limits.together`."""
        return self._limits.together(count + (1 if self._http.csrf else 0))

    def close(self) -> None:
        self._transport.close()

    def _judged_by_its_status(self, filled: Filled, *, unsure: bool) -> Exchange:
        """One exchange, and another one where only our token was too old: what is refused so has not been done."""
        shown = self._shown()
        exchange = self._exchanged(filled, shown, unsure=unsure)
        if exchange.status == 401 and shown and self._credentials.renew(shown[1]):
            shown = self._shown()
            exchange = self._exchanged(filled, shown, unsure=unsure)
        if self._csrf_is_stale(filled, exchange):
            self._csrf.forget()
            exchange = self._exchanged(filled, shown, unsure=unsure)
        return exchange

    def _shown(self) -> tuple[str, str] | None:
        try:
            return self._credentials.header()
        except (SecretMissing, ConnectorInvalid) as error:
            raise TargetDenied(error.message) from None

    def _csrf_is_stale(self, filled: Filled, exchange: Exchange) -> bool:
        csrf = self._http.csrf
        return (
            csrf is not None
            and filled.method != "GET"
            and exchange.status == 403
            and exchange.headers.get(csrf.header, "").lower() == "required"
        )

    def _exchanged(self, filled: Filled, shown: tuple[str, str] | None, *, unsure: bool) -> Exchange:
        headers = {**filled.headers, **dict([shown] if shown else [])}
        if self._http.csrf and filled.method != "GET":
            headers |= self._csrf_headers(self._http.csrf, headers)
        if filled.body is not None:
            headers["Content-Length"] = str(len(filled.body))
        return self._on_the_wire(filled, headers, unsure=unsure)

    def _on_the_wire(self, filled: Filled, headers: Mapping[str, str], *, unsure: bool) -> Exchange:
        url = self.base.url + filled.address
        if key := self._key():
            url += ("&" if "?" in url else "?") + key
        self._limits.wait_for_one()
        try:
            return self._transport.exchange(filled.method, url, headers, filled.body)
        except NoAnswer as error:
            said = error.reason if error.status is None else f"HTTP {error.status}, {error.reason}"
            raise TryFailed(said, unsure) from None
        except NotConnected as error:
            raise TargetDown(error.reason) from None
        except ValueError:  # the library refuses what is no header or address
            raise Rejected("a value cannot be sent") from None

    def _key(self) -> str:
        try:
            return self._credentials.query()
        except SecretMissing as error:
            raise TargetDenied(error.message) from None

    def _csrf_headers(self, csrf: Csrf, headers: Mapping[str, str]) -> Mapping[str, str]:
        with self._csrf.lock:
            if not self._csrf.headers:
                kept = {name: value for name, value in headers.items() if name in ("Authorization", "User-Agent")}
                address = self.base.path + path_of(parse(csrf.path), {"setting": self.settings})
                asked = Filled("GET", address, {**kept, csrf.header: csrf.ask}, None)
                self._csrf.take(csrf, self._on_the_wire(asked, asked.headers, unsure=False), self._http.statuses)
            return dict(self._csrf.headers)


class _CsrfToken:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.headers: dict[str, str] = {}

    def forget(self) -> None:
        with self.lock:
            self.headers = {}

    def take(self, csrf: Csrf, exchange: Exchange, meanings: Any) -> None:
        found = meaning(exchange.status, meanings, {})
        if found != "ok":
            raise failure(exchange, "failed" if found == "already" else found, unsure=False, retry_after=None)
        token = exchange.headers.get(csrf.header, "")
        if not token or _VISIBLE.fullmatch(token) is None:
            raise TryFailed(f"HTTP {exchange.status} without the header {csrf.header}")
        self.headers = {csrf.header: token}
        if cookies := _cookies(exchange.headers):
            self.headers["Cookie"] = cookies


def _cookies(headers: Any) -> str:
    pairs = [cookie.partition(";")[0].strip() for cookie in headers.getlist("Set-Cookie")]
    return "; ".join(pair for pair in pairs if "=" in pair and _VISIBLE.fullmatch(pair))


def _header(name: str, source: str, values: Mapping[str, Any]) -> dict[str, str]:
    value = render(parse(source), values)
    if value is None:
        return {}
    if _VISIBLE.fullmatch(value) is None:
        raise AddressRefused("a value cannot stand in a header")
    return {name: value}


def _body(request: Request, values: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """The body and its media type. A write without one has an empty one, so that its length is said."""
    if request.body is not None:
        filled = render_json(request.body, values)
        return json.dumps(filled, ensure_ascii=False, allow_nan=False).encode(), "application/json"
    if request.form:
        rendered = {name: render(parse(source), values) for name, source in request.form.items()}
        pairs = {name: value for name, value in rendered.items() if value is not None}
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    return (b"", "") if request.method in ("POST", "PUT", "PATCH") else (None, "")
