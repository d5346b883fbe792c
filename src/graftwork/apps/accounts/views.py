"""Signing in and out, and one's own password."""

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from graftwork.apps.accounts import throttle
from graftwork.apps.accounts.actions import note_sign_in, set_password, use_sign_in_link
from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.core.errors import RequestInvalid, SignInLinkInvalid

AFTER_SIGN_IN = "home"
MOST_CHARACTERS = 1_000
# One answer for an unknown name, a wrong password and an account that is shut: it tells nothing about who is there.
REFUSED = "This name and password do not go together, or the account is closed."
NEW_LINK = "Ask your admin for a new link."
PAUSED = f"Too many failed tries. Wait {throttle.PAUSE_SECONDS // 60} minutes, or ask an admin for a sign-in link."


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    goal = _safe_goal(request)
    if request.method != "POST":
        return _sign_in_page(request, goal)
    username = request.POST.get("username", "").strip()[:MOST_CHARACTERS]
    if throttle.is_paused(request, username):
        return _sign_in_page(request, goal, username, PAUSED, status=429)
    user = _authenticated(request, username, request.POST.get("password", ""))
    if user is None:
        throttle.count_failure(request, username)
        return _sign_in_page(request, goal, username, REFUSED, status=403)
    throttle.forget_failures(request, username)
    login(request, user)
    note_sign_in(user, timezone.now())
    return redirect(goal)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The link is used by the button only: chat tools and mail scanners open every link, and must not use it up."""
    if request.method != "POST":
        return render(request, "accounts/sign_in_link.html")
    try:
        user = use_sign_in_link(secret, timezone.now())
    except SignInLinkInvalid as error:
        return render(
            request,
            "accounts/sign_in_link.html",
            {"problem": f"{error.message.capitalize()}. {NEW_LINK}"},
            status=error.status,
        )
    login(request, user)
    return redirect(AFTER_SIGN_IN)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set one's own password. Who has one must give it; who came by links only sets their first."""
    user = request.user
    assert isinstance(user, User)
    if request.method != "POST":
        return _password_page(request, user)
    new = request.POST.get("new", "")
    if user.has_usable_password() and not user.check_password(request.POST.get("current", "")[:MOST_CHARACTERS]):
        return _password_page(request, user, current_problem="This is not your present password.")
    if len(new) > MOST_CHARACTERS or "\x00" in new:
        return _password_page(request, user, new_problem=f"Give at most {MOST_CHARACTERS} characters of text.")
    if new != request.POST.get("again", ""):
        return _password_page(request, user, again_problem="The two new passwords differ.")
    try:
        set_password(actor_for_user(user), user, new, timezone.now())
    except RequestInvalid as error:
        return _password_page(request, user, new_problem=error.reason)
    update_session_auth_hash(request, user)
    messages.success(request, "Your password is set. Your other sessions are signed out.")
    return redirect("password")


def _authenticated(request: HttpRequest, username: str, given: str) -> User | None:
    if "\x00" in username or len(given) > MOST_CHARACTERS:
        return None
    user = authenticate(request, username=username, password=given)
    return user if isinstance(user, User) else None


def _safe_goal(request: HttpRequest) -> str:
    """Where to go afterwards: an address of our own, whatever the parameter says."""
    goal = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(goal, {request.get_host()}, require_https=request.is_secure())
    return goal if ours else resolve_url(AFTER_SIGN_IN)


def _sign_in_page(
    request: HttpRequest, goal: str, username: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"next": goal, "username": username, "problem": problem}
    return render(request, "accounts/sign_in.html", context, status=status)


def _password_page(request: HttpRequest, user: User, **problems: str) -> HttpResponse:
    context = {"has_password": user.has_usable_password(), **problems}
    return render(request, "accounts/password.html", context, status=422 if problems else 200)
