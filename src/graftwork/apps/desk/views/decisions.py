"""Deciding, undoing, and passing on: the desk's writes. Each is one action of `work.actions.reviewing`."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from graftwork.apps.desk.http import Visit, desk_view, from_script, posted_text
from graftwork.apps.desk.queries import tally
from graftwork.apps.desk.review_page import posted_as_stored
from graftwork.apps.desk.timing import time_on_task
from graftwork.apps.desk.views.item import claim_trouble, item_page, item_response, section_response
from graftwork.apps.work.actions import reviewing, seeding
from graftwork.apps.work.actions.missed import Report, report_missed
from graftwork.apps.work.actions.reviewing import Verdict
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import access_item
from graftwork.core.errors import ConflictError, DraftWasSeeded, InputError, NotFound, RequestInvalid

KINDS = ("approve", "reject", "escalate")
MOST_IDS = 200


@desk_view("POST")
def decide(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    item = access_item(visit.actor, item_id)
    try:
        review = reviewing.decide(visit.actor, item_id, _verdict(request, visit, item), visit.now)
    except DraftWasSeeded as error:
        return _seed_shown(request, item, error)
    except ConflictError as error:
        if from_script(request):
            return claim_trouble(request, visit, item_id, error)
        return item_response(request, visit, item_id, posted=request.POST.get("final_text"), error=error)
    except InputError as error:
        if from_script(request):
            raise
        return item_response(request, visit, item_id, posted=request.POST.get("final_text"), error=error)
    if from_script(request):
        review.item = item
        return render(
            request, "desk/_toast.html", {"undoable": review, "now": visit.now, "tally": _tally(request, visit)}
        )
    return _next_page(request, visit, item_id)


def _seed_shown(request: HttpRequest, item: Item, error: DraftWasSeeded) -> HttpResponse:
    """Say what was planted, and lead to the item's own draft; to the page's script its decision was not taken."""
    statement = seeding.planted_statement(item, posted_text(request, "final_text"))
    context = {"item": item, "noticed": error.outcome == seeding.NOTICED, "statement": statement}
    template = "desk/_seed_settled.html" if from_script(request) else "desk/seed_settled.html"
    return render(request, template, context, status=409 if from_script(request) else 200)


@desk_view("POST")
def undo(request: HttpRequest, visit: Visit, review_id: UUID) -> HttpResponse:
    """Take a decision back; the item is this reviewer's again, with the text that they had typed."""
    item = reviewing.undo(visit.actor, review_id, visit.now)
    if from_script(request):
        return section_response(request, visit, item.pk, tally=_tally(request, visit))
    return redirect("desk:item", item_id=item.pk)


@desk_view("POST")
def missed(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    """Take up a value that the search for sensitive values missed; the item stays as it is."""
    report = Report(posted_text(request, "value"), request.POST.get("kind") or None, "everywhere" in request.POST)
    try:
        report_missed(visit.actor, item_id, report, visit.now)
    except InputError as error:
        if from_script(request):
            raise
        return item_response(request, visit, item_id, error=error)
    return HttpResponse(status=204) if from_script(request) else redirect("desk:item", item_id=item_id)


@desk_view("POST")
def skip(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    """Let go of an item and go to the next one; the page's script does the same in two steps."""
    reviewing.give_back(visit.actor, item_id, visit.now)
    return _next_page(request, visit, item_id)


@desk_view("POST")
def claim_next(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Claim one more item and answer with its section, which the page keeps ready; nothing where there is none."""
    skip = frozenset(_ids(request.POST.getlist("skip")))
    use_case = request.POST.get("use_case") or None
    item = reviewing.claim_next(visit.actor, visit.now, use_case=use_case, skip=skip)
    return section_response(request, visit, item.pk) if item else HttpResponse(status=204)


@desk_view("POST")
def give_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Let go of items: of one that was skipped, or of those that a page kept ready when it was left."""
    for item_id in _ids(request.POST.getlist("item")):
        try:
            reviewing.give_back(visit.actor, item_id, visit.now)
        except NotFound:
            continue
    return HttpResponse(status=204) if from_script(request) or "beacon" in request.POST else redirect("desk:queue")


def _next_page(request: HttpRequest, visit: Visit, done_id: UUID) -> HttpResponse:
    use_case = request.POST.get("use_case") or None
    item = reviewing.claim_next(visit.actor, visit.now, use_case=use_case, skip=frozenset((done_id,)))
    return item_page(item, use_case)


def _tally(request: HttpRequest, visit: Visit) -> str:
    return tally(visit.actor, visit.now, request.POST.get("use_case") or None)


def _verdict(request: HttpRequest, visit: Visit, item: Item) -> Verdict:
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise RequestInvalid("kind", f"must be one of {', '.join(KINDS)}")
    age_seconds = (visit.now - item.created_at).total_seconds()
    return Verdict(
        kind=cast("Any", kind),
        final_text=posted_as_stored(item, posted_text(request, "final_text")) if kind == "approve" else "",
        reason=request.POST.get("reason", ""),
        note=posted_text(request, "note"),
        time=time_on_task(request.POST.dict(), item_age_seconds=age_seconds),
    )


def _ids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts[-MOST_IDS:]]
    except ValueError:
        raise RequestInvalid("item", "must be the id of an item") from None
