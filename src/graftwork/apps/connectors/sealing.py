"""What connectors keep sealed: where an item lies in its system, and records that could not become items."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from graftwork.apps.connectors.models import Origin, Refusal
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work.models import Item
from graftwork.core.errors import KeyMissing, SealBroken
from graftwork.core.intake.row import clean
from graftwork.systems.contract import Record


def sealed_origin(item: Item, connector: str, record: Record) -> Origin:
    """A row to store; `item` comes with its scope's key, which seals it."""
    row = Origin(item=item, connector=connector)
    row.origin_sealed = unwrap(item.scope_key, keyring()).seal(_dump(dict(record.origin)), row.label)
    return row


def opened_origin(item: Item, origin: Origin | None) -> Mapping[str, Any]:
    """Empty where the item came another way. Raises `SealBroken`."""
    if origin is None:
        return {}
    opened: dict[str, Any] = json.loads(unwrap(item.scope_key, keyring()).unseal(origin.origin_sealed, origin.label))
    return opened


def seal_record(key: DataKey, row: Refusal, record: Record) -> None:
    row.record_sealed = key.seal(_dump(asdict(record)), row.label)


def opened_record(row: Refusal) -> Record:
    """Raises `SealBroken`."""
    key = unwrap(row.scope_key, keyring())
    return Record(**json.loads(key.unseal(row.record_sealed, row.label)))


def record_key(row: Refusal) -> str:
    """What its system calls the record, for the person who is to mend it there; empty where it does not open."""
    try:
        return clean(opened_record(row).key)
    except (SealBroken, KeyMissing):
        return ""


def _dump(value: dict[str, Any]) -> str:
    # A record may hold whatever a driver gave: what is no JSON is kept as its text, half a surrogate pair as escaped.
    return json.dumps(value, default=str)
