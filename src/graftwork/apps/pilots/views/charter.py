"""Writing a charter, reading it, and amending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, person_view, wants_fragment
from graftwork.apps.pilots.actions import charters
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.pages.charter_form import (
    Read,
    Values,
    name_from,
    posted,
    read,
    read_plan,
    row_numbers,
    row_path,
    starting_values,
    values_of,
    with_row,
    without_row,
)
from graftwork.apps.pilots.pages.charter_offers import offered
from graftwork.apps.pilots.pages.charter_page import Offered, advice_of_whole, problems_of_whole, section_views
from graftwork.apps.pilots.pages.charter_sections import all_rows
from graftwork.apps.pilots.pages.heading import Heading, heading
from graftwork.apps.pilots.queries import MAY_LEAD, access_pilot, may_lead
from graftwork.apps.pilots.views.importing import imports_of
from graftwork.core.appraisal.planning import PlannedSample, planned_advice, planned_sample
from graftwork.core.charter.advice import Advice
from graftwork.core.charter.file import parse_toml
from graftwork.core.charter.schema import Charter
from graftwork.core.charter.toml import to_toml
from graftwork.core.errors import GraftworkError

MOST_TOML_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it is to be shown again."""

    values: Values
    read: Read
    wrong: tuple[str, ...] = ()
    begins: str = ""
    toml: str = ""
    toml_problem: str = ""
    reason: str = ""
    shows_problems: bool = False


