"""The queue: what waits, who has it, and where to start."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from graftwork.apps.desk.http import Visit, desk_view, query_text
from graftwork.apps.desk.queries import shortcuts_of, undoable_reviews
from graftwork.apps.desk.queue import Cursor, Lane, counts_by_state, lane_counts, queue_page
from graftwork.apps.desk.views.item import item_page
from graftwork.apps.work.actions import reviewing
from graftwork.apps.work.hooks import hindrances
from graftwork.apps.work.models import ItemState
from graftwork.apps.work.queries import QueueFilter, may_settle_escalations, reviewable_usecases
from graftwork.apps.work.usecases import all_usecases, own_usecases
from graftwork.core.errors import RequestInvalid


@desk_view("GET", "HEAD")
def queue(request: HttpRequest, visit: Visit) -> HttpResponse:
    wanted, cursor = _wanted(request), _cursor(request)
    lanes = lane_counts(visit.actor)
    context = {
        "page": queue_page(visit.actor, wanted, _shown(lanes, wanted), visit.now, cursor),
        "wanted": wanted,
        "now": visit.now,
        "states": _state_links(lanes, wanted),
        "address": _address(wanted),
        "filtered": bool(wanted.use_case or wanted.mine or wanted.external_id),
        "none_free": "none" in request.GET,
        **_usecases(visit, lanes),
    }
    if request.headers.get("HX-Target") == "queue":
        response = render(request, "desk/_queue.html", {**context, "fragment": True})
    else:
        context |= {"shortcuts": shortcuts_of(visit.actor), "undoable": undoable_reviews(visit.actor, visit.now)}
        response = render(request, "desk/queue.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@desk_view("POST")
def start(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Claim the oldest item that is free and go to it; back to the queue where there is none."""
    use_case = request.POST.get("use_case") or None
    return item_page(reviewing.claim_next(visit.actor, visit.now, use_case=use_case), use_case)


def _wanted(request: HttpRequest) -> QueueFilter:
    state = query_text(request, "state")
    if state and state not in ItemState.values:
        raise RequestInvalid("state", f"must be one of {', '.join(ItemState.values)}")
    return QueueFilter(
        use_case=query_text(request, "use_case") or None,
        state=ItemState(state) if state else None,
        mine=bool(query_text(request, "mine")),
        external_id=query_text(request, "id"),
    )


def _shown(lanes: dict[Lane, int], wanted: QueueFilter) -> dict[Lane, int]:
    """Without a state to look for, the queue is what is still open; a search by id looks everywhere."""
    if wanted.state or wanted.external_id:
        return lanes
    return {lane: number for lane, number in lanes.items() if lane[1] != ItemState.DECIDED}


def _cursor(request: HttpRequest) -> Cursor | None:
    for name, backwards in (("after", False), ("before", True)):
        if text := query_text(request, name):
            try:
                return Cursor(UUID(text), backwards)
            except ValueError:
                raise RequestInvalid(name, "must be the id of an item") from None
    return None


def _usecases(visit: Visit, lanes: dict[Lane, int]) -> dict[str, Any]:
    found, broken = all_usecases()
    titles = {use_case.name: use_case.title for use_case in found}
    reviewable = set(reviewable_usecases(visit.actor))
    hindered = sorted(hindrances(visit.actor, list(reviewable)).items())
    names = sorted({lane[0] for lane in lanes} | (reviewable & own_usecases())) or sorted(reviewable)
    return {
        "usecases": [(name, titles.get(name, name)) for name in names],
        "several": len({lane[0] for lane in lanes}) > 1,
        "titles": titles,
        "broken_usecases": broken,
        "hindrances": [(titles.get(name, name), reason) for name, reason in hindered],
        "may_review": len(reviewable) > len(hindered) or may_settle_escalations(visit.actor),
        "any_items": bool(lanes),
    }


def _state_links(lanes: dict[Lane, int], wanted: QueueFilter) -> list[dict[str, Any]]:
    """One link for each state with its count, and one for what is open; the other filters stay."""
    counts = counts_by_state(lanes, wanted.use_case)
    links = [
        {
            "label": state.label,
            "number": number,
            "address": _address(wanted, state=state),
            "here": wanted.state == state,
        }
        for state, number in counts.items()
    ]
    open_items = sum(number for state, number in counts.items() if state != ItemState.DECIDED)
    is_open = {"label": "open", "number": open_items, "address": _address(wanted, state=None), "here": not wanted.state}
    return [is_open, *links]


def _address(wanted: QueueFilter, **changed: Any) -> str:
    """The parameters of the address that shows `wanted`, or it with a state changed."""
    state = changed.get("state", wanted.state)
    chosen = {
        "use_case": wanted.use_case,
        "state": state.value if state else "",
        "mine": "1" if wanted.mine else "",
        "id": wanted.external_id,
    }
    return urlencode({name: value for name, value in chosen.items() if value})
