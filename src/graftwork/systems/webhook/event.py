"""What we post about a decision: version 1 of the event, and the headers that sign it.

Within version 1, keys may be added, and none is renamed, removed or given another meaning.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from graftwork.systems.contract import Delivery
from graftwork.systems.webhook.signing import SCHEMES, signature

VERSION = 1


def event_body(delivery: Delivery, *, name_reviewer: bool) -> bytes:
    """The event as JSON: the same bytes on every try."""
    event = {
        "version": VERSION,
        "id": delivery.key,
        "type": f"review.{delivery.event}",
        "use_case": delivery.use_case,
        "item": {"id": delivery.external_id, "thread": delivery.thread},
        "decision": delivery.decision,
        "decided_at": delivery.decided_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "text": delivery.text,
        "values": delivery.values,
        "reason": delivery.reason,
        "note": delivery.note,
        **({"reviewer": delivery.reviewer} if name_reviewer else {}),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=dict).encode(errors="replace")


def event_headers(key: str, body: bytes, signing_keys: Sequence[bytes], now: datetime) -> Mapping[str, str]:
    """Signed as Standard Webhooks has it, once with each key. `Idempotency-Key` says the same as the id."""
    timestamp = str(int(now.timestamp()))
    scheme = SCHEMES["standard"]
    signatures = [signature(scheme, one, body, call_id=key, timestamp=timestamp) for one in signing_keys]
    return {
        "Content-Type": "application/json",
        "User-Agent": "graftwork",
        "Idempotency-Key": key,
        "webhook-id": key,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
