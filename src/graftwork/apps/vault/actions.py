"""Making and rotating keys."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import KeyRing, in_environment, keyring, read_ring, write_ring
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.queries import scopes_by_master_key
from graftwork.apps.vault.sealing import DATA_KEY_BYTES, unwrap_raw, wrap
from graftwork.core.errors import KeysElsewhere

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
        raise KeysElsewhere
    file = Path(settings.GRAFTWORK_KEY_FILE)
    with _one_rotation_at_a_time(file):
        ring = read_ring(file).with_new_master()
        for key_id in scopes_by_master_key():
            ring.master(key_id)  # raises `KeyMissing` before anything is changed
        write_ring(ring, file)
        count = 0
        while chunk := _rewrap_chunk(ring):
            count += chunk
    with transaction.atomic():
        record(
            actor.name,
            [Event("keys.rotated", "vault", {"master_key": ring.active_id, "scopes": count})],
            timezone.now(),
        )
    return count


@contextmanager
def _one_rotation_at_a_time(file: Path) -> Iterator[None]:
    """Two at once would each write the ring without the other's new key, and what that key wrapped would be lost."""
    with file.with_name(f".{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rewrap_chunk(ring: KeyRing) -> int:
    with transaction.atomic():
        rows = list(ScopeKey.objects.select_for_update().exclude(master_key_id=ring.active_id)[:REWRAP_CHUNK])
        for row in rows:
            row.wrapped = wrap(unwrap_raw(row, ring), row.scope, ring)
            row.master_key_id = ring.active_id
        ScopeKey.objects.bulk_update(rows, ["wrapped", "master_key_id"])
    return len(rows)
