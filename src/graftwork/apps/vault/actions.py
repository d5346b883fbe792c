"""Making and rotating keys."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import in_environment, keyring, write_ring
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.sealing import DATA_KEY_BYTES, unwrap_raw, wrap
from graftwork.core.errors import KeyFileInvalid

REWRAP_CHUNK = 1_000


def scope_keys(scopes: Iterable[str]) -> dict[str, ScopeKey]:
    """The key of each scope, made where there is none yet. Two processes that make the same one agree on the first."""
    wanted = set(scopes)
    found = {key.scope: key for key in ScopeKey.objects.filter(scope__in=wanted)}
    missing = wanted - found.keys()
    if missing:
        ring = keyring()
        ScopeKey.objects.bulk_create(
            [
                ScopeKey(
                    scope=scope, master_key_id=ring.active_id, wrapped=wrap(os.urandom(DATA_KEY_BYTES), scope, ring)
                )
                for scope in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        found |= {key.scope: key for key in ScopeKey.objects.filter(scope__in=missing)}
    return found


def rotate(actor: Actor) -> int:
    """Add a master key and wrap every scope's key with it; returns how many. Can be repeated after a crash.

    The new key is on disk before the first row depends on it. Old keys stay in the ring, because backups of the
    database need them.
    """
    actor.require_role("admin")
    if in_environment():
        raise KeyFileInvalid("GRAFTWORK_KEYS", "keys given in the environment are rotated where they are kept")
    file = Path(settings.GRAFTWORK_KEY_FILE)
    ring = keyring().with_new_master()
    write_ring(ring, file)
    count = 0
    while chunk := _rewrap_chunk(ring.active_id):
        count += chunk
    with transaction.atomic():
        record(
            actor.name,
            [Event("keys.rotated", "vault", {"master_key": ring.active_id, "scopes": count})],
            timezone.now(),
        )
    return count


def _rewrap_chunk(active_id: str) -> int:
    ring = keyring()
    with transaction.atomic():
        rows = list(ScopeKey.objects.select_for_update().exclude(master_key_id=active_id)[:REWRAP_CHUNK])
        for row in rows:
            row.wrapped = wrap(unwrap_raw(row, ring), row.scope, ring)
            row.master_key_id = active_id
        ScopeKey.objects.bulk_update(rows, ["wrapped", "master_key_id"])
    return len(rows)