@person_view("GET", "HEAD", "POST")
def new(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    visit.actor.require_role(*MAY_LEAD)
    if request.method != "POST":
        values = starting_values(request.GET.get("use_case", ""))
        return _form(request, visit, None, Filled(values, read(values)))
    values = posted(request.POST.dict())
    title, name = (values.get(key, "").strip() for key in ("title", "name"))
    # Without a title there is nothing to make a name of, and a name stays for good.
    if request.POST.get("do", "save") in ("save", "download") and title and not name:
        values["name"] = name_from(title)
    return _posted(request, visit, None, values)


@person_view("GET", "HEAD", "POST")
def charter(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """The form while it is a draft; to be read only from the start on."""
    pilot = access_pilot(visit.actor, name)
    if pilot.state != PilotState.DRAFT or not may_lead(visit.actor):
        return _read_only(request, pilot, may_amend=may_lead(visit.actor) and pilot.state != PilotState.ENDED)
    values = values_of(pilot.as_charter)
    if request.method != "POST":
        return _form(request, visit, pilot, Filled(values, read(values)))
    return _posted(request, visit, pilot, {**posted(request.POST.dict()), "name": pilot.name})


@person_view("GET", "HEAD")
def download(_request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    return _as_toml(access_pilot(visit.actor, name).as_charter)


@person_view("GET", "HEAD", "POST")
def amend(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """What is fixed is taken from the charter, whatever was posted of it."""
    pilot = access_pilot(visit.actor, name)
    visit.actor.require_role(*MAY_LEAD)
    if pilot.state in (PilotState.DRAFT, PilotState.ENDED):
        return redirect("pilots:charter", name)
    if request.method != "POST":
        values = values_of(pilot.as_charter)
        return _form(request, visit, pilot, Filled(values, read(values)), amending=True)
    return _posted(request, visit, pilot, {**posted(request.POST.dict()), "name": pilot.name}, amending=True)


def _posted(
    request: HttpRequest, visit: Visit, pilot: Pilot | None, values: Values, *, amending: bool = False
) -> HttpResponseBase:
    verb, _, what = request.POST.get("do", "").partition(":")
    if wants_fragment(request, "plan-size"):
        return _fragment(request, "pilots/_plan.html", {"plan": _plan(values)})
    filled = Filled(values, read(values), reason=request.POST.get("reason", ""))
    match verb:
        case "add":
            return _form(request, visit, pilot, _with_row(filled, what), amending=amending)
        case "remove":
            path, _, number = what.rpartition(".")
            left = without_row(values, path, int(number)) if number.isdigit() else values
            return _form(request, visit, pilot, replace(filled, values=left), amending=amending)
        case "read":
            return _form(request, visit, pilot, _from_toml(request, pilot), amending=amending)
        case "download" if filled.read.charter:
            return _as_toml(filled.read.charter)
        case "download":
            return _form(request, visit, pilot, replace(filled, shows_problems=True), amending=amending, status=422)
    return _store(request, visit, pilot, filled, amending=amending)


def _store(
    request: HttpRequest, visit: Visit, pilot: Pilot | None, filled: Filled, *, amending: bool
) -> HttpResponseBase:
    written = filled.read.charter
    if written is None:
        return _form(request, visit, pilot, replace(filled, shows_problems=True), amending=amending, status=422)
    try:
        if pilot is None:
            charters.create(visit.actor, written, visit.now)
        elif amending:
            charters.amend(visit.actor, pilot.name, written, filled.reason, visit.now)
        else:
            charters.save(visit.actor, pilot.name, written, visit.now)
    except GraftworkError as error:
        shown = replace(filled, wrong=(_in_words(error),))
        return _form(request, visit, pilot, shown, amending=amending, status=error.status)
    messages.success(request, "The charter is amended." if amending else "The charter is saved.")
    return redirect("pilots:pilot" if amending else "pilots:charter", written.name)


def _form(
    request: HttpRequest,
    visit: Visit,
    pilot: Pilot | None,
    filled: Filled,
    *,
    amending: bool = False,
    status: int = 200,
) -> HttpResponseBase:
    written = filled.read.charter
    given: list[Advice] = planned_advice(written) if written else []
    problems: Mapping[str, str] = filled.read.problems if filled.shows_problems else {}
    choices = offered(visit.actor, filled.values.get("use_case", ""))
    sections = section_views(
        filled.values, problems, given, choices, amending=amending, is_new=pilot is None, begins=filled.begins
    )
    context = {
        "pilot": heading(pilot) if pilot else None, "sections": sections, "offered": choices, "problems": problems,
        "wrong": [*filled.wrong, *problems_of_whole(problems, sections)], "plan": _plan(filled.values),
        "problem_links": _links(sections), "advice_of_whole": advice_of_whole(given), "here": request.path,
        "imports": imports_of(pilot) if pilot else None, "amending": amending, "reason": filled.reason,
        "toml": filled.toml, "toml_problem": filled.toml_problem,
    }  # fmt: skip
    template = "_charter" if wants_fragment(request, "charter") else "charter"
    return _fragment(request, f"pilots/{template}.html", context, status)


def _fragment(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    patch_vary_headers(response, FROM_SCRIPT)
    return response


def _read_only(request: HttpRequest, pilot: Pilot, *, may_amend: bool) -> HttpResponseBase:
    shown = pilot.as_charter
    values = values_of(shown)
    at: Heading = heading(pilot)
    context = {
        "pilot": at, "sections": section_views(values, {}, planned_advice(shown), Offered()), "digest": shown.sha256,
        "amendments": list(pilot.amendments.order_by("-number").select_related("amended_by")),
        "may_amend": may_amend, "plan": _plan(values), "started_digest": pilot.charter_sha256,
    }  # fmt: skip
    return render(request, "pilots/charter_read.html", context)


def _plan(values: Values) -> PlannedSample | None:
    written = read_plan(values)
    return planned_sample(written) if written else None


def _links(sections: Sequence[Any]) -> list[Any]:
    """Fields with a problem, in their order."""
    shown = [one for section in sections for part in section.parts for one in part.shown]
    return [one for one in shown if one.problem]


def _with_row(filled: Filled, path: str) -> Filled:
    values = with_row(filled.values, path)
    rows = next((one for one in all_rows() if one.path == path), None)
    begins = row_path(rows, row_numbers(values, rows)[-1], rows.fields[0]) if rows else ""
    return replace(filled, values=values, begins=begins)


def _from_toml(request: HttpRequest, pilot: Pilot | None) -> Filled:
    text = request.POST.get("toml", "")
    file = request.FILES.get("file")
    if file is not None and not isinstance(file, list):
        text = file.read(MOST_TOML_BYTES + 1).decode("utf-8-sig", errors="replace")
    try:
        written = parse_toml(text, "this charter")
    except GraftworkError as error:
        start = values_of(pilot.as_charter) if pilot else starting_values()
        return Filled(start, read(start), toml=text[:MOST_TOML_BYTES], toml_problem=_in_words(error))
    values = values_of(written) | ({"name": pilot.name} if pilot else {})
    return Filled(values, read(values))


def _as_toml(written: Charter) -> HttpResponse:
    response = HttpResponse(to_toml(written), content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{written.name}.toml"'
    return response


def _in_words(error: GraftworkError) -> str:
    return f"{error.message[:1].upper()}{error.message[1:]}."
