"""The one door to pages of the console: who asks, when, and nothing kept in a cache."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor

P = ParamSpec("P")
FROM_SCRIPT = ["HX-Request", "HX-Target"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person who is signed in."""

    actor: Actor
    now: datetime


PersonView = Callable[Concatenate[HttpRequest, Visit, P], HttpResponseBase]
DjangoView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person_view(*methods: str) -> Callable[[PersonView[P]], DjangoView[P]]:
    """Only these methods, and only who is signed in; what they may do is for the query or the action to say."""

    def decorate(view: PersonView[P]) -> DjangoView[P]:
        @wraps(view)
        def visit(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if not isinstance(request.user, User):
                return _ask_to_sign_in(request)
            actor = actor_for_user(request.user)
            request.actor = actor  # type: ignore[attr-defined] # the menu asks who this is, too
            answer = view(request, Visit(actor, timezone.now()), *args, **kwargs)
            answer.headers["Cache-Control"] = "no-store, private"
            return answer

        return visit

    return decorate


def from_script(request: HttpRequest) -> bool:
    """Whether a page's own script asks, which wants no page in answer."""
    return request.headers.get("HX-Request") == "true"


def wants_fragment(request: HttpRequest, target: str) -> bool:
    """Whether the page's own script asks for the part of it that is called `target`."""
    return request.headers.get("HX-Target") == target


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """A script is told in place: the sign-in page does not belong into the middle of another one."""
    if from_script(request):
        return render(request, "accounts/_signed_out.html", status=401)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
