"""Deleting the values of one scope because somebody asked for it, with an entry that says who did."""

from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.vault.placeholders import forget_book, scope_digest


def forget_placeholders(actor: Actor, scope: str) -> int:
    """Delete the values of `scope` (`core.privacy.book.scope_of`) and their key; returns how many placeholders."""
    actor.require_role("admin")
    with transaction.atomic():
        count = forget_book(scope)
        # Not the scope's name: it may be a person's, and this entry stays.
        details = {"scope": scope_digest(scope), "placeholders": count}
        record(actor.name, [Event("placeholders.forgotten", "vault", details)], timezone.now())
    return count
