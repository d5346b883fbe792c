"""What a person may set for themselves: shortcuts here, the password beside it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render

from graftwork.apps.desk.actions import save_shortcuts
from graftwork.apps.desk.http import Visit, desk_view
from graftwork.apps.desk.queries import shortcuts_of
from graftwork.apps.desk.shortcuts import DEFAULT_KEYS, NAMES, Shortcuts, key_problems


@desk_view("GET", "HEAD", "POST")
def preferences(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method == "POST":
        return _save(request, visit)
    return _page(request, visit, shortcuts_of(visit.actor))


@desk_view("GET")
def csrf_token(request: HttpRequest, _visit: Visit) -> HttpResponse:
    """A token for a page that outlived a sign-in, so that what was typed there need not be loaded away."""
    return JsonResponse({"token": get_token(request)})


def _save(request: HttpRequest, visit: Visit) -> HttpResponse:
    reset = "reset" in request.POST
    keys = {name: DEFAULT_KEYS[name] if reset else request.POST.get(name, "").strip() for name in NAMES}
    chosen = Shortcuts(keys, enabled=reset or "enabled" in request.POST)
    if problems := key_problems(keys):
        return _page(request, visit, chosen, {str(name): problem for name, problem in problems.items()})
    save_shortcuts(visit.actor, keys, visit.now, enabled=chosen.enabled)
    messages.success(request, "Your shortcuts are saved.")
    return redirect("desk:preferences")


def _page(
    request: HttpRequest, visit: Visit, chosen: Shortcuts, problems: dict[str, str] | None = None
) -> HttpResponse:
    found = problems or {}
    context = {
        "shortcuts": shortcuts_of(visit.actor),
        "chosen": chosen,
        "rows": [(name, label, key, found.get(name, "")) for name, label, key in chosen.rows()],
        "problems": found,
    }
    return render(request, "desk/preferences.html", context, status=422 if found else 200)
