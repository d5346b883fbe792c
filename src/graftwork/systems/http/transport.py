"""One HTTP exchange: bounded in time and size, without redirects, and clear about whether the request was sent.

Messages of the HTTP library quote addresses and headers. They end here: what is raised holds kinds and numbers only.
"""

import logging
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from graftwork.systems.http.tables import MEBIBYTE, Http


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back. Header names are found in any case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class NotConnected(Exception):
    """Nothing was sent. `reason` is a kind of failure."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(NotConnected):
    """It was sent, or part of it, and no whole answer came: it may have been acted on.

    `status` is known where the answer broke off after it.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Transport:
    """Connections to one system, kept open and shared by its threads."""

    def __init__(self, http: Http, ca_file: str) -> None:
        self._http = http
        self._urllib3 = import_module("urllib3")  # loaded where a connector runs, not in the web process
        # It writes whole addresses and headers to its log, and what stands in them may be a name or a key.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        arguments = {
            "num_pools": 4,
            "maxsize": 32,
            "retries": False,
            "timeout": self._urllib3.Timeout(connect=http.connect_seconds, read=http.read_seconds),
            "cert_reqs": "CERT_REQUIRED",
            **({"ca_certs": ca_file} if ca_file else {}),
        }
        self._pools = (
            self._urllib3.ProxyManager(http.proxy_url, **arguments)
            if http.proxy_url
            else self._urllib3.PoolManager(**arguments)
        )
        self._pools.pool_classes_by_scheme = _bounded_pools()

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Exchange:
        """Raises `NotConnected` or `NoAnswer`."""
        _wire.begun = False
        try:
            response = self._pools.request(
                method, url, headers=dict(headers), body=body, redirect=False, preload_content=False
            )
        except (self._urllib3.exceptions.HTTPError, OSError) as error:
            raise self._failure(error) from None
        try:
            content = self._read(response)
        except (self._urllib3.exceptions.HTTPError, OSError) as error:
            response.close()
            raise NoAnswer(_kind(error), response.status) from None
        except NoAnswer:
            response.close()
            raise
        response.release_conn()
        return Exchange(response.status, response.headers, content)

    def _read(self, response: Any) -> bytes:
        until, largest = time.monotonic() + self._http.total_seconds, self._http.largest_answer_mb * MEBIBYTE
        pieces, size = [], 0
        while piece := response.read1(65_536):
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                raise NoAnswer(f"an answer of more than {self._http.largest_answer_mb} MB", response.status)
            if time.monotonic() > until:
                raise NoAnswer(f"an answer that took over {self._http.total_seconds:g} s", response.status)
        said = response.headers.get("Content-Length", "")
        # `read1` of the library does not compare them.
        if said.isdecimal() and not response.chunked and response.tell() < int(said) and response.status != 304:
            raise NoAnswer("an answer that broke off", response.status)
        return b"".join(pieces)

    def _failure(self, error: Exception) -> NotConnected:
        return NoAnswer(_kind(error)) if _wire.begun else NotConnected(_kind(error))

    def close(self) -> None:
        self._pools.clear()


_KINDS = {
    "ConnectTimeoutError": "no connection in time",
    "NewConnectionError": "no connection",
    "NameResolutionError": "its name is not known",
    "ReadTimeoutError": "no answer in time",
    "ProtocolError": "the connection broke off",
    "IncompleteRead": "an answer that broke off",
    "InvalidChunkLength": "an answer that broke off",
    "DecodeError": "an answer that cannot be unpacked",
    "SSLError": "TLS failed",
    "ProxyError": "the proxy lets nothing through",
}


def _kind(error: Exception) -> str:
    # An SSLError wraps what the handshake found.
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in (error, *error.args)):
        return "its certificate does not hold"
    return _KINDS.get(type(error).__name__, type(error).__name__)


# Of the request that this thread has under way: whether a byte of it may have left.
_wire = threading.local()
_pools: dict[str, Any] | None = None


def _bounded_pools() -> dict[str, Any]:
    """Connection pools of connections that are `_Bounded`."""
    global _pools  # noqa: PLW0603 - classes that can only be made once the library is loaded
    if _pools is None:
        plain, tls = import_module("urllib3.connection"), import_module("urllib3.connectionpool")
        http = type("BoundedHTTPConnection", (_Bounded, plain.HTTPConnection), {})
        https = type("BoundedHTTPSConnection", (_Bounded, plain.HTTPSConnection), {})
        _pools = {
            "http": type("BoundedHTTPPool", (tls.HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("BoundedHTTPSPool", (tls.HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
    return _pools


class _Bounded:
    """Notes when something is sent, and ends an answer that does not begin.

    A timeout of a socket counts from the last byte: one byte now and then would hold a thread for hours.
    """

    sock: Any
    timeout: Any

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _wire.begun = True
        super().send(data)  # type: ignore[misc]  # the other base has it

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # the other base has it

    def getresponse(self) -> Any:
        # Plain silence is the socket's own business, which says so in better words; this one comes later.
        seconds = self.timeout if isinstance(self.timeout, int | float) else 60.0
        timer = threading.Timer(2 * seconds, self._cut, (self.sock,))
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()  # type: ignore[misc]  # the other base has it
        finally:
            timer.cancel()

    @staticmethod
    def _cut(sock: Any) -> None:
        try:
            sock.shutdown(2)
        except OSError:
            return
