"""One call while it is under way: what is known of it, and the headers that tell it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graftwork.apps.traffic.queries import Grant
from graftwork.gateway.http import HeaderList, Headers
from graftwork.gateway.privacy import Guard, Session
from graftwork.gateway.records import CallFacts
from graftwork.gateway.routing import Endpoint, Policy
from graftwork.gateway.usage import Usage


@dataclass(slots=True)
class Call:
    """What is known of one call while it is under way."""

    endpoint: Endpoint
    headers: Headers
    facts: CallFacts
    started: float
    now: datetime
    grant: Grant | None = None
    policy: Policy | None = None
    guard: Guard | None = None
    raw: bytes = b""
    body: dict[str, Any] = field(default_factory=dict)
    thread: str = ""
    masked_body: dict[str, Any] | None = None
    session: Session | None = None
    masked: Mapping[str, int] = field(default_factory=dict)
    restores: bool = False
    estimated_tokens: int | None = None
    upstream_seconds: float = 0.0
    answered_bytes: int = 0
    usage: Usage = field(default_factory=Usage)
    sent: bytes = b""
    answered: list[bytes] = field(default_factory=list)
    response_started: bool = False

    def head(self) -> HeaderList:
        """The `X-Graftwork-*` headers."""
        facts = self.facts
        overhead_ms = (time.perf_counter() - self.started - self.upstream_seconds) * 1000
        found = [(b"x-request-id", facts.request_id.encode()), (b"x-graftwork-request-id", facts.id.encode())]
        if facts.engine:
            found += [
                (b"x-graftwork-engine", facts.engine.encode()),
                (b"x-graftwork-zone", facts.zone.encode()),
                (b"x-graftwork-masked", _counts(self.masked)),
                (b"x-graftwork-overhead-ms", b"%.2f" % overhead_ms),
            ]
        return found


def _counts(masked: Mapping[str, int]) -> bytes:
    return ", ".join(f"{kind}={count}" for kind, count in sorted(masked.items())).encode() or b"none"


def where(error: BaseException) -> str:
    """The kind of an error and where it arose. Never its text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
    return f"{type(error).__name__} at {place}"
