"""Reading pulse surveys. Results are told once a survey has closed, and only where more than five answered.

While it is open nothing but the number of answers is told. Results of an open survey, read before and after one person
answers, would be that person's answer; after the close they no longer change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists

from graftwork.apps.accounts.models import User
from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import may_read
from graftwork.apps.adoption.models import Invitation, Module, Survey, SurveyAnswer, SurveyTurn
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.adoption import STATEMENTS, PulseFigure, Share, pulse_figures
from graftwork.core.errors import NotFound

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Pulse:
    """A survey: how many of those asked answered, and what; `figures` is `None` while open, and where too few did."""

    survey: Survey
    is_open: bool
    answered: Share
    figures: Sequence[PulseFigure] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A survey as one person meets it."""

    survey: Survey
    is_open: bool
    is_asked: bool
    has_answered: bool


def pulses(use_case: str, now: datetime) -> list[Pulse]:
    """The surveys of a use case, newest first."""
    surveys = list(Survey.objects.filter(use_case=use_case).order_by("-opened_at")[:MOST_SHOWN])
    if not surveys:
        return []
    counts: dict[int, dict[str, dict[int, int]]] = {}
    for row in SurveyAnswer.objects.filter(survey__in=surveys):
        counts.setdefault(row.survey_id, {}).setdefault(row.question, {})[row.value] = row.count
    asked = Invitation.objects.filter(use_case=use_case).count()
    return [_pulse(survey, counts.get(survey.pk, {}), asked, now) for survey in surveys]


def access_pulse(actor: Actor, survey_id: int, now: datetime) -> tuple[Turn, Pulse]:
    """One survey, for who is asked in it, or may read how the use case goes. Raises `NotFound`."""
    survey = Survey.objects.filter(pk=survey_id).first()
    if survey is None:
        raise NotFound("survey", str(survey_id))
    turn = _turns(actor, [survey], now)[0]
    reads = may_read(actor) and survey.use_case in [one.name for one in visible_usecases(actor)]
    if not (turn.is_asked or turn.has_answered or reads):
        raise NotFound("survey", str(survey_id))
    found = next((one for one in pulses(survey.use_case, now) if one.survey.pk == survey.pk), None)
    return turn, found or _pulse(survey, {}, 0, now)


def turns_of(actor: Actor, now: datetime) -> list[Turn]:
    """The surveys of the use cases that this person is invited to, newest first."""
    names = Invitation.objects.filter(user_id=_number(actor)).values("use_case")
    return _turns(actor, list(Survey.objects.filter(use_case__in=names).order_by("-opened_at")[:MOST_SHOWN]), now)


def waiting_for(user_id: int, now: datetime) -> dict[str, bool]:
    """What there is for a person, in one query, since every page asks: `training`, and an open `survey` to answer."""
    names = Invitation.objects.filter(user_id=user_id).values("use_case")
    surveys = Survey.objects.filter(use_case__in=names, closes_at__gt=now).exclude(turns__user=user_id)
    found = User.objects.filter(pk=user_id).values_list(Exists(Module.objects.filter(retired_at=None)), Exists(surveys))
    training, survey = found.first() or (False, False)
    return {"training": training, "survey": survey}


def _turns(actor: Actor, surveys: Sequence[Survey], now: datetime) -> list[Turn]:
    invited = set(Invitation.objects.filter(user_id=_number(actor)).values_list("use_case", flat=True))
    turns = SurveyTurn.objects.filter(user_id=_number(actor), survey__in=surveys)
    answered = set(turns.values_list("survey_id", flat=True))
    return [
        Turn(survey, now < survey.closes_at, survey.use_case in invited, survey.pk in answered) for survey in surveys
    ]


def _number(actor: Actor) -> int:
    """Nobody has 0."""
    return actor.user_id or 0


def _pulse(survey: Survey, counts: dict[str, dict[int, int]], asked: int, now: datetime) -> Pulse:
    answers = sum(counts.get(STATEMENTS[0].code, {}).values())
    is_open = now < survey.closes_at
    # Somebody may have answered whose invitation was taken back since.
    return Pulse(survey, is_open, Share(answers, max(asked, answers)), None if is_open else pulse_figures(counts))
