"""Items: sending them in, listing them, reading one with its drafts."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Header, Query, Router, Status
from pydantic import Field

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers, refuse_unknown
from graftwork.api.grounds import grounds_out
from graftwork.api.paging import PageQuery, page
from graftwork.api.rows import create_batch, create_one
from graftwork.api.schemas.common import State, Text, UseCaseName
from graftwork.api.schemas.items import (
    BatchCreated,
    BatchIn,
    Draft,
    DraftList,
    DraftRoute,
    Item,
    ItemCreated,
    ItemDetail,
    ItemError,
    ItemIn,
    ItemLinks,
    ItemPage,
    Notice,
)
from graftwork.apps.knowledge.queries import visible_sources
from graftwork.apps.work import models
from graftwork.apps.work.actions.idempotency import once
from graftwork.apps.work.queries import (
    QueueFilter,
    access_item,
    draft_grounds,
    draft_text,
    item_content,
    open_drafts,
    queue,
    shown_text,
)
from graftwork.core.types import Grounds

router = Router(tags=["Items"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description=(
            "A name for this request, new for each one (a UUID, for example). Sent again within 24 hours with the same "
            "body, byte for byte, it answers as the first time, with the header `Idempotency-Replayed: true`, and "
            "changes nothing. With another body it answers 409. A request that failed leaves its key free."
        ),
    ),
]


@router.post(
    "/items",
    response={201: ItemCreated, 200: ItemCreated, **answers(401, 403, 404, 409, 413, 415, 422)},
    summary="Create an item",
)
def create_item(
    request: HttpRequest, response: HttpResponse, body: ItemIn, idempotency_key: IdempotencyKey = None
) -> Status[Any]:
    """Store one piece of work and have a draft made for it. Scope: `items:write`.

    Answers 201 for a new item, and 200 where the use case has an item with this id already: it stays as it is, so a
    request can always be sent again, with an idempotency key or without.
    """
    return _answer_once(request, response, idempotency_key, lambda: create_one(actor_of(request), body))


@router.post(
    "/items/batch",
    response={200: BatchCreated, **answers(401, 403, 404, 409, 413, 415, 422)},
    summary="Create up to 1,000 items",
)
def create_items(
    request: HttpRequest, response: HttpResponse, body: BatchIn, idempotency_key: IdempotencyKey = None
) -> Status[Any]:
    """Store many items of one use case in one transaction. Scope: `items:write`.

    A row that cannot become an item is rejected with its reason and stops no other. The answer is 200 as soon as the
    request itself was understood, even where every row was rejected: read the counts.
    """
    return _answer_once(request, response, idempotency_key, lambda: create_batch(actor_of(request), body))


def _answer_once(request: HttpRequest, response: HttpResponse, key: str | None, work: Any) -> Status[Any]:
    actor_of(request).require_scope("items:write")
    if key is None:
        answer = work()
    else:
        digest = hashlib.sha256(request.path.encode() + b"\n" + request.body).hexdigest()
        stored = once(actor_of(request), key, digest, timezone.now(), work)
        answer = stored.body
        if stored.replayed:
            response.headers["Idempotency-Replayed"] = "true"
    return Status(answer["status"], answer["body"])


class ItemQuery(PageQuery):
    use_case: UseCaseName | None = None
    state: State | None = None
    external_id: Text | None = Field(None, max_length=200, description="exactly this one")


@router.get("/items", response={200: ItemPage, **answers(401, 403, 422)}, summary="List items")
def list_items(request: HttpRequest, filters: Query[ItemQuery]) -> ItemPage:
    """The items that you may see, oldest first, without their content. Scope: `items:read`.

    What was there when you began is shown once, whatever is added meanwhile; new items come at the end.
    """
    actor = actor_of(request)
    actor.require_scope("items:read")
    refuse_unknown(request.GET, list(ItemQuery.model_fields))
    wanted = QueueFilter(
        use_case=filters.use_case,
        state=models.ItemState(filters.state) if filters.state else None,
        external_id=filters.external_id or "",
    )
    rows, next_cursor = page(queue(actor, wanted).defer("content_sealed"), ["pk"], filters)
    return ItemPage(items=[Item(**_shown(row)) for row in rows], next_cursor=next_cursor)


@router.get("/items/{item_id}", response={200: ItemDetail, **answers(401, 403, 404, 422)}, summary="Read an item")
def read_item(request: HttpRequest, item_id: UUID) -> ItemDetail:
    """One item with its content. Scope: `items:read`."""
    item = _read(request, item_id)
    links = {
        "self": reverse("api:read_item", args=[item.pk]),
        "drafts": reverse("api:list_drafts", args=[item.pk]),
        "reviews": reverse("api:list_item_reviews", args=[item.pk]),
        "outcomes": reverse("api:outcomes", args=[item.pk]),
    }
    return ItemDetail(**_shown(item), fields=_fields(item), links=ItemLinks(**links))


@router.get(
    "/items/{item_id}/drafts", response={200: DraftList, **answers(401, 403, 404, 422)}, summary="Read an item's drafts"
)
def list_drafts(request: HttpRequest, item_id: UUID) -> DraftList:
    """What the model wrote, first draft first; empty while the item waits. No person has approved these texts.

    A draft that drew on a source that you may not read is left out. Where a pilot planted a statement known to be wrong
    in a draft, whoever may review the item gets it with that, as its page shows it. Scope: `items:read`.
    """
    item, actor = _read(request, item_id), actor_of(request)
    readable = [source.name for source in visible_sources(actor)]
    return DraftList(
        drafts=[_draft(item, draft, shown_text(actor, item, draft), readable) for draft in open_drafts(actor, item)]
    )


def _read(request: HttpRequest, item_id: UUID) -> models.Item:
    actor = actor_of(request)
    actor.require_scope("items:read")
    return access_item(actor, item_id)


def _shown(item: models.Item) -> dict[str, Any]:
    error = ItemError(code=item.error_code, message=item.error_message) if item.error_code else None
    return {
        "id": item.pk,
        "use_case": item.use_case,
        "external_id": item.external_id,
        "thread": item.thread,
        "state": item.state,
        "error": error,
        "created_at": item.created_at,
    }


def _fields(item: models.Item) -> dict[str, Any]:
    return {
        name: [{"from": turn.speaker, "text": turn.text} for turn in value] if isinstance(value, tuple) else value
        for name, value in item_content(item).fields.items()
    }


def _draft(item: models.Item, draft: models.Draft, text: str, readable: Collection[str]) -> Draft:
    same = ("number", "engine", "model", "zone", "finish_reason", "prompt_tokens", "completion_tokens", "cached_tokens",
            "first_token_ms", "total_ms", "created_at")  # fmt: skip
    return Draft(
        id=draft.pk,
        text=text,
        release=draft.release_id,
        notices=[Notice(**notice) for notice in draft.notices],
        cost=None if draft.cost is None else f"{draft.cost:f}",
        currency=draft.currency or None,
        route=DraftRoute(**draft.route) if draft.route else None,
        masked=draft.masked,
        grounds=grounds_out(_grounds(item, draft, text), readable),
        **{name: getattr(draft, name) for name in same},
    )


def _grounds(item: models.Item, draft: models.Draft, text: str) -> Grounds | None:
    """The places of statements count in the text that is shown, which may have a planted one in it."""
    found, own = draft_grounds(item, draft), draft_text(item, draft)
    if found is None or text == own:
        return found
    planted = next((at for at, (a, b) in enumerate(zip(own, text, strict=False)) if a != b), len(own))
    longer = len(text) - len(own)
    moved = tuple(
        replace(claim, start=claim.start + longer, end=claim.end + longer) if claim.start >= planted else claim
        for claim in found.claims
    )
    return replace(found, claims=moved)
