"""What was spent on a pilot: by a form, or from a table."""

import csv
import io
from datetime import date

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.adoption.access import READERS, may_lead
from graftwork.apps.adoption.actions.spending import KINDS, MOST_ROWS, Spent, add_spend, remove_spend
from graftwork.apps.adoption.hooks import pilot_brief
from graftwork.apps.adoption.models import Spend
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.adoption.views import posted
from graftwork.core.errors import InputError, RequestInvalid

COLUMNS = ("spent_on", "kind", "amount", "note")
MAX_BYTES = 1_000_000


@person_view("GET", "HEAD", "POST")
def spend(request: HttpRequest, visit: Visit, pilot: str) -> HttpResponseBase:
    problem = ""
    if request.method == "POST":
        try:
            rows = _from_table(request) if "import" in request.POST else [_from_form(request)]
            count = add_spend(visit.actor, pilot, rows, visit.now)
        except InputError as error:
            told = getattr(error, "reason", "") or error.message
            problem = f"{told[:1].upper()}{told[1:]}."
        else:
            messages.success(request, f"{count} {'amount is' if count == 1 else 'amounts are'} noted.")
            return redirect("adoption:spend", pilot)
    return _page(request, visit, pilot, problem)


@person_view("POST")
def remove(request: HttpRequest, visit: Visit, pilot: str, spend_id: int) -> HttpResponseBase:
    remove_spend(visit.actor, pilot, spend_id, visit.now)
    messages.success(request, "The amount is taken out.")
    return redirect("adoption:spend", pilot)


def _page(request: HttpRequest, visit: Visit, pilot: str, problem: str) -> HttpResponseBase:
    visit.actor.require_role(*READERS)
    brief = pilot_brief(visit.actor, pilot)
    context = {
        "brief": brief,
        "adoption": adoption(brief.use_case, visit.now, pilot_name=pilot, simulated=brief.simulated),
        "rows": Spend.objects.filter(pilot=pilot).order_by("-spent_on", "-pk")[:MOST_ROWS],
        "kinds": KINDS,
        "typed": request.POST,
        "problem": problem,
        "leads": may_lead(visit.actor),
        "today": visit.now.date(),
    }
    return render(request, "adoption/spend.html", context, status=422 if problem else 200)


def _from_form(request: HttpRequest) -> Spent:
    return Spent(
        kind=request.POST.get("kind", ""),
        amount=posted.number(request, "amount") or 0.0,
        spent_on=posted.day(request, "spent_on") or date.min,
        note=posted.text(request, "note"),
    )


def _from_table(request: HttpRequest) -> list[Spent]:
    """The rows of a CSV file with the columns spent_on, kind, amount and, if wanted, note."""
    file = request.FILES.get("table")
    if not isinstance(file, UploadedFile) or not file.size or file.size > MAX_BYTES:
        raise RequestInvalid("table", f"choose a CSV file of at most {MAX_BYTES // 1_000_000} MB")
    try:
        text = file.read().decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        missing = [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]
        rows = [] if missing else list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise RequestInvalid("table", "is no CSV in UTF-8") from None
    if missing:
        raise RequestInvalid("table", f"has no column {missing[0]}; it needs {', '.join(COLUMNS[:3])}")
    return [_row(row, number) for number, row in enumerate(rows, 1)]


def _row(row: dict[str, str | None], number: int) -> Spent:
    typed = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        return Spent(
            kind=typed["kind"],
            amount=posted.as_number(typed["amount"], "amount") or 0.0,
            spent_on=posted.as_day(typed["spent_on"], "spent_on") or date.min,
            note=typed["note"].replace("\x00", ""),
        )
    except RequestInvalid as error:
        raise RequestInvalid(error.field, f"row {number}: {error.field} {error.reason}") from None


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max((",", ";", "\t"), key=head.count)
