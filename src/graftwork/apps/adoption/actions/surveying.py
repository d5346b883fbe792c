"""Opening a pulse survey, answering it, closing it. What somebody answers is added to counts and kept nowhere else."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import led_usecase
from graftwork.apps.adoption.models import Invitation, Survey, SurveyAnswer, SurveyTurn
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.core.adoption import LEAST_GROUP, STATEMENTS, VALUES, is_anonymous
from graftwork.core.errors import NotFound, RequestInvalid

MOST_DAYS = 60
# Two surveys of nearly the same people a day apart would tell what the one who joined in between said.
DAYS_BETWEEN = 7
# Beside a name, the moment of an answer could be held against a copy of the counts from just before it.
NOBODY = "anonymous"


def open_survey(actor: Actor, use_case: str, days: int, now: datetime) -> Survey:
    """Ask all who are invited, for so many days. Raises `RequestInvalid` where one is open, or was until lately, and
    where too few are invited for a result to be shown."""
    led_usecase(actor, use_case)
    if not 1 <= days <= MOST_DAYS:
        raise RequestInvalid("days", f"must be 1 to {MOST_DAYS}")
    invited = Invitation.objects.filter(use_case=use_case, user__is_active=True).count()
    if not is_anonymous(invited):
        raise RequestInvalid("survey", f"needs at least {LEAST_GROUP} people invited, and there are {invited}: of "
                             "fewer no result could be shown")  # fmt: skip
    with transaction.atomic():
        last = Survey.objects.select_for_update().filter(use_case=use_case).order_by("-closes_at").first()
        if last is not None and last.closes_at > now:
            raise RequestInvalid("survey", "one is open already")
        if last is not None and last.closes_at > now - timedelta(days=DAYS_BETWEEN):
            raise RequestInvalid("survey", f"{DAYS_BETWEEN} days have to lie between two surveys, so that nobody's "
                                 "answer shows in the difference")  # fmt: skip
        survey = Survey.objects.create(use_case=use_case, opened_at=now, closes_at=now + timedelta(days=days))
        SurveyAnswer.objects.bulk_create(
            [
                SurveyAnswer(survey=survey, question=statement.code, value=value)
                for statement in STATEMENTS
                for value, _ in VALUES
            ]
        )
        event = Event("survey.opened", f"survey:{survey.pk}", {"use_case": use_case, "days": days})
        record(actor.name, [event], now)
    return survey


def close_survey(actor: Actor, survey_id: int, now: datetime) -> Survey:
    """End a survey before its time. It is not opened again: who came later would show in the difference."""
    with transaction.atomic():
        survey = Survey.objects.select_for_update().filter(pk=survey_id).first()
        if survey is None:
            raise NotFound("survey", str(survey_id))
        led_usecase(actor, survey.use_case)
        if survey.closes_at <= now:
            raise RequestInvalid("survey", "is closed already")
        survey.closes_at = now
        survey.save(update_fields=["closes_at"])
        record(actor.name, [Event("survey.closed", f"survey:{survey.pk}", {})], now)
    return survey


def answer(actor: Actor, survey_id: int, values: Mapping[str, int], now: datetime) -> None:
    """Add one person's five values, 1 to 5, to the counts. Raises `NotFound` for who is not asked.

    Raises `RequestInvalid` where it is closed, was answered by them, or a value is missing; nothing is stored then.
    """
    with transaction.atomic():
        # Locked, so that nothing is added after the close that another process is writing.
        survey = Survey.objects.select_for_update().filter(pk=survey_id).first()
        if survey is None or actor.user_id is None or not _is_asked(actor.user_id, survey):
            raise NotFound("survey", str(survey_id))
        if survey.closes_at <= now:
            raise RequestInvalid("survey", "is closed; thank you for coming")
        _check(values)
        try:
            with transaction.atomic():
                SurveyTurn.objects.create(survey=survey, user_id=actor.user_id)
        except IntegrityError:
            raise RequestInvalid("survey", "you have answered it already") from None
        for statement in STATEMENTS:
            counts = SurveyAnswer.objects.filter(survey=survey, question=statement.code, value=values[statement.code])
            counts.update(count=F("count") + 1)
        record(NOBODY, [Event("survey.answered", f"survey:{survey.pk}", {})], now)


def _is_asked(user_id: int, survey: Survey) -> bool:
    return Invitation.objects.filter(use_case=survey.use_case, user_id=user_id).exists()


def _check(values: Mapping[str, int]) -> None:
    allowed = [value for value, _ in VALUES]
    for statement in STATEMENTS:
        if values.get(statement.code) not in allowed:
            raise RequestInvalid(statement.code, "choose one of the five for every statement")
