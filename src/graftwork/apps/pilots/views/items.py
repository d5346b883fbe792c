"""The items behind a pilot's figures, as a page and as a table to take away."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.models import Pilot, SegmentCell
from graftwork.apps.pilots.pages.heading import heading
from graftwork.apps.pilots.pages.items import ARMS, ItemRow, Wanted, all_rows, items_page
from graftwork.apps.pilots.queries import access_pilot
from graftwork.apps.work.export_formats import pieces

COLUMNS = ("pilot", "simulated", "item", "arm", "item_type", "day", "decision", "active_seconds",
           "share_rewritten")  # fmt: skip


@person_view("GET", "HEAD")
def items(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    pilot = access_pilot(visit.actor, name)
    wanted = _wanted(request)
    context = {
        "pilot": heading(pilot), "page": items_page(visit.actor, pilot, wanted), "wanted": wanted, "arms": ARMS,
        "rewritten": request.GET.get("rewritten", ""), "item_types": _item_types(pilot),
    }  # fmt: skip
    return render(request, "pilots/items.html", context)


@person_view("GET", "HEAD")
def items_csv(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """Every item that fits, as CSV; the audit record says that it was taken."""
    pilot = access_pilot(visit.actor, name)
    with transaction.atomic():
        event = Event("pilot.items_exported", f"pilot:{pilot.pk}", {"name": pilot.name})
        record(visit.actor.name, [event], visit.now)
    found = pieces("csv", (_record(pilot, row) for row in all_rows(visit.actor, pilot, _wanted(request))), COLUMNS)
    # Under ASGI Django would gather a plain iterator in memory before it sends the first byte.
    content: Any = _one_by_one(found) if isinstance(request, ASGIRequest) else found
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{pilot.name}-items.csv"'
    return response


async def _one_by_one(found: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(found, None))
    while (piece := await following()) is not None:
        yield piece


def _record(pilot: Pilot, row: ItemRow) -> dict[str, Any]:
    return {
        "pilot": pilot.name, "simulated": "yes" if pilot.simulated else "no",
        "item": row.external_id or str(row.item_id), "arm": row.arm,
        "item_type": row.item_type, "day": row.day and row.day.isoformat(),
        "decision": row.decision, "active_seconds": row.seconds, "share_rewritten": row.rewritten,
    }  # fmt: skip


def _wanted(request: HttpRequest) -> Wanted:
    """What cannot be read does not narrow anything."""
    asked = {key: value.replace("\x00", "") for key, value in request.GET.dict().items()}
    return Wanted(
        asked.get("arm", ""), asked.get("item_type", ""), _share(asked.get("rewritten", "")),
        _uuid(asked.get("below", "")),
    )  # fmt: skip


def _share(text: str) -> float | None:
    try:
        percent = float(text.strip().removesuffix("%"))
    except ValueError:
        return None
    return percent / 100 if 0 <= percent <= 100 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _item_types(pilot: Pilot) -> list[str]:
    """The values there are, from the sums and not from ten million items."""
    rows = SegmentCell.objects.filter(pilot=pilot, dimension="item_type").order_by("value")
    return list(rows.values_list("value", flat=True).distinct())
