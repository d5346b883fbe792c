"""Starting, pausing and ending a pilot."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.pilots import figures
from graftwork.apps.pilots.actions import charters
from graftwork.apps.pilots.exports.json import figures_json
from graftwork.apps.pilots.queries import MAY_LEAD, access_pilot
from graftwork.core.errors import GraftworkError

MOST_CHARACTERS = 1_000


@person_view("POST")
def start(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    done = _tried(request, lambda: charters.start(visit.actor, name, visit.now), "The pilot has started.")
    return redirect("pilots:pilot" if done else "pilots:charter", name)


@person_view("POST")
def pause(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    reason = _reason(request)
    _tried(request, lambda: charters.pause(visit.actor, name, reason, visit.now), "The pilot is paused.")
    return redirect("pilots:pilot", name)


@person_view("POST")
def resume(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    reason = _reason(request)
    _tried(request, lambda: charters.resume(visit.actor, name, reason, visit.now), "The pilot goes on.")
    return redirect("pilots:pilot", name)


@person_view("POST")
def decide(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """Go, extend or stop, with the figures as they stand at this moment."""
    pilot = access_pilot(visit.actor, name)
    visit.actor.require_role(*MAY_LEAD)
    kind, reason = request.POST.get("kind", ""), _reason(request)
    if kind not in ("go", "extend", "stop") or not reason:
        messages.error(request, "Choose go, extend or stop, and give the reason: nothing was decided.")
        return redirect(f"{reverse('pilots:pilot', args=[name])}#decide")
    figures.catch_up(pilot, visit.now)
    held = figures_json(pilot, figures.appraised(pilot, visit.now), visit.now)
    _tried(
        request,
        lambda: charters.decide(visit.actor, name, kind, reason, visit.now, held),  # type: ignore[arg-type] # looked at
        "The decision is on record, with the figures as they stand.",
    )
    return redirect("pilots:pilot", name)


@person_view("POST")
def discard(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    done = _tried(request, lambda: charters.discard(visit.actor, name, visit.now), f"The draft {name} is gone.")
    return redirect("pilots:pilots") if done else redirect("pilots:pilot", name)


def _tried(request: HttpRequest, act: Callable[[], object], told: str) -> bool:
    """What a person can put right is told on the page; who may not do it at all gets the error's own page."""
    try:
        act()
    except GraftworkError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, f"{error.message[:1].upper()}{error.message[1:]}. {error.hint}".strip())
        return False
    messages.success(request, told)
    return True


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:MOST_CHARACTERS]
