"""Claiming an item, deciding on it, taking the decision back. The desk and the REST interface both call these."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work import hooks
from graftwork.apps.work.actions import seeding
from graftwork.apps.work.locking import lock_free_rows
from graftwork.apps.work.models import Draft, Item, ItemState, Review
from graftwork.apps.work.queries import (
    access_item,
    draft_for,
    draft_text,
    may_decide,
    may_settle_escalations,
    reviewable_usecases,
)
from graftwork.apps.work.usecases import all_usecases, get_usecase
from graftwork.core.edits import edit_script, share_rewritten
from graftwork.core.errors import (
    AlreadyClaimed,
    AlreadyReviewed,
    ClaimLost,
    DraftWasSeeded,
    NotAllowed,
    NotReady,
    NotYetAllowed,
    RequestInvalid,
    UndoTooLate,
)
from graftwork.core.finishing import output_problem
from graftwork.core.types import Decision
from graftwork.core.usecase import UseCase

MAX_FINAL_CHARACTERS = 200_000
MAX_NOTE_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class TimeOnTask:
    """Measured in the page, in seconds; `None` where it was not. Active: gaps between events, up to 60 s each."""

    active_seconds: float | None = None
    wall_seconds: float | None = None
    thinking_seconds: float | None = None
    active_seconds_30: float | None = None
    active_seconds_120: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer asks for. Whether an approval counts as accepted or edited follows from the text."""

    kind: Literal["approve", "reject", "escalate"]
    final_text: str = ""
    reason: str = ""
    note: str = ""
    time: TimeOnTask = TimeOnTask()


def claim_next(
    actor: Actor, now: datetime, *, use_case: str | None = None, skip: frozenset[UUID] = frozenset()
) -> Item | None:
    """Lock the oldest item that this reviewer may decide on and nobody else holds; `None` where there is none."""
    with transaction.atomic():
        heads = [_head(lane.exclude(pk__in=skip), now, actor.user_id) for lane in _lanes(actor, use_case)]
        item = min((head for head in heads if head is not None), key=lambda head: head.pk, default=None)
        if item is not None:
            _set_claim(actor, item, now)
    return item


def claim(actor: Actor, item_id: UUID, now: datetime) -> Item:
    """Lock one item, or make one's claim last longer. Raises `AlreadyClaimed` while somebody else holds it."""
    with transaction.atomic():
        item = _locked(actor, item_id)
        _check_may_decide(actor, item)
        if item.claimed_by_id not in (None, actor.user_id) and item.claim_expires_at and item.claim_expires_at > now:
            raise AlreadyClaimed(str(item_id))
        _set_claim(actor, item, now)
    return item


def give_back(actor: Actor, item_id: UUID, now: datetime) -> None:
    """Let go of a claim, so that others need not wait for it to expire."""
    with transaction.atomic():
        item = _locked(actor, item_id)
        if item.claimed_by_id == actor.user_id and item.state != ItemState.DECIDED:
            item.claimed_by_id, item.claim_expires_at = None, None
            item.save(update_fields=["claimed_by", "claim_expires_at"])
            record(actor.name, [Event("item.given_back", f"item:{item.pk}", {})], now)


def decide(actor: Actor, item_id: UUID, verdict: Verdict, now: datetime, *, simulated: bool = False) -> Review:
    """Store what a person decided and what they changed. Needs the claim; takes effect when the time to undo is over.

    Raises `ClaimLost`, `AlreadyReviewed`, `NotAllowed` or `RequestInvalid`; nothing is stored then. Raises
    `DraftWasSeeded` where it meets a planted draft: that this was noticed or not is stored, and the item is free again,
    so that whoever takes it sees its own draft. A transaction around this one must not be undone by that.
    """
    actor.require_scope("reviews:write")
    with transaction.atomic():
        item = check_claim(actor, item_id, now)
        if item.state in (ItemState.WAITING, ItemState.DRAFTING):
            raise NotReady(str(item_id))
        use_case = get_usecase(item.use_case)
        _check_verdict(use_case, verdict)
        approved = verdict.final_text if verdict.kind == "approve" else None
        planted = seeding.settle(actor, item, approved, verdict.time.active_seconds, now)
        if not planted:
            return _stored(_review_of(actor, item, use_case, verdict, now, simulated=simulated), actor, now)
        item.claimed_by_id, item.claim_expires_at = None, None
        item.save(update_fields=["claimed_by", "claim_expires_at"])
    raise DraftWasSeeded(planted)


