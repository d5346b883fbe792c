"""Reading what the desk remembers of a person, what they may still undo, and how far they have come."""

from datetime import datetime

from graftwork.apps.actors import Actor
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.desk.models import DeskPreferences
from graftwork.apps.desk.shortcuts import Shortcuts, from_stored
from graftwork.apps.work.models import Item, Review
from graftwork.apps.work.queries import open_for_review

# Counting further costs more and tells nobody more.
MOST_COUNTED = 1_000


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


def tally(actor: Actor, now: datetime, use_case: str | None) -> str:
    """What this person decided since midnight UTC, and what is left for them to decide."""
    mine = Review.objects.filter(reviewer_id=actor.user_id, undone_at=None, simulated=False)
    today = mine.filter(decided_at__gte=now.replace(hour=0, minute=0, second=0, microsecond=0)).count()
    left = open_for_review(actor, use_case).order_by()[: MOST_COUNTED + 1].count()
    return f"{today} decided today · {left if left <= MOST_COUNTED else f'over {MOST_COUNTED}'} left"


def claimed_since(item: Item) -> datetime | None:
    """Since when its present holder has it; `None` where the record does not say."""
    entries = AuditEntry.objects.filter(subject=f"item:{item.pk}", action="item.claimed")
    latest = entries.order_by("-sequence").first()
    who = latest.actor.partition(" via ")[0] if latest else ""  # in an embedded page by way of a token
    return latest.at if latest and who == f"user:{item.claimed_by_id}" else None
