"""Embedded drafts: tokens for pages of other systems, and what the element on such a page asks for.

Only the first is for other programs and stands in the reference; the rest is between `<graftwork-draft>` and this
server, which come from the same release.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from ninja.security import HttpBearer

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers
from graftwork.api.schemas.embed import CheckIn, DecideIn, EmbedToken, EmbedTokenIn, GiveBackIn, UndoIn
from graftwork.apps.desk.embedding import actions
from graftwork.apps.desk.embedding.page import checked, told
from graftwork.apps.desk.embedding.tokens import Guest, admit, issue
from graftwork.apps.desk.review_page import posted_as_stored, review_page
from graftwork.apps.desk.timing import ACTIVE, time_on_task
from graftwork.apps.work.actions import reviewing
from graftwork.apps.work.actions.reviewing import Verdict
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import access_item
from graftwork.core.errors import EmbedTokenInvalid

router = Router(tags=["Embedding"])
Answer = dict[str, Any]


@router.post(
    "/embed/tokens", response={201: EmbedToken, **answers(401, 403, 404, 413, 415, 422)}, summary="Let a page decide"
)
def make_embed_token(request: HttpRequest, body: EmbedTokenIn) -> Status[Any]:
    """A short-lived token with which one page of your system shows one item to one person. Scope: `embed:write`.

    Ask from your server, for somebody whom it has signed in: what they decide is stored in the name of that user, who
    must be allowed to review the item. It ends after `embed.token_minutes`, with your token, and when that user is
    disabled or gets another password, role or group.
    """
    issued = issue(actor_of(request), body.wanted(), timezone.now())
    return Status(201, {"token": issued.token, "item_id": issued.item_id, "expires_at": issued.expires_at})


class EmbedAuth(HttpBearer):
    """`Authorization: Embed TOKEN`, from a page of the site that the token was made for."""

    openapi_scheme = "embed"

    def __call__(self, request: HttpRequest) -> Guest:
        guest = super().__call__(request)
        if guest is None:
            raise EmbedTokenInvalid
        return cast("Guest", guest)

    def authenticate(self, request: HttpRequest, token: str) -> Guest:
        match = request.resolver_match
        assert match is not None, "the path was resolved before the view was asked"
        origin = request.headers.get("Origin", "")
        return admit(token.strip(), match.kwargs["item_id"], origin, timezone.now())


def _guest(request: HttpRequest) -> Guest:
    guest = getattr(request, "auth", None)
    assert isinstance(guest, Guest), "every operation of the element is behind `EmbedAuth`"
    return guest


_private: dict[str, Any] = {"auth": EmbedAuth(), "include_in_schema": False}


@router.post("/embed/items/{uuid:item_id}/open", **_private)
def embed_open(request: HttpRequest, item_id: UUID) -> Answer:
    guest, now = _guest(request), timezone.now()
    return told(actions.open_item(guest.actor, item_id, now), guest.actor, now)


@router.post("/embed/items/{uuid:item_id}/renew", **_private)
def embed_renew(request: HttpRequest, item_id: UUID) -> Answer:
    item = reviewing.claim(_guest(request).actor, item_id, timezone.now())
    assert item.claim_expires_at is not None, "a claim has an end"
    return {"claimed_until": item.claim_expires_at.isoformat()}


@router.post("/embed/items/{uuid:item_id}/check", **_private)
def embed_check(request: HttpRequest, item_id: UUID, body: CheckIn) -> Answer:
    return checked(_guest(request).actor, item_id, body.text, renew_form=body.renew_form)


@router.post("/embed/items/{uuid:item_id}/decide", **_private)
def embed_decide(request: HttpRequest, item_id: UUID, body: DecideIn) -> Answer:
    guest, now = _guest(request), timezone.now()
    item = access_item(guest.actor, item_id)
    reviewing.decide(guest.actor, item_id, _verdict(item, body, now), now)
    return told(review_page(guest.actor, item_id, now), guest.actor, now)


def _verdict(item: Item, body: DecideIn, now: datetime) -> Verdict:
    final = posted_as_stored(item, body.final_text.replace("\r\n", "\n")) if body.kind == "approve" else ""
    age_seconds = (now - item.created_at).total_seconds()
    time = time_on_task(body.model_dump(include=_TIMES), item_age_seconds=age_seconds)
    return Verdict(body.kind, final, body.reason, body.note, time)


_TIMES = {*ACTIVE, "wall_seconds", "thinking_seconds"}


@router.post("/embed/items/{uuid:item_id}/undo", **_private)
def embed_undo(request: HttpRequest, item_id: UUID, body: UndoIn) -> Answer:
    guest, now = _guest(request), timezone.now()
    actions.undo(guest.actor, item_id, body.review_id, now)
    return told(review_page(guest.actor, item_id, now), guest.actor, now)


@router.post("/embed/items/{uuid:item_id}/give-back", **_private)
def embed_give_back(request: HttpRequest, item_id: UUID, body: GiveBackIn) -> Answer:
    actor = _guest(request).actor
    return {"given_back": actions.give_back(actor, item_id, body.claimed_until, timezone.now())}