def _stored(review: Review, actor: Actor, now: datetime) -> Review:
    item = review.item
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise AlreadyReviewed(str(item.pk)) from None
    item.state = ItemState.ESCALATED if review.decision == "escalated" else ItemState.DECIDED
    item.claimed_by_id, item.claim_expires_at = None, None
    item.save(update_fields=["state", "claimed_by", "claim_expires_at"])
    hooks.decided(review, now)
    detail = {
        "decision": review.decision,
        "reason": review.reason,
        "review": str(review.pk),
        "simulated": review.simulated,
    }
    # Last: whoever writes to the log holds up all others, and must wait for nobody then.
    record(actor.name, [Event("review.decided", f"item:{item.pk}", detail)], now)
    return review


def check_claim(actor: Actor, item_id: UUID, now: datetime) -> Item:
    """The locked item, where this person may decide on it and holds it. Raises `ClaimLost` or `NotAllowed`."""
    item = _locked(actor, item_id)
    _check_may_decide(actor, item)
    if item.claimed_by_id != actor.user_id or item.claim_expires_at is None or item.claim_expires_at <= now:
        raise ClaimLost(str(item_id))
    return item


def undo(actor: Actor, review_id: UUID, now: datetime) -> Item:
    """Take a decision back while it has not taken effect; the item is the same reviewer's again."""
    with transaction.atomic():
        review = Review.objects.select_for_update(of=("self",)).filter(pk=review_id, reviewer_id=actor.user_id).first()
        if review is None or review.undone_at is not None or now >= review.effective_at:
            raise UndoTooLate(str(review.item_id if review else review_id))
        item = _locked(actor, review.item_id)
        if _somebody_went_on(actor, item, review, now):
            raise UndoTooLate(str(review.item_id))
        review.undone_at = now
        review.save(update_fields=["undone_at"])
        item.state = ItemState(review.previous_state)
        item.save(update_fields=["state"])
        hooks.taken_back(review, now)
        _set_claim(actor, item, now)
        record(actor.name, [Event("review.undone", f"item:{item.pk}", {"review": str(review.pk)})], now)
    return item


def _somebody_went_on(actor: Actor, item: Item, review: Review, now: datetime) -> bool:
    """Whether somebody has taken up or settled what this review left behind: an escalation is open to all at once."""
    left_behind = ItemState.ESCALATED if review.decision == "escalated" else ItemState.DECIDED
    held = item.claimed_by_id not in (None, actor.user_id) and item.claim_expires_at and item.claim_expires_at > now
    newer = item.reviews.filter(undone_at=None, decided_at__gt=review.decided_at).exists()
    return item.state != left_behind or bool(held) or newer


def _lanes(actor: Actor, use_case: str | None) -> list[QuerySet[Item]]:
    """What this reviewer may decide on: one query a use case and state, since the index gives each in its order."""
    reviewable = reviewable_usecases(actor)
    hindered = hooks.hindrances(actor, reviewable)
    open_to_them = [name for name in reviewable if name not in hindered]
    lanes = [(name, state) for name in open_to_them for state in (ItemState.READY, ItemState.FAILED)]
    if may_settle_escalations(actor):
        lanes += [(found.name, ItemState.ESCALATED) for found in all_usecases()[0]]
    return [Item.objects.filter(use_case=name, state=state) for name, state in lanes if use_case in (None, name)]


def _head(lane: QuerySet[Item], now: datetime, user_id: int | None) -> Item | None:
    free = lane.filter(_unclaimed(now, user_id)).select_related("scope_key").order_by("pk")
    return lock_free_rows(free).first()


def _unclaimed(now: datetime, user_id: int | None) -> Q:
    return Q(claimed_by=None) | Q(claim_expires_at__lte=now) | Q(claimed_by=user_id)


def _locked(actor: Actor, item_id: UUID) -> Item:
    access_item(actor, item_id)
    return Item.objects.select_for_update(of=("self",)).select_related("scope_key").get(pk=item_id)


