"""One item: its page, its draft while it is being written, the live comparison."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from graftwork.apps.desk.diff import comparison_of
from graftwork.apps.desk.grounds import summary, to_check
from graftwork.apps.desk.http import Visit, desk_view, from_script, posted_text
from graftwork.apps.desk.queries import claimed_since, shortcuts_of, tally, undoable_reviews
from graftwork.apps.desk.queue import holder_name
from graftwork.apps.desk.review_page import behind, review_page
from graftwork.apps.work.actions import reviewing
from graftwork.apps.work.models import Item, ItemState
from graftwork.apps.work.queries import (
    access_item,
    draft_for,
    item_content,
    standing_review,
)
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import AlreadyClaimed, AlreadyReviewed, ConflictError, GraftworkError, RequestInvalid


@desk_view("GET", "HEAD")
def item(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    return item_response(request, visit, item_id)


def item_response(
    request: HttpRequest, visit: Visit, item_id: UUID, *, posted: str | None = None, error: GraftworkError | None = None
) -> HttpResponse:
    """The whole page; with an `error`, what was posted is still in the editor."""
    context = {
        "review": review_page(visit.actor, item_id, visit.now, posted=posted),
        "now": visit.now,
        "queue_use_case": request.GET.get("use_case", ""),
        "error": error,
        "shortcuts": shortcuts_of(visit.actor),
        "undoable": undoable_reviews(visit.actor, visit.now),
        "tally": tally(visit.actor, visit.now, request.GET.get("use_case") or None),
    }
    return render(request, "desk/item.html", context, status=error.status if error else 200)


def section_response(request: HttpRequest, visit: Visit, item_id: UUID, **more: Any) -> HttpResponse:
    """The part of the page that belongs to one item, for the page's script to show."""
    context: dict[str, Any] = {"review": review_page(visit.actor, item_id, visit.now), "now": visit.now, **more}
    return render(request, "desk/_review.html", context)


def claim_trouble(request: HttpRequest, visit: Visit, item_id: UUID, error: ConflictError) -> HttpResponse:
    """Why an item is no longer this person's: who has it or decided on it, and what can be done now."""
    item = access_item(visit.actor, item_id)
    holder = "" if item.claimed_by_id == visit.user.pk else holder_name(item, visit.now)
    decided = standing_review(item) if item.state == ItemState.DECIDED else None
    context = {"error": error, "item": item, "holder": holder, "decided": decided}
    context["since"] = claimed_since(item) if holder else None
    return render(request, "desk/_claim_lost.html", context, status=error.status)


def item_page(item: Item | None, use_case: str | None) -> HttpResponse:
    """To the item that was claimed, in a session of one use case or of all; to the queue where there was none."""
    if item is None:
        return redirect(f"{reverse('desk:queue')}?{urlencode({'use_case': use_case or '', 'none': '1'})}")
    query = f"?{urlencode({'use_case': use_case})}" if use_case else ""
    return redirect(reverse("desk:item", args=[item.pk]) + query)


@desk_view("POST")
def open_item(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    """Claim an item and show it. Where somebody was faster the page says so and can only be read."""
    try:
        reviewing.claim(visit.actor, item_id, visit.now)
    except (AlreadyClaimed, AlreadyReviewed) as error:
        if from_script(request):
            return claim_trouble(request, visit, item_id, error)
    return section_response(request, visit, item_id) if from_script(request) else redirect("desk:item", item_id=item_id)


@desk_view("POST")
def renew(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    """A sign of life: the claim lasts again as long as a new one, unless another one has the item."""
    try:
        reviewing.claim(visit.actor, item_id, visit.now)
    except (AlreadyClaimed, AlreadyReviewed) as error:
        return claim_trouble(request, visit, item_id, error)
    return HttpResponse(status=204)


@desk_view("POST")
def diff(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    item = access_item(visit.actor, item_id)
    text = posted_text(request, "final_text")
    if len(text) > reviewing.MAX_FINAL_CHARACTERS:
        raise RequestInvalid("final_text", f"has over {reviewing.MAX_FINAL_CHARACTERS} characters")
    draft = draft_for(item, visit.actor.user_id)
    use_case = get_usecase(item.use_case)
    context: dict[str, Any] = {"item": item}
    known = behind(visit.actor, item, draft, use_case, item_content(item)) if draft else None
    if known:
        claims = known.claims(text)
        context |= {"claims": claims, "to_check": to_check(claims or ()), "summary": summary(claims or ())}
        if "typed_json" in request.POST:
            # The form is behind what was typed beside it; where the text is no JSON for a form, it says so.
            context |= {"renew_form": True, "form": known.form(text)}
    context["comparison"] = comparison_of(use_case, known.before if known else None, text)
    return render(request, "desk/_diff_and_claims.html", context)


@desk_view("GET", "HEAD")
def progress(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponse:
    """What the draft says so far. Once it is there the whole section takes its place, and the asking ends with it."""
    review = review_page(visit.actor, item_id, visit.now)
    if review.mode == "writing":
        return render(request, "desk/_progress.html", {"review": review})
    response = render(request, "desk/_review.html", {"review": review, "now": visit.now})
    response.headers["HX-Retarget"] = "closest article"
    response.headers["HX-Reswap"] = "outerHTML"
    return response
