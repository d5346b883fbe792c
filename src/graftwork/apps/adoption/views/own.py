"""What everybody does for themselves: answer a survey, say something about the help."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from graftwork.apps.accounts.door import Visit, from_script, person_view
from graftwork.apps.adoption.access import may_read
from graftwork.apps.adoption.actions import surveying
from graftwork.apps.adoption.actions.feedback import give
from graftwork.apps.adoption.pulses import access_pulse, turns_of
from graftwork.apps.adoption.views import posted
from graftwork.apps.work.usecases import all_usecases
from graftwork.core.adoption import STATEMENTS, VALUES
from graftwork.core.errors import InputError


@person_view("GET", "HEAD")
def surveys(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    context = {"turns": turns_of(visit.actor, visit.now), "titles": _titles(), "now": visit.now}
    return render(request, "adoption/surveys.html", context)


@person_view("GET", "HEAD", "POST")
def survey(request: HttpRequest, visit: Visit, survey_id: int) -> HttpResponseBase:
    problem = ""
    if request.method == "POST":
        try:
            surveying.answer(visit.actor, survey_id, _values(request), visit.now)
        except InputError as error:
            told = getattr(error, "reason", "") or error.message
            problem = f"{told[:1].upper()}{told[1:]}."
        else:
            messages.success(request, "Thank you. Your answers are counted, and nobody can see which were yours.")
            return redirect("adoption:survey", survey_id)
    turn, pulse = access_pulse(visit.actor, survey_id, visit.now)
    context = {
        "turn": turn,
        "pulse": pulse,
        "title": _titles().get(turn.survey.use_case, turn.survey.use_case),
        "statements": [(one, request.POST.get(one.code, "")) for one in STATEMENTS],
        "values": VALUES,
        "problem": problem,
        "reads": may_read(visit.actor),
        "now": visit.now,
    }
    return render(request, "adoption/survey.html", context, status=422 if problem else 200)


@person_view("POST")
def feedback(request: HttpRequest, visit: Visit, item_id: UUID) -> HttpResponseBase:
    """From the desk. Its script keeps the page, and with it the text that is being edited."""
    try:
        give(visit.actor, item_id, posted.text(request, "text"), visit.now, named="nameless" not in request.POST)
    except InputError as error:
        if from_script(request):
            raise
        messages.warning(request, f"Not sent: {getattr(error, 'reason', error.message)}.")
    else:
        if from_script(request):
            return HttpResponse(status=204)
        messages.success(request, "Your feedback is sent. Thank you.")
    return redirect("desk:item", item_id=item_id)


def _values(request: HttpRequest) -> dict[str, int]:
    typed = {one.code: request.POST.get(one.code, "") for one in STATEMENTS}
    return {code: int(value) for code, value in typed.items() if value in {str(one) for one, _ in VALUES}}


def _titles() -> dict[str, str]:
    return {one.name: one.title for one in all_usecases()[0]}
