"""Reporting a value that the search missed, and taking such a report back."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.models import Item, MissedValue
from graftwork.apps.work.queries import access_item, item_content, may_decide
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid
from graftwork.core.privacy.finding import KINDS, Kind
from graftwork.core.privacy.missed import MAX_VALUE_CHARACTERS, Place, guess_kind, locate

# The company's own words belong to no thread, so they outlive all of them.
TERMS_SCOPE = "workspace:terms"
# A shorter word would take too much of other texts with it.
SHORTEST_TERM = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What a reviewer says: the value as it stands in the item; its kind, or `None` to have it guessed."""

    value: str
    kind: str | None = None
    everywhere: bool = False


def report_missed(actor: Actor, item_id: UUID, report: Report, now: datetime) -> MissedValue:
    """Store one report; the same one twice is stored once. A term for everywhere is masked from the next item on.

    Raises `NotFound`, `NotAllowed`, or `RequestInvalid` where the value does not stand in the item.
    """
    actor.require_scope("reviews:write")
    kind = _kind(report)
    with transaction.atomic():
        item = access_item(actor, item_id)
        if not may_decide(actor, item):
            raise NotAllowed("the role that reviews this item")
        place = _place(item, report)
        missed = _stored(actor, item, place, kind or guess_kind(place.value), report, now)
        detail = {"missed": str(missed.pk), "kind": missed.kind, "everywhere": missed.everywhere}
        record(actor.name, [Event("privacy.missed", f"item:{item.pk}", detail)], now)
    return missed


def withdraw_missed(actor: Actor, missed_id: UUID, now: datetime) -> None:
    """Forget a report: a term that takes too much with it is no longer masked. Raises `NotFound`."""
    actor.require_role("ops", "compliance")
    with transaction.atomic():
        deleted, _ = MissedValue.objects.filter(pk=missed_id).delete()
        if not deleted:
            raise NotFound("missed value", str(missed_id))
        record(actor.name, [Event("privacy.missed_withdrawn", f"missed:{missed_id}", {})], now)


def _kind(report: Report) -> Kind | None:
    if not report.kind:
        return None
    found = next((kind for kind in KINDS if kind == report.kind), None)
    if found is None or found == "literal":
        raise RequestInvalid("kind", "is no kind of value that is looked for")
    return found


def _place(item: Item, report: Report) -> Place:
    if len(report.value) > MAX_VALUE_CHARACTERS:
        raise RequestInvalid("value", f"has over {MAX_VALUE_CHARACTERS} characters; select the value alone")
    place = locate(item_content(item), report.value)
    if place is None:
        raise RequestInvalid("value", "does not stand in the item; select it there")
    if report.everywhere and sum(character.isalnum() for character in place.value) < SHORTEST_TERM:
        raise RequestInvalid("value", f"has fewer than {SHORTEST_TERM} letters and digits, too few for everywhere")
    return place


def _stored(actor: Actor, item: Item, place: Place, kind: Kind, report: Report, now: datetime) -> MissedValue:
    scope_key = scope_keys([TERMS_SCOPE])[TERMS_SCOPE] if report.everywhere else item.scope_key
    ring = keyring()
    # Keyed, because a short value could be found again from a plain digest by trying.
    digest = hmac.digest(ring.audit_secret, f"missed\0{place.value}\0{place.context}".encode(), "sha256").hex()
    missed = MissedValue(
        item=item, use_case=item.use_case, scope_key=scope_key, kind=kind, context_hash=digest,
        everywhere=report.everywhere, reporter_id=actor.user_id, reported_at=now,
    )  # fmt: skip
    there = MissedValue.objects.filter(scope_key=scope_key, context_hash=digest).first()
    if there is not None:
        return there
    key = unwrap(scope_key, ring)
    missed.value_sealed = key.seal(place.value, missed.label("value"))
    missed.context_sealed = key.seal(place.context, missed.label("context"))
    missed.save(force_insert=True)
    return missed
