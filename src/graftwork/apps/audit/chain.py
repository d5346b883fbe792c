"""How entries are chained: each one's code covers its content and the code before it.

The code is an HMAC-SHA-256 under a key that lies outside the database, so that somebody who can write to the database
can break the chain but not mend it. Schneier and Kelsey, "Secure audit logs to support computer forensics" (1999).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = bytes(32)


@dataclass(frozen=True, slots=True)
class Event:
    """A write that is about to be recorded. `detail` holds codes, counts and ids: never text of an item or a person."""

    action: str
    subject: str
    detail: Mapping[str, Any]


def canonical(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def code(
    key: bytes, previous: bytes, sequence: int, at: datetime, actor: str, action: str, subject: str, detail: str
) -> bytes:
    """The authentication code of one entry, 32 bytes."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = json.dumps([sequence, when, actor, action, subject, detail]).encode()
    return hmac.new(key, previous + content, hashlib.sha256).digest()
