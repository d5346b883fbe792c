"""What is written about a decision, and whether a file that is there already is ours."""

import json
from collections.abc import Mapping
from datetime import UTC
from hashlib import sha256
from typing import Any, Literal

from graftwork.systems.contract import Delivery

VERSION = 1

Standing = Literal["same", "ours", "foreign"]


def content_of(delivery: Delivery, format: Literal["json", "text"], *, name_reviewer: bool) -> bytes:  # noqa: A002 - the file's word
    """The same bytes on every try. JSON ends with a digest of itself, by which a change by hand is seen later."""
    if format == "text":
        return f"{delivery.text}\n".encode(errors="replace")
    result = {
        "graftwork": VERSION,
        "delivery": delivery.key,
        "event": delivery.event,
        "use_case": delivery.use_case,
        "item": delivery.external_id,
        "thread": delivery.thread,
        "decision": delivery.decision,
        "decided_at": delivery.decided_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "text": delivery.text,
        "values": delivery.values,
        "reason": delivery.reason,
        "note": delivery.note,
        **({"reviewer": delivery.reviewer} if name_reviewer else {}),
    }
    return _bytes({**result, "sha256": _digest(result)})


def standing(existing: bytes, content: bytes, delivery: Delivery) -> Standing:
    """`same`: this delivery has arrived. `ours`: an earlier decision on the same item, as we wrote it."""
    if existing == content:
        return "same"
    found = _parsed(existing)
    if found is None or found.pop("sha256", None) != _digest(found) or found.get("graftwork") != VERSION:
        return "foreign"
    if found.get("delivery") == delivery.key:
        return "same"
    earlier = str(found.get("decided_at", "")) <= delivery.decided_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    mine = found.get("item") == delivery.external_id and found.get("use_case") == delivery.use_case
    return "ours" if mine and earlier else "foreign"


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _digest(result: Mapping[str, Any]) -> str:
    return sha256(_bytes(result)).hexdigest()


def _bytes(result: Mapping[str, Any]) -> bytes:
    text = json.dumps(result, ensure_ascii=False, indent=2, default=dict)
    return f"{text}\n".encode(errors="replace")
