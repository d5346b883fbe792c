"""The one way to write to the audit log."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from graftwork.apps.audit.chain import Event, canonical, code
from graftwork.apps.audit.models import AuditEntry, ChainHead
from graftwork.apps.keyring import keyring


def record(actor_name: str, events: Sequence[Event], now: datetime) -> None:
    """Append one entry an event, in the transaction of the write itself, so that both happen or neither.

    Call it last: the head of the chain stays locked until the transaction ends.
    """
    if not events:
        return
    assert transaction.get_connection().in_atomic_block, "an audit entry belongs to the transaction of its write"
    head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
    key, previous, entries = keyring().audit_secret, bytes(head.mac), []
    for sequence, event in enumerate(events, head.sequence + 1):
        detail = canonical(event.detail)
        previous = code(key, previous, sequence, now, actor_name, event.action, event.subject, detail)
        entries.append(
            AuditEntry(
                sequence=sequence, at=now, actor=actor_name, action=event.action, subject=event.subject,
                detail=detail, mac=previous,
            )
        )  # fmt: skip
    AuditEntry.objects.bulk_create(entries, batch_size=500)
    head.sequence, head.mac = entries[-1].sequence, previous
    head.save(update_fields=["sequence", "mac"])
