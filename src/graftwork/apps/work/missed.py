"""Reading what reviewers reported as missed: the workspace's own terms, and cases to test a recognizer with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max

from graftwork.apps.actors import Actor
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.models import MissedValue
from graftwork.core.privacy.missed import shape


@dataclass(frozen=True, slots=True)
class Missed:
    """One report, without the value: its form, and where it stood with `{value}` in its place."""

    id: UUID
    use_case: str
    kind: str
    everywhere: bool
    reported_at: datetime
    shape: str
    context: str


def missed_values(actor: Actor) -> Iterator[Missed]:
    """All reports, oldest first, for those who mend recognizers."""
    actor.require_role("ops", "compliance")
    ring = keyring()
    for row in MissedValue.objects.select_related("scope_key").order_by("pk").iterator(chunk_size=200):
        key = unwrap(row.scope_key, ring)
        value = key.unseal(row.value_sealed, row.label("value"))
        context = key.unseal(row.context_sealed, row.label("context"))
        yield Missed(row.pk, row.use_case, row.kind, row.everywhere, row.reported_at, shape(value), context)


def workspace_terms() -> dict[str, str]:
    """Kind by term, of the terms that are masked everywhere. Internal to the guard: these are the values."""
    ring = keyring()
    rows = MissedValue.objects.filter(everywhere=True).select_related("scope_key")
    return {unwrap(row.scope_key, ring).unseal(row.value_sealed, row.label("value")): row.kind for row in rows}


def terms_version() -> tuple[int, str]:
    """Changes when a term comes or goes; one cheap query."""
    found = MissedValue.objects.filter(everywhere=True).aggregate(count=Count("pk"), last=Max("reported_at"))
    return found["count"], str(found["last"])
