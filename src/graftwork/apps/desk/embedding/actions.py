"""What an embedded draft does, beyond the actions of the desk that it shares."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.desk.review_page import ReviewPage, review_page
from graftwork.apps.work.actions import reviewing
from graftwork.apps.work.models import Item, Review
from graftwork.apps.work.queries import access_item
from graftwork.core.errors import AlreadyClaimed, AlreadyReviewed, NotFound


def open_item(actor: Actor, item_id: UUID, now: datetime) -> ReviewPage:
    """The page of an item, which is this person's where it was free; while its draft is written nobody claims it.

    Where somebody was faster the page says who. A decision that its maker can still undo is shown, not passed over.
    """
    page = review_page(actor, item_id, now)
    undoable = page.decided is not None and page.decided.may_undo
    if page.mode == "edit" or (page.mode == "free" and not undoable):
        with suppress(AlreadyClaimed, AlreadyReviewed):
            reviewing.claim(actor, item_id, now)
        page = review_page(actor, item_id, now)
    return page


def give_back(actor: Actor, item_id: UUID, claimed_until: datetime, now: datetime) -> bool:
    """Let go of the claim that lasts until then; returns whether it was let go.

    Another tab of the same person may have taken the item since, or this page again after a reload: their claim lasts
    until another time, and stays.
    """
    with transaction.atomic():
        access_item(actor, item_id)
        item = Item.objects.select_for_update().get(pk=item_id)
        if item.claim_expires_at != claimed_until:
            return False
        reviewing.give_back(actor, item_id, now)
    return True


def undo(actor: Actor, item_id: UUID, review_id: UUID, now: datetime) -> None:
    """Take back a decision on this item: whoever may work on one item may undo on no other."""
    if not Review.objects.filter(pk=review_id, item_id=item_id).exists():
        raise NotFound("review", str(review_id))
    reviewing.undo(actor, review_id, now)
