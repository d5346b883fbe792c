"""Reading what the vault holds about keys, never the keys themselves."""

from collections.abc import Iterable

from django.db.models import Count

from graftwork.apps.vault.models import ScopeKey


def scopes_by_master_key() -> dict[str, int]:
    """How many scopes each master key wraps; a key that wraps none is not named."""
    counted: Iterable[tuple[str, int]] = ScopeKey.objects.order_by().values_list("master_key_id").annotate(Count("pk"))
    return dict(counted)


def newest_scope_key(master_key_id: str) -> ScopeKey | None:
    """One key that `master_key_id` wraps, to try whether it opens."""
    return ScopeKey.objects.filter(master_key_id=master_key_id).order_by("-pk").first()
