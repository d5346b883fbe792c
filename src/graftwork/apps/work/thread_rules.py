"""What sensitive data brought on a thread holds for all that comes after: in the drafts, and in the gateway."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.work.models import ThreadRule
from graftwork.core.privacy.policy import Ruling


def kept_rules(scopes: Iterable[str]) -> dict[str, Ruling]:
    """What each of the threads is held to, where sensitive data brought a rule on it."""
    rows = ThreadRule.objects.filter(scope_key__scope__in=set(scopes)).select_related("scope_key")
    return {row.scope_key.scope: Ruling(row.treatment, row.reason) for row in rows}  # type: ignore[arg-type] # as stored


def keep_rule(scope: str, rule: Ruling, now: datetime) -> None:
    """Hold the thread to `rule`, unless a stricter one holds it already. Its scope has a key."""
    with transaction.atomic():
        key = ScopeKey.objects.select_for_update().get(scope=scope)
        stands = ThreadRule.objects.filter(pk=key.pk).first()
        if stands is None:
            ThreadRule.objects.create(scope_key=key, treatment=rule.treatment, reason=rule.reason[:300], since=now)
        elif rule.treatment == "local" and stands.treatment != "local":
            stands.treatment, stands.reason, stands.since = rule.treatment, rule.reason[:300], now
            stands.save()
