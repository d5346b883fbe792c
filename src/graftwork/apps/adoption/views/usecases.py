"""How use cases are taken up, for those who lead their introduction."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import READERS, may_lead, read_usecase
from graftwork.apps.adoption.actions import inviting, surveying
from graftwork.apps.adoption.actions.feedback import set_seen
from graftwork.apps.adoption.models import Invitation
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.adoption.reading import PAGE, feedback_of
from graftwork.apps.adoption.views import posted
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.adoption import LEAST_GROUP
from graftwork.core.errors import InputError, NotFound

MOST_NAMES_CHARACTERS = 50_000
MOST_SKIPPED = 100_000


@person_view("GET", "HEAD")
def overview(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """The use cases that somebody is invited to; the others by name, to begin with."""
    visit.actor.require_role(*READERS)
    begun = set(Invitation.objects.order_by().values_list("use_case", flat=True).distinct())
    visible = visible_usecases(visit.actor)
    context = {
        "rows": [(one, adoption(one.name, visit.now)) for one in visible if one.name in begun],
        "others": [one for one in visible if one.name not in begun],
        "leads": may_lead(visit.actor),
    }
    return render(request, "adoption/overview.html", context)


@person_view("GET", "HEAD")
def usecase(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    return _page(request, visit, name)


@person_view("POST")
def invite(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """Invite those who are named, one a line or with commas, or all who may review."""
    try:
        if "all" in request.POST:
            count = inviting.invite_all(visit.actor, name, visit.now)
        else:
            typed = posted.text(request, "people")[:MOST_NAMES_CHARACTERS]
            names = [word for word in typed.replace(",", "\n").split() if word]
            since = posted.day(request, "works_since")
            count = inviting.invite(visit.actor, name, names, visit.now, works_since=since)
    except (InputError, NotFound) as error:
        return _page(request, visit, name, invite_problem=_said(error), typed=request.POST)
    messages.success(request, f"{count} {'person is' if count == 1 else 'people are'} newly invited.")
    return redirect("adoption:usecase", name)


@person_view("POST")
def person(request: HttpRequest, visit: Visit, name: str, user_id: int) -> HttpResponseBase:
    """Take one invitation back, or note since when the person has done this work."""
    if "withdraw" in request.POST:
        inviting.withdraw(visit.actor, name, user_id, visit.now)
        messages.success(request, "The invitation is taken back.")
        return redirect("adoption:usecase", name)
    try:
        inviting.set_works_since(visit.actor, name, user_id, posted.day(request, "works_since"), visit.now)
    except InputError as error:
        return _page(request, visit, name, people_problem=_said(error))
    messages.success(request, "Saved.")
    return redirect("adoption:usecase", name)


@person_view("POST")
def open_survey(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    try:
        surveying.open_survey(visit.actor, name, posted.whole(request, "days") or 0, visit.now)
    except InputError as error:
        return _page(request, visit, name, survey_problem=_said(error), typed=request.POST)
    messages.success(request, "The survey is open. Whoever is invited finds it under Survey.")
    return redirect("adoption:usecase", name)


@person_view("POST")
def close_survey(request: HttpRequest, visit: Visit, survey_id: int) -> HttpResponseBase:
    survey = surveying.close_survey(visit.actor, survey_id, visit.now)
    messages.success(request, "The survey is closed.")
    return redirect("adoption:usecase", survey.use_case)


@person_view("GET", "HEAD")
def feedback(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    typed = request.GET.get("skip", "0")
    skip = min(int(typed), MOST_SKIPPED) if typed.isascii() and typed.isdecimal() else 0
    unseen_only = request.GET.get("show") == "unseen"
    shown, more = feedback_of(visit.actor, name, unseen_only=unseen_only, skip=skip)
    context = {
        "use_case": read_usecase(visit.actor, name),
        "shown": shown,
        "unseen_only": unseen_only,
        "newer": max(0, skip - PAGE) if skip else None,
        "older": skip + PAGE if more else None,
        "now": visit.now,
    }
    return render(request, "adoption/feedback.html", context)


@person_view("POST")
def seen(request: HttpRequest, visit: Visit, feedback_id: Any) -> HttpResponseBase:
    row = set_seen(visit.actor, feedback_id, visit.now, seen="unseen" not in request.POST)
    return redirect("adoption:feedback-list", row.use_case)


def _page(request: HttpRequest, visit: Visit, name: str, **more: Any) -> HttpResponseBase:
    """The page of one use case; with a problem, what was typed is still there."""
    use_case = read_usecase(visit.actor, name)
    context: Mapping[str, Any] = {
        "use_case": use_case,
        "adoption": adoption(name, visit.now),
        "people": _people(visit.actor, name),
        "leads": may_lead(visit.actor),
        "least_group": LEAST_GROUP,
        "now": visit.now,
        **more,
    }
    refused = any(key.endswith("_problem") for key in more)
    return render(request, "adoption/usecase.html", context, status=422 if refused else 200)


def _people(actor: Actor, name: str) -> list[Invitation]:
    """Who is invited, by name and never by what they did; for those who invite."""
    if not may_lead(actor):
        return []
    return list(Invitation.objects.filter(use_case=name).select_related("user").order_by("user__username"))


def _said(error: InputError | NotFound) -> str:
    told = getattr(error, "reason", "") or error.message
    return f"{told[:1].upper()}{told[1:]}."
