"""Pilots: which there are, and what each shows."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers, refuse_unknown
from graftwork.api.paging import PageQuery, number_key, page
from graftwork.api.schemas.pilots import PilotFigures, PilotList, PilotOut
from graftwork.apps.actors import Actor
from graftwork.apps.pilots.exports.actions import figures
from graftwork.apps.pilots.exports.json import about
from graftwork.apps.pilots.queries import access_pilot, visible_pilots

router = Router(tags=["Pilots"])


@router.get("/pilots", response={200: PilotList, **answers(401, 403, 422)}, summary="List pilots", url_name="pilots")
def list_pilots(request: HttpRequest, filters: Query[PageQuery]) -> PilotList:
    """All pilots, those that nobody took part in among them (`simulated`). Scope: `pilots:read`.

    Needs the role `admin`, `ops`, `owner` or `compliance`, as the pages do.
    """
    refuse_unknown(request.GET, list(PageQuery.model_fields))
    rows, cursor = page(visible_pilots(_reader(request)), ("created_at", "pk"), filters, last=number_key)
    return PilotList(pilots=[PilotOut(**about(row)) for row in rows], next_cursor=cursor)


@router.get(
    "/pilots/{name}", response={200: PilotFigures, **answers(401, 403, 404)}, summary="Read a pilot's figures",
    by_alias=True,
)  # fmt: skip
def read_pilot(request: HttpRequest, name: str) -> dict[str, Any]:
    """The verdict, and the figures behind it, as they stand now. Scope: `pilots:read`.

    Needs the role `admin`, `ops`, `owner` or `compliance`. Figures of a simulated pilot say so. The signed evidence is
    a download of the pilot's page.
    """
    return figures(access_pilot(_reader(request), name), timezone.now())


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actor.require_scope("pilots:read")
    return actor
