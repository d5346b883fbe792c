"""Reviews: deciding on an item, taking it back, reading what is in effect."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers, refuse_unknown
from graftwork.api.paging import PageQuery, page
from graftwork.api.schemas.common import Time, UseCaseName
from graftwork.api.schemas.reviews import Review, ReviewIn, ReviewList, ReviewMade, ReviewPage, Undone
from graftwork.apps.work import models
from graftwork.apps.work.actions.reviewing import TimeOnTask, Verdict, claim, decide, undo
from graftwork.apps.work.queries import access_item, review_texts, visible_reviews
from graftwork.core.errors import DraftWasSeeded, RequestInvalid
from graftwork.core.types import Decision

router = Router(tags=["Reviews"])

ORDER = ["effective_at", "pk"]
_KINDS: dict[Decision, Any] = {
    "accepted": "approve",
    "edited": "approve",
    "rejected": "reject",
    "escalated": "escalate",
}


@router.post(
    "/items/{item_id}/review",
    response={201: ReviewMade, **answers(401, 403, 404, 409, 413, 415, 422)},
    summary="Decide on an item",
)
def post_review(request: HttpRequest, item_id: UUID, body: ReviewIn) -> Status[Any]:
    """Decide in the name of the token's user, who must have the reviewing role. Scope: `reviews:write`.

    Claims the item if nobody holds it, and answers 409 if somebody else does. `accepted` takes the text of the draft
    as it is, `edited` a changed one; where text and decision do not agree, the answer is 422 and nothing is stored.
    A pilot may plant drafts with a statement known to be wrong: on one of these the answer is 409 `review.seeded`, no
    review is stored, and the item then has its own draft.
    """
    actor, now = actor_of(request), timezone.now()
    actor.require_scope("reviews:write")
    times = TimeOnTask(
        body.active_seconds,
        body.wall_seconds,
        body.thinking_seconds,
        body.active_seconds_30,
        body.active_seconds_120,
    )
    verdict = Verdict(_KINDS[body.decision], body.final_text or "", body.reason or "", body.note, times)
    planted = None
    with transaction.atomic():
        claim(actor, item_id, now)
        try:
            review = decide(actor, item_id, verdict, now)
        except DraftWasSeeded as error:  # raised below: what was noticed stays stored
            planted = error
        else:
            _check_said(body.decision, review)
    if planted is not None:
        raise planted
    return Status(201, _made(review))


def _check_said(said: Decision, review: models.Review) -> None:
    if review.decision != said:
        differs = "differs from" if review.decision == "edited" else "is the same as"
        raise RequestInvalid("decision", f"must be `{review.decision}`: the text {differs} the draft")


@router.post(
    "/reviews/{review_id}/undo", response={200: Undone, **answers(401, 403, 409, 422)}, summary="Undo a review"
)
def undo_review(request: HttpRequest, review_id: UUID) -> Undone:
    """Take back a decision of your own before its `effective_at`; answers 409 after that. Scope: `reviews:write`."""
    actor = actor_of(request)
    actor.require_scope("reviews:write")
    item = undo(actor, review_id, timezone.now())
    return Undone.model_validate({"item_id": item.pk, "state": item.state, "claim_expires_at": item.claim_expires_at})


class ReviewQuery(PageQuery):
    since: Time | None = Field(
        None, description="in effect from this time on", json_schema_extra={"example": "2026-11-22T09:00:00Z"}
    )
    until: Time | None = Field(
        None, description="in effect before this time", json_schema_extra={"example": "2026-11-23T09:00:00Z"}
    )
    use_case: UseCaseName | None = None
    decision: Decision | None = None


@router.get("/reviews", response={200: ReviewPage, **answers(401, 403, 422)}, summary="List reviews")
def list_reviews(request: HttpRequest, filters: Query[ReviewQuery]) -> ReviewPage:
    """The reviews in effect of the items that you may see, in the order of `effective_at`. Scope: `reviews:read`.

    A decision that can still be undone, or that was, is never here. To follow along, ask again with `since` set to
    the last `effective_at` that you saw, and leave out the ids that you have.
    """
    actor = actor_of(request)
    actor.require_scope("reviews:read")
    refuse_unknown(request.GET, list(ReviewQuery.model_fields))
    wanted = {
        "effective_at__gte": filters.since,
        "effective_at__lt": filters.until,
        "item__use_case": filters.use_case,
        "decision": filters.decision,
    }
    rows = visible_reviews(actor, timezone.now())
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    found, next_cursor = page(rows, ORDER, filters)
    return ReviewPage(reviews=[_review(review) for review in found], next_cursor=next_cursor)


@router.get(
    "/items/{item_id}/reviews",
    response={200: ReviewList, **answers(401, 403, 404, 422)},
    summary="Read an item's reviews",
)
def list_item_reviews(request: HttpRequest, item_id: UUID) -> ReviewList:
    """The reviews of one item that are in effect: escalations, then the decision. Scope: `reviews:read`."""
    actor = actor_of(request)
    actor.require_scope("reviews:read")
    item = access_item(actor, item_id)
    rows = visible_reviews(actor, timezone.now()).filter(item=item).order_by(*ORDER)
    return ReviewList(reviews=[_review(review) for review in rows])


def _made(review: models.Review) -> ReviewMade:
    return ReviewMade.model_validate(
        {
            "id": review.pk,
            "item_id": review.item_id,
            "decision": review.decision,
            "share_rewritten": review.share_rewritten,
            "decided_at": review.decided_at,
            "effective_at": review.effective_at,
            "undo": reverse("api:undo_review", args=[review.pk]),
        }
    )


def _review(review: models.Review) -> Review:
    texts = review_texts(review)
    same = ("item_id", "draft_id", "decision", "share_rewritten", "active_seconds", "active_seconds_30",
            "active_seconds_120", "wall_seconds", "thinking_seconds", "simulated", "decided_at",
            "effective_at")  # fmt: skip
    return Review(
        id=review.pk,
        use_case=review.item.use_case,
        external_id=review.item.external_id,
        release=review.release_id,
        reason=review.reason or None,
        final_text=texts.final,
        note=texts.note,
        reviewer=f"user:{review.reviewer_id}" if review.reviewer_id else None,
        **{name: getattr(review, name) for name in same},
    )
