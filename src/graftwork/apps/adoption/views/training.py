"""Training, for everybody who is signed in; and writing it, for those who lead."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.adoption.access import LEADS, may_lead
from graftwork.apps.adoption.actions import training as writing
from graftwork.apps.adoption.actions.training import ModuleText
from graftwork.apps.adoption.models import Module, Requirement
from graftwork.apps.adoption.reading import markdown_as_html
from graftwork.apps.adoption.training import completions_of, open_modules
from graftwork.apps.adoption.views import posted
from graftwork.apps.work.queries import visible_usecases
from graftwork.apps.work.usecases import all_usecases
from graftwork.core.errors import InputError, NotFound


@person_view("GET", "HEAD")
def training(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    return _training(request, visit)


@person_view("POST")
def complete(request: HttpRequest, visit: Visit, code: str) -> HttpResponseBase:
    try:
        done = writing.complete(visit.actor, code, posted.number(request, "hours"), visit.now)
    except InputError as error:
        return _training(request, visit, problem=_said(error), problem_of=code)
    messages.success(request, f"{done.module.title}: completed. Thank you.")
    return redirect("adoption:training")


@person_view("GET", "HEAD")
def modules(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    visit.actor.require_role(*LEADS)
    rows = Module.objects.order_by("retired_at", "title").prefetch_related("requirements")
    return render(request, "adoption/modules.html", {"modules": rows, "titles": _titles(visit)})


@person_view("GET", "HEAD", "POST")
def new_module(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    visit.actor.require_role(*LEADS)
    return _edited(request, visit, None)


@person_view("GET", "HEAD", "POST")
def module(request: HttpRequest, visit: Visit, code: str) -> HttpResponseBase:
    visit.actor.require_role(*LEADS)
    found = Module.objects.filter(code=code).first()
    if found is None:
        raise NotFound("training module", code)
    return _edited(request, visit, found)


@person_view("POST")
def retire(request: HttpRequest, visit: Visit, code: str) -> HttpResponseBase:
    retired = "restore" not in request.POST
    try:
        writing.set_retired(visit.actor, code, visit.now, retired=retired)
    except InputError as error:
        messages.warning(request, _said(error))
    else:
        messages.success(request, "The module is out of use." if retired else "The module is in use again.")
    return redirect("adoption:modules")


def _edited(request: HttpRequest, visit: Visit, there: Module | None) -> HttpResponseBase:
    typed: dict[str, Any] = {"code": there.code, "title": there.title, "text": there.text, "url": there.url,
                             "hours": f"{there.hours:g}"} if there else {}  # fmt: skip
    problem, field = "", ""
    if request.method == "POST":
        typed |= {name: request.POST.get(name, "") for name in ("title", "text", "url", "hours")}
        typed["code"] = there.code if there else request.POST.get("code", "").strip()
        try:
            written = ModuleText(
                posted.text(request, "title"), posted.text(request, "text"), posted.text(request, "url"),
                posted.number(request, "hours") or 0.0,
            )  # fmt: skip
            saved = writing.save_module(visit.actor, typed["code"], written, visit.now, new=there is None)
        except InputError as error:
            problem, field = _said(error), str(getattr(error, "field", ""))
        else:
            messages.success(request, f"{saved.title} is saved.")
            return redirect("adoption:modules")
    context = {"module": there, "typed": typed, "problem": problem, "field": field}
    return render(request, "adoption/module.html", context, status=422 if problem else 200)


def _training(request: HttpRequest, visit: Visit, *, problem: str = "", problem_of: str = "") -> HttpResponseBase:
    """What this person has to complete first, then the rest; a completed module stays to be read again."""
    assert visit.actor.user_id is not None, "who is signed in is somebody"
    done = completions_of(visit.actor.user_id)
    titles = _own_usecases(visit)
    asked: dict[int, list[str]] = {}
    for requirement in Requirement.objects.filter(use_case__in=titles).order_by("use_case"):
        asked.setdefault(requirement.module_id, []).append(titles[requirement.use_case])
    rows = [
        {"module": one, "html": markdown_as_html(one.text), "done": done.get(one.pk), "asked_by": asked.get(one.pk, [])}
        for one in open_modules()
    ]
    rows.sort(key=lambda row: (row["done"] is not None, not row["asked_by"]))
    context = {"rows": rows, "problem": problem, "problem_of": problem_of, "leads": may_lead(visit.actor)}
    return render(request, "adoption/training.html", context, status=422 if problem else 200)


def _own_usecases(visit: Visit) -> dict[str, str]:
    """Titles of what this person reviews, or would if the training were done: only role and group are asked."""
    return {
        one.name: one.title
        for one in all_usecases()[0]
        if visit.actor.may_act_as(one.review.role)
        and visit.actor.belongs_to_any([one.review.group] if one.review.group else [])
    }


def _titles(visit: Visit) -> dict[str, str]:
    return {one.name: one.title for one in visible_usecases(visit.actor)}


def _said(error: InputError) -> str:
    told = getattr(error, "reason", "") or error.message
    return f"{told[:1].upper()}{told[1:]}."
