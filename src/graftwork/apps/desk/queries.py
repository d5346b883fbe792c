"""Reading what the desk remembers of a person, and what they may still undo."""

from datetime import datetime

from graftwork.apps.actors import Actor
from graftwork.apps.desk.models import DeskPreferences
from graftwork.apps.desk.shortcuts import Shortcuts, from_stored
from graftwork.apps.work.models import Review


def shortcuts_of(actor: Actor) -> Shortcuts:
    if actor.user_id is None:
        return from_stored({}, enabled=True)
    stored = DeskPreferences.objects.filter(user_id=actor.user_id).first()
    return (
        from_stored(stored.shortcut_keys, enabled=stored.shortcuts_enabled) if stored else from_stored({}, enabled=True)
    )


def undoable_reviews(actor: Actor, now: datetime) -> list[Review]:
    """The person's own decisions that have not taken effect yet, the latest first."""
    mine = Review.objects.filter(reviewer_id=actor.user_id, undone_at=None, effective_at__gt=now)
    return list(mine.select_related("item").defer("item__content_sealed").order_by("-decided_at")[:5])
