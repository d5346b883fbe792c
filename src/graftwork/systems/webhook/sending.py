"""One POST of ours, and what its answer means. The answer's body is never read into anything: it may quote us."""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from graftwork.systems.errors import (
    Conflict,
    ConnectorInvalid,
    Rejected,
    TargetDenied,
    TargetDown,
    TargetError,
    TryFailed,
)

# Read to its end, so that the connection can be used again; a longer answer closes it.
_LONGEST_ANSWER_BYTES = 65_536


class _Answer(Protocol):
    status: int
    headers: Mapping[str, str]


class Poster:
    """Connections to one address. May be used from several threads."""

    def __init__(self, name: str, url: str, timeout_seconds: float, connections: int, ca_file: Path | None) -> None:
        # Loaded by connectors only: the web process that receives calls never posts any.
        self._urllib3: Any = import_module("urllib3")
        self._url = url
        self._timeout_seconds = timeout_seconds
        if ca_file is not None and not ca_file.is_file():
            raise ConnectorInvalid(name, "push.ca_file", "is no file")
        self._pool = self._urllib3.PoolManager(
            maxsize=connections,
            block=True,
            retries=False,
            timeout=self._urllib3.Timeout(connect=timeout_seconds, read=timeout_seconds),
            **({"ca_certs": str(ca_file)} if ca_file else {}),
        )

    def post(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Returns where the address took it. Raises a `TargetError`."""
        answer = self._request("POST", body, headers)
        error = error_of(answer.status, answer.headers.get("Retry-After"), now)
        if error is not None:
            raise error

    def look(self) -> int:
        """The status that a HEAD request is answered with; it changes nothing there. Raises a `TargetError`."""
        return self._request("HEAD", b"", {"User-Agent": "graftwork"}).status

    def close(self) -> None:
        self._pool.clear()

    def _request(self, method: str, body: bytes, headers: Mapping[str, str]) -> _Answer:
        errors = self._urllib3.exceptions
        try:
            answer = self._pool.request(
                method, self._url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
        except errors.SSLError:
            raise TargetDown("its certificate or its TLS does not hold") from None
        except (errors.NewConnectionError, errors.ConnectTimeoutError):
            raise TargetDown("no connection") from None
        except errors.HTTPError:
            # It may have read all of it before it fell silent. It can tell by the id, so the repeat is safe.
            raise TryFailed("no whole answer came in time", unsure=True) from None
        except ValueError:  # a header that cannot be one, which the error would quote
            raise TargetDenied("the secret at `authorization` holds what a header cannot hold") from None
        self._put_back(answer)
        return answer  # type: ignore[no-any-return]  # of a library that is loaded when it is needed

    def _put_back(self, answer: Any) -> None:
        """What the answer says was said by its status: how its body ends changes nothing, and may not take long."""
        ends = time.monotonic() + self._timeout_seconds
        read_bytes, ended = 0, False
        with suppress(self._urllib3.exceptions.HTTPError, OSError):
            while read_bytes < _LONGEST_ANSWER_BYTES and time.monotonic() < ends and not ended:
                piece = answer.read1(8_192)
                read_bytes += len(piece)
                ended = not piece
        if ended:
            answer.release_conn()
        else:
            answer.close()
            answer.release_conn()


def error_of(status: int, retry_after: str | None, now: datetime) -> TargetError | None:
    """What a status means for this delivery; `None` where it was taken."""
    wait_seconds = seconds_of(retry_after, now)
    reason = f"HTTP {status}"
    if 200 <= status < 300:
        return None
    if status in (401, 403, 407):
        return TargetDenied(reason)
    if status in (429, 503):
        return TargetDown(reason, wait_seconds)
    if status in (408, 425):
        return TryFailed(reason, retry_after_seconds=wait_seconds)
    if status == 409:
        return Conflict(reason)
    if status >= 500:
        return TryFailed(reason, unsure=True, retry_after_seconds=wait_seconds)
    return Rejected(f"{reason}: redirects are not followed" if 300 <= status < 400 else reason)


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """`Retry-After` (RFC 9110, section 10.2.3): seconds, or a date."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