def _check_may_decide(actor: Actor, item: Item) -> None:
    if actor.user_id is None or not may_decide(actor, item):
        escalated = item.state == ItemState.ESCALATED
        raise NotAllowed("the role owner, ops or admin" if escalated else f"the reviewing role of {item.use_case}")
    if item.state == ItemState.DECIDED:
        raise AlreadyReviewed(str(item.pk))
    if item.state != ItemState.ESCALATED and (reason := hooks.hindrance(actor, item.use_case)):
        raise NotYetAllowed(reason)


def _set_claim(actor: Actor, item: Item, now: datetime) -> None:
    new = item.claimed_by_id != actor.user_id
    item.claimed_by_id = actor.user_id
    item.claim_expires_at = now + timedelta(minutes=get_usecase(item.use_case).review.claim_minutes)
    item.save(update_fields=["claimed_by", "claim_expires_at"])
    if new:
        record(actor.name, [Event("item.claimed", f"item:{item.pk}", {})], now)


def _check_verdict(use_case: UseCase, verdict: Verdict) -> None:
    if len(verdict.final_text) > MAX_FINAL_CHARACTERS:
        raise RequestInvalid("final_text", f"has over {MAX_FINAL_CHARACTERS} characters")
    if len(verdict.note) > MAX_NOTE_CHARACTERS:
        raise RequestInvalid("note", f"has over {MAX_NOTE_CHARACTERS} characters")
    if verdict.kind == "reject" and verdict.reason not in [reason.code for reason in use_case.review.reasons]:
        raise RequestInvalid("reason", f"must be one of {', '.join(reason.code for reason in use_case.review.reasons)}")
    if verdict.kind == "escalate" and not verdict.note.strip():
        raise RequestInvalid("note", "an escalation needs a note that says what is needed")
    if verdict.kind == "approve":
        _check_final(use_case, verdict.final_text)


def _check_final(use_case: UseCase, text: str) -> None:
    if not text.strip():
        raise RequestInvalid("final_text", "an empty text cannot be approved; reject the draft instead")
    output = use_case.output
    if output.json_schema is None:
        return
    if (problem := output_problem(output.json_schema, text, nulls=output.evidence)) is not None:
        raise RequestInvalid("final_text", problem)


def _review_of(
    actor: Actor, item: Item, use_case: UseCase, verdict: Verdict, now: datetime, *, simulated: bool
) -> Review:
    draft = draft_for(item, actor.user_id)
    before = draft_text(item, draft) if draft else ""
    final = verdict.final_text.replace("\r\n", "\n").strip() if verdict.kind == "approve" else None
    review = Review(
        item=item,
        draft=draft,
        release_id=draft.release_id if draft else None,
        reviewer_id=actor.user_id,
        simulated=simulated,
        decision=_decision(verdict, draft, before, final),
        reason=verdict.reason if verdict.kind == "reject" else "",
        share_rewritten=share_rewritten(before, final) if draft and final is not None else None,
        active_seconds=verdict.time.active_seconds,
        active_seconds_30=verdict.time.active_seconds_30,
        active_seconds_120=verdict.time.active_seconds_120,
        wall_seconds=verdict.time.wall_seconds,
        thinking_seconds=verdict.time.thinking_seconds,
        previous_state=item.state,
        decided_at=now,
        effective_at=now + timedelta(seconds=use_case.review.undo_seconds),
    )
    _seal(unwrap(item.scope_key, keyring()), review, before if draft else None, final, verdict.note.strip())
    return review


def _decision(verdict: Verdict, draft: Draft | None, before: str, final: str | None) -> Decision:
    if verdict.kind == "reject":
        return "rejected"
    if verdict.kind == "escalate":
        return "escalated"
    return "accepted" if draft is not None and final == before else "edited"


def _seal(key: DataKey, review: Review, before: str | None, final: str | None, note: str) -> None:
    if final is not None:
        review.final_sealed = key.seal(final, review.label("final"))
    if final is not None and before is not None:
        script = json.dumps([asdict(edit) for edit in edit_script(before, final)], ensure_ascii=False)
        review.edit_script_sealed = key.seal(script, review.label("edit_script"))
    if note:
        review.note_sealed = key.seal(note, review.label("note"))
