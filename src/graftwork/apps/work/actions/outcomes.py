"""Recording what became of an item."""

import math
import re
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.work import hooks
from graftwork.apps.work.models import Outcome
from graftwork.apps.work.queries import access_item
from graftwork.core.errors import RequestInvalid

# Clocks of other systems may be ahead, or write local time as if it were UTC.
MOST_AHEAD = timedelta(days=1)
_KIND = re.compile(r"[a-z][a-z0-9_]{0,62}")


def record_outcome(
    actor: Actor, item_id: UUID, kind: str, value: float, occurred_at: datetime, now: datetime
) -> tuple[Outcome, bool]:
    """Store one outcome; telling the same one twice stores it once. Returns it, and whether it is new."""
    actor.require_scope("outcomes:write")
    if not _KIND.fullmatch(kind):
        raise RequestInvalid("kind", "must be lower-case letters, digits and underscores, such as solved_first_contact")
    if not math.isfinite(value):
        raise RequestInvalid("value", "must be a finite number")
    if occurred_at > now + MOST_AHEAD:
        raise RequestInvalid("occurred_at", "must not lie ahead by more than a day")
    with transaction.atomic():
        item = access_item(actor, item_id)
        outcome, new = Outcome.objects.get_or_create(
            item=item, kind=kind, occurred_at=occurred_at, defaults={"value": value, "recorded_at": now}
        )
        if new:
            hooks.told(outcome, now)
            record(actor.name, [Event("outcome.recorded", f"item:{item.pk}", {"kind": kind})], now)
    return outcome, new
