"""All pilots that a person may see."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.adoption.queries import spend
from graftwork.apps.pilots import figures
from graftwork.apps.pilots.models import Pilot
from graftwork.apps.pilots.pages.heading import heading
from graftwork.apps.pilots.pages.portfolio import BrokenRow, Row, draft_row, parted, row
from graftwork.apps.pilots.queries import may_lead, visible_pilots
from graftwork.apps.pilots.views.failing import FIGURES_FAIL, note_failure

PAGE = 20


@person_view("GET", "HEAD")
def portfolio(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    pages = Paginator(visible_pilots(visit.actor), PAGE)
    page = pages.get_page(request.GET.get("page"))
    started, drafts = parted(list(page.object_list))
    rows = [_row(one, visit) for one in started]
    context = {
        "rows": rows, "drafts": [draft_row(one) for one in drafts], "page": page, "may_lead": may_lead(visit.actor),
    }  # fmt: skip
    return render(request, "pilots/pilots.html", context)


def _row(pilot: Pilot, visit: Visit) -> Row | BrokenRow:
    """A pilot whose figures cannot be computed must not take the others from the page."""
    try:
        return row(pilot, figures.appraised(pilot, visit.now), spend(pilot.name))
    except FIGURES_FAIL as error:
        note_failure(pilot, error)
        return BrokenRow(heading(pilot))
