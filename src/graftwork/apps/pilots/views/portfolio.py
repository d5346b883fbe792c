"""All pilots that a person may see."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from graftwork.apps.adoption.queries import spend
from graftwork.apps.pilots import figures
from graftwork.apps.pilots.models import Decision, Pilot
from graftwork.apps.pilots.pages.portfolio import draft_row, parted, row
from graftwork.apps.pilots.queries import may_lead, visible_pilots
from graftwork.apps.pilots.views.door import Visit, pilot_view

PAGE = 20


@pilot_view("GET", "HEAD")
def portfolio(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    pages = Paginator(visible_pilots(visit.actor), PAGE)
    page = pages.get_page(request.GET.get("page"))
    started, drafts = parted(list(page.object_list))
    decided = _decided(started)
    rows = [row(one, figures.appraised(one, visit.now), spend(one.name), decided.get(one.pk, "")) for one in started]
    context = {
        "rows": rows, "drafts": [draft_row(one) for one in drafts], "page": page, "may_lead": may_lead(visit.actor),
    }  # fmt: skip
    return render(request, "pilots/pilots.html", context)


def _decided(pilots: list[Pilot]) -> dict[int, str]:
    """How each ended."""
    rows = Decision.objects.filter(pilot__in=pilots, kind__in=("go", "stop")).order_by("decided_at", "pk")
    return dict(rows.values_list("pilot_id", "kind"))
