"""What every view of the desk shares: who asks, when, and what was posted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor
from graftwork.core.errors import RequestInvalid

P = ParamSpec("P")
MAX_ID_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person who is signed in."""

    user: User
    actor: Actor
    now: datetime


DeskView = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]
DjangoView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def desk_view(*methods: str) -> Callable[[DeskView[P]], DjangoView[P]]:
    """The one door to a view of the desk: only these methods, only who is signed in, and nothing kept in a cache."""

    def decorate(view: DeskView[P]) -> DjangoView[P]:
        @wraps(view)
        def visit(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            user = request.user
            if not isinstance(user, User):
                return _ask_to_sign_in(request)
            actor = actor_for_user(user)
            request.actor = actor  # type: ignore[attr-defined] # the menu asks who this is, too
            response = view(request, Visit(user, actor, timezone.now()), *args, **kwargs)
            response.headers["Cache-Control"] = "no-store, private"
            return response

        return visit

    return decorate


def from_script(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which wants a fragment; else it is the browser, which wants a page."""
    return request.headers.get("HX-Request") == "true"


def posted_text(request: HttpRequest, field: str) -> str:
    """A posted text as it will be stored. Raises `RequestInvalid` for what is not text; never quotes it."""
    text = request.POST.get(field, "").replace("\r\n", "\n")
    if "\x00" in text:
        raise RequestInvalid(field, "holds a NUL character, which no text has; remove it and send again")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise RequestInvalid(field, "holds half of a surrogate pair, which is not text; remove it and send again")
    return text


def query_text(request: HttpRequest, name: str) -> str:
    """One parameter of the address, or nothing."""
    text = request.GET.get(name, "").strip()
    if len(text) > MAX_ID_CHARACTERS or not text.isprintable():
        raise RequestInvalid(name, f"must be at most {MAX_ID_CHARACTERS} visible characters")
    return text


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A script is told in place: to send it to the sign-in page would put that page where the person's text is."""
    if from_script(request):
        return render(request, "desk/_signed_out.html", status=401)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
