"""The what-if panel: what a pilot would be worth if an assumption were another one."""

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from graftwork.apps.accounts.door import FROM_SCRIPT, Visit, person_view
from graftwork.apps.pilots.figures import pilot_data
from graftwork.apps.pilots.models import Pilot
from graftwork.apps.pilots.pages.money_page import money_rows
from graftwork.apps.pilots.pages.what_if_form import what_if_form
from graftwork.apps.pilots.queries import access_pilot
from graftwork.core.appraisal.data import Appraisal
from graftwork.core.appraisal.draft_use import DraftUse
from graftwork.core.appraisal.what_if import basis_of, build_cost
from graftwork.core.charter.metrics import HANDLING_TIME
from graftwork.core.value.results import Effect
from graftwork.core.value.simulation import DRAWS


@person_view("GET", "HEAD")
def what_if(request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    """The panel on a page of its own; for a script, the panel alone, which goes into the pilot's page, too."""
    from graftwork.core.appraisal.appraise import appraise  # noqa: PLC0415 - loads scipy, which takes two seconds

    pilot = access_pilot(visit.actor, name)
    charter, data = pilot.as_charter, pilot_data(pilot, visit.now)
    appraisal = appraise(charter, data)
    effect, minutes = _time_effect(appraisal), appraisal.money.minutes_saved_per_item
    form = what_if_form(
        request.GET,
        basis_of(charter, data),
        build_cost(charter),
        DraftUse.measured(data, effect),
        round(minutes.value * 60, 1) if minutes is not None else None,
    )
    asked = appraise(charter, data, form.asked).money if form.asked is not None else None
    shown = asked or appraisal.money
    context = {
        "pilot": pilot,
        "charter": charter,
        "form": form,
        "money": shown,
        "is_asked": asked is not None,
        "rows": money_rows(appraisal.money, asked),
        "confidence": f"{charter.analysis.confidence * 100:g} %",
        "draws": f"{DRAWS:,}",
        "here": _address(pilot, {}),
        "link": _address(pilot, form.query) if form.asked is not None else "",
    }
    return _answer(request, context, pilot, form.query)


def _time_effect(appraisal: Appraisal) -> Effect | None:
    """The effect on handling time, wherever the charter has it."""
    return next((effect for metric, effect in _effects(appraisal) if metric == HANDLING_TIME), None)


def _effects(appraisal: Appraisal) -> Iterator[tuple[str, Effect]]:
    yield appraisal.primary.metric.key, appraisal.primary.now
    yield from ((guard.metric.key, guard.guarded.effect) for guard in appraisal.guards)
    yield from ((other.metric.key, other.now) for other in appraisal.others)


def _address(pilot: Pilot, query: object) -> str:
    path = reverse("pilots:what-if", args=[pilot.name])
    return f"{path}?{urlencode(query)}" if isinstance(query, dict) and query else path


def _answer(request: HttpRequest, context: dict[str, object], pilot: Pilot, query: object) -> HttpResponseBase:
    # A browser that goes back asks by script for the page it had, which is a whole one.
    by_script = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    response = render(request, "pilots/_what_if.html" if by_script else "pilots/what_if.html", context)
    if by_script and urlsplit(request.headers.get("HX-Current-URL", "")).path == request.path:
        # On its own page the address says what is asked; on the pilot's page it stays the pilot's.
        response.headers["HX-Replace-Url"] = _address(pilot, query)
    patch_vary_headers(response, [*FROM_SCRIPT, "HX-Current-URL"])
    return response
