"""Pulse surveys: nobody's answer can be told from what is stored, shown, or written into the audit record."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.adoption.actions.inviting import invite
from graftwork.apps.adoption.actions.surveying import answer, close_survey, open_survey
from graftwork.apps.adoption.models import SurveyAnswer, SurveyTurn
from graftwork.apps.adoption.pulses import access_pulse, pulses, turns_of, waiting_for
from graftwork.apps.audit.models import AuditEntry
from graftwork.core.adoption import STATEMENTS
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid

pytestmark = pytest.mark.django_db
NAME = "note_reply"


def all_of(value):
    return {statement.code: value for statement in STATEMENTS}


@pytest.fixture
def owner(actor, note_reply):
    return actor("olga", "owner")


@pytest.fixture
def people(make_user):
    return [actor_for_user(make_user(f"rita{number}")) for number in range(7)]


@pytest.fixture
def survey(owner, people, now):
    invite(owner, NAME, [f"rita{number}" for number in range(7)], now)
    return open_survey(owner, NAME, 7, now)


@pytest.mark.parametrize("invited", [0, 5, 6])
def test_a_survey_needs_so_many_people_that_its_result_can_be_shown(owner, people, now, invited):
    if invited:
        invite(owner, NAME, [f"rita{number}" for number in range(invited)], now)
    if invited >= 6:
        open_survey(owner, NAME, 7, now)
    else:
        with pytest.raises(RequestInvalid, match=f"at least 6 people invited, and there are {invited}"):
            open_survey(owner, NAME, 7, now)


def test_who_cannot_sign_in_any_more_is_not_asked(owner, people, now):
    invite(owner, NAME, [f"rita{number}" for number in range(6)], now)
    User.objects.filter(username="rita0").update(is_active=False)
    with pytest.raises(RequestInvalid):
        open_survey(owner, NAME, 7, now)


def counted():
    return {(row.question, row.value): row.count for row in SurveyAnswer.objects.filter(count__gt=0)}


def test_an_answer_is_added_to_counts_and_kept_nowhere_else(survey, people, now):
    answer(people[0], survey.pk, all_of(4), now)
    answer(people[1], survey.pk, all_of(4) | {"desire": 1}, now)
    assert counted()["awareness", 4] == 2
    assert counted()["desire", 1] == 1
    assert SurveyTurn.objects.count() == 2


def test_no_row_holds_both_a_person_and_a_value():
    for model in (SurveyTurn, SurveyAnswer):
        names = {field.name for field in model._meta.get_fields()}
        assert not ({"user"} <= names and names & {"value", "count", "question"})
        assert not any("_at" in name for name in names), "the order of answers is kept nowhere"


def test_the_audit_record_says_neither_who_answered_nor_what(survey, people, now):
    answer(people[0], survey.pk, all_of(5), now)
    [entry] = AuditEntry.objects.filter(action="survey.answered")
    assert (entry.actor, entry.detail) == ("anonymous", "{}")


@pytest.mark.parametrize(
    ("values", "says"),
    [({}, "choose"), (all_of(6), "choose"), (all_of(0), "choose"), (all_of(3) | {"ability": None}, "choose")],
)
def test_an_answer_that_is_not_whole_is_refused_whole(survey, people, now, values, says):
    with pytest.raises(RequestInvalid, match=says):
        answer(people[0], survey.pk, values, now)
    assert counted() == {}
    assert SurveyTurn.objects.count() == 0


def test_a_person_answers_once(survey, people, now):
    answer(people[0], survey.pk, all_of(5), now)
    with pytest.raises(RequestInvalid, match="already"):
        answer(people[0], survey.pk, all_of(1), now)
    assert counted()["desire", 5] == 1
    assert ("desire", 1) not in counted()


def test_who_is_not_invited_does_not_answer(survey, actor, owner, now):
    for stranger in (actor("theo", "reviewer"), owner):
        with pytest.raises(NotFound):
            answer(stranger, survey.pk, all_of(5), now)


def test_while_it_is_open_nothing_but_the_number_of_answers_is_told(survey, people, now):
    for person in people:
        answer(person, survey.pk, all_of(5), now)
    [open_one] = pulses(NAME, now)
    assert (open_one.is_open, open_one.answered.count, open_one.figures) == (True, 7, None)
    [closed] = pulses(NAME, now + timedelta(days=7))
    assert closed.figures[0].counts == [0, 0, 0, 0, 7]


@pytest.mark.parametrize(("answers", "told"), [(5, False), (6, True)])
def test_results_are_told_from_six_answers_on(survey, people, owner, now, answers, told):
    for person in people[:answers]:
        answer(person, survey.pk, all_of(3), now)
    close_survey(owner, survey.pk, now + timedelta(hours=1))
    [pulse] = pulses(NAME, now + timedelta(hours=1))
    assert (pulse.figures is not None) is told
    assert pulse.answered.count == answers


def test_a_closed_survey_takes_nothing_in_and_is_closed_once(survey, people, owner, now):
    close_survey(owner, survey.pk, now)
    with pytest.raises(RequestInvalid, match="closed"):
        answer(people[0], survey.pk, all_of(3), now)
    with pytest.raises(RequestInvalid, match="closed"):
        close_survey(owner, survey.pk, now)


def test_one_at_a_time_and_a_week_between_two(survey, owner, now):
    with pytest.raises(RequestInvalid, match="open already"):
        open_survey(owner, NAME, 7, now + timedelta(days=1))
    with pytest.raises(RequestInvalid, match="7 days"):
        open_survey(owner, NAME, 7, now + timedelta(days=13))
    assert open_survey(owner, NAME, 7, now + timedelta(days=14)).pk != survey.pk


@pytest.mark.parametrize("days", [0, 61, -1])
def test_a_survey_lasts_one_to_sixty_days(owner, now, days):
    with pytest.raises(RequestInvalid):
        open_survey(owner, NAME, days, now)


def test_only_those_who_lead_open_and_close(survey, actor, now):
    for role in ("reviewer", "compliance"):
        person = actor(f"x{role}", role)
        with pytest.raises(NotAllowed):
            open_survey(person, NAME, 7, now + timedelta(days=30))
        with pytest.raises(NotAllowed):
            close_survey(person, survey.pk, now)


def test_a_survey_is_seen_by_who_is_asked_or_reads_how_it_goes(survey, people, owner, actor, now):
    turn, _ = access_pulse(people[0], survey.pk, now)
    assert (turn.is_asked, turn.has_answered) == (True, False)
    assert access_pulse(actor("cleo", "compliance"), survey.pk, now)[0].is_asked is False
    with pytest.raises(NotFound):
        access_pulse(actor("theo", "reviewer"), survey.pk, now)
    with pytest.raises(NotFound):
        access_pulse(owner, survey.pk + 1, now)


def test_a_survey_waits_until_it_is_answered_or_closed(survey, people, actor, now):
    assert waiting_for(people[0].user_id, now)["survey"]
    assert not waiting_for(people[0].user_id, now + timedelta(days=7))["survey"]
    assert not waiting_for(actor("theo", "reviewer").user_id, now)["survey"]
    answer(people[0], survey.pk, all_of(3), now)
    assert not waiting_for(people[0].user_id, now)["survey"]
    assert [turn.has_answered for turn in turns_of(people[0], now)] == [True]
