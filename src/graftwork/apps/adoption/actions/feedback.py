"""Feedback from the desk, for those who lead the use case."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import led_usecase
from graftwork.apps.adoption.models import Feedback
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.queries import access_item
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid

MAX_CHARACTERS = 4_000
NOBODY = "anonymous"


def give(actor: Actor, item_id: UUID, text: str, now: datetime, *, named: bool) -> Feedback:
    """Store what somebody says about the help with an item, sealed under the item's own key.

    Without the name nothing leads back to the person: the item is left out, since its claim and its decision name
    them, the time is the day alone, and the key is the use case's. Raises `NotFound` or `RequestInvalid`.
    """
    if actor.user_id is None:
        raise NotAllowed("a person's account")
    text = text.strip()
    if not text:
        raise RequestInvalid("text", "write what you want to say")
    if len(text) > MAX_CHARACTERS:
        raise RequestInvalid("text", f"has over {MAX_CHARACTERS} characters")
    with transaction.atomic():
        item = access_item(actor, item_id)
        scope = f"feedback/{item.use_case}"  # no thread of a use case is called so: those have a colon
        key = item.scope_key if named else scope_keys([scope])[scope]
        feedback = Feedback(
            use_case=item.use_case,
            item=item.pk if named else None,
            user_id=actor.user_id if named else None,
            scope_key=key,
            given_at=now if named else now.replace(hour=0, minute=0, second=0, microsecond=0),
        )
        feedback.text_sealed = unwrap(key, keyring()).seal(text, feedback.text_label)
        feedback.save(force_insert=True)
        # The record says to the second when something was given: without a name it must not say what.
        subject = f"feedback:{feedback.pk}" if named else f"usecase:{item.use_case}"
        event = Event("feedback.given", subject, {"use_case": item.use_case})
        record(actor.name if named else NOBODY, [event], now)
    return feedback


def set_seen(actor: Actor, feedback_id: UUID, now: datetime, *, seen: bool) -> Feedback:
    """Note that those who lead the use case have taken it up, or that somebody has to look again."""
    with transaction.atomic():
        feedback = Feedback.objects.select_for_update().filter(pk=feedback_id).first()
        if feedback is None:
            raise NotFound("feedback", str(feedback_id))
        led_usecase(actor, feedback.use_case)
        feedback.seen_at = now if seen else None
        feedback.save(update_fields=["seen_at"])
        event = Event("feedback.seen" if seen else "feedback.unseen", f"feedback:{feedback.pk}", {})
        record(actor.name, [event], now)
    return feedback
