"""Outcomes: what became of an item later."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers
from graftwork.api.schemas.outcomes import Outcome, OutcomeIn, OutcomeList, OutcomeRecorded
from graftwork.apps.work import models
from graftwork.apps.work.actions.outcomes import record_outcome
from graftwork.apps.work.queries import access_item

router = Router(tags=["Outcomes"])


@router.post(
    "/items/{item_id}/outcomes",
    response={201: OutcomeRecorded, 200: OutcomeRecorded, **answers(401, 403, 404, 413, 415, 422)},
    summary="Record an outcome",
    url_name="outcomes",
)
def post_outcome(request: HttpRequest, item_id: UUID, body: OutcomeIn) -> Status[Any]:
    """Tell what another system found out about an item, such as `reopened` or `csat`. Scope: `outcomes:write`.

    Kind and time name it: telling the same one again answers 200 with what was stored first, and changes nothing.
    """
    outcome, new = record_outcome(actor_of(request), item_id, body.kind, body.value, body.occurred_at, timezone.now())
    return Status(201 if new else 200, OutcomeRecorded(**_shown(outcome), created=new))


@router.get(
    "/items/{item_id}/outcomes",
    response={200: OutcomeList, **answers(401, 403, 404, 422)},
    summary="Read an item's outcomes",
    url_name="outcomes",
)
def list_outcomes(request: HttpRequest, item_id: UUID) -> OutcomeList:
    """In the order in which they occurred. Scope: `items:read`."""
    actor = actor_of(request)
    actor.require_scope("items:read")
    rows = access_item(actor, item_id).outcomes.order_by("occurred_at", "pk")
    return OutcomeList(outcomes=[Outcome(**_shown(row)) for row in rows])


def _shown(row: models.Outcome) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("kind", "value", "occurred_at", "recorded_at")}
