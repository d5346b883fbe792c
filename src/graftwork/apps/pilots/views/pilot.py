"""One pilot: its verdict first, then what it rests on."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.adoption.hooks import PilotBrief
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.pilots import figures
from graftwork.apps.pilots.actions.enrolling import drafts_are_off
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.pages.budget import planned
from graftwork.apps.pilots.pages.heading import heading
from graftwork.apps.pilots.pages.pilot import decision_rows, pilot_page
from graftwork.apps.pilots.queries import access_pilot, latest_pilot, may_lead
from graftwork.apps.pilots.views.failing import FIGURES_FAIL, note_failure
from graftwork.apps.pilots.views.importing import imports_of
from graftwork.core.charter.schema import Charter

KINDS = (
    ("go", "Go: keep it, all new items get drafts"),
    ("extend", "Extend the pilot"),
    ("stop", "Stop: new items get no drafts"),
)


@person_view("GET", "HEAD")
def pilot(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """A draft has nothing to show but its charter."""
    one = access_pilot(visit.actor, name)
    if one.state == PilotState.DRAFT:
        return redirect("pilots:charter", name)
    try:
        context = _context(one, visit)
    except FIGURES_FAIL as error:
        note_failure(one, error)
        told = {"pilot": heading(one), "decisions": decision_rows(one), "digest": one.charter_sha256}
        return render(request, "pilots/not_computed.html", told)
    return render(request, "pilots/pilot.html", context)


def _context(one: Pilot, visit: Visit) -> dict[str, Any]:
    charter = one.as_charter
    figures.catch_up(one, visit.now)
    taken_up = adoption(one.use_case, visit.now, pilot_name=one.name, simulated=one.simulated)
    page = pilot_page(one, figures.appraised(one, visit.now))
    return {
        "page": page,
        "pilot": page.pilot,
        "fresh": figures.freshness(one, visit.now),
        "adoption": taken_up,
        "brief": PilotBrief(one.name, charter.title, one.use_case, charter.money.currency, planned(charter)),
        "amendments": list(one.amendments.order_by("-number").select_related("amended_by")),
        "digest": one.charter_sha256,
        "imports": imports_of(one),
        "may_lead": may_lead(visit.actor),
        "is_over": one.state == PilotState.ENDED,
        "drafts_are_off": one == latest_pilot(one.use_case) and drafts_are_off(one),
        "is_paused": one.state == PilotState.PAUSED,
        "kinds": [(kind, words) for kind, words in KINDS if kind != "extend" or _may_be_extended(one, charter)],
    }


def _may_be_extended(one: Pilot, charter: Charter) -> bool:
    return one.decisions.filter(kind="extend").count() < charter.decide.extensions
