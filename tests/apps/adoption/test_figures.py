"""How a use case is taken up, in counts, shares and intervals."""

from datetime import date, timedelta

import pytest

from graftwork.apps.accounts.models import User
from graftwork.apps.adoption.actions.counting import rebuild
from graftwork.apps.adoption.actions.inviting import invite, invite_all, set_works_since, withdraw
from graftwork.apps.adoption.models import Invitation, UseDay
from graftwork.apps.adoption.queries import adoption, working_since
from graftwork.apps.audit.models import AuditEntry
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid
from support.usecase import USE_CASE

pytestmark = pytest.mark.django_db
NAME = "note_reply"


@pytest.fixture
def owner(actor, note_reply):
    return actor("olga", "owner")


@pytest.fixture
def team(make_user):
    return [make_user(f"rita{number}") for number in range(8)]


def used(user, now, *days_ago, drafts=10, accepted=5, simulated=False, tenure="over 6 months"):
    for day in days_ago:
        UseDay.objects.create(
            use_case=NAME, user=user, day=now.date() - timedelta(days=day), reviews=drafts, drafts=drafts,
            accepted=accepted, simulated=simulated, tenure=tenure,
        )  # fmt: skip


def test_nobody_invited_is_unknown_and_not_zero(note_reply, now, db):
    found = adoption(NAME, now)
    assert (found.invited, found.weekly.estimate, found.weeks, found.bands) == (0, None, [], [])


def test_tried_weekly_and_habitual_users_are_shares_of_those_invited(owner, team, now):
    invite(owner, NAME, [user.username for user in team], now - timedelta(days=30))
    used(team[0], now, 0, 1, 2, 7, 8, 9)
    used(team[1], now, 3)
    used(team[2], now, 20)
    found = adoption(NAME, now)
    assert (found.invited, found.tried.count, found.weekly.count, found.habitual.count) == (8, 3, 2, 1)
    assert found.weekly.estimate.value == 0.25
    assert 0.05 < found.weekly.estimate.low < 0.1
    assert [week.last for week in found.weeks][-1] == now.date()
    assert [(week.invited, week.tried.count, week.weekly.count) for week in found.weeks] == [
        (8, 0, 0), (8, 0, 0), (8, 1, 1), (8, 2, 1), (8, 3, 2),
    ]  # fmt: skip


def test_who_was_not_invited_is_counted_apart(owner, team, now):
    invite(owner, NAME, [team[0].username], now)
    used(team[1], now, 0)
    found = adoption(NAME, now)
    assert (found.tried.count, found.others) == (0, 1)


def test_real_and_simulated_use_never_mix(owner, team, now):
    invite(owner, NAME, [user.username for user in team], now)
    used(team[0], now, 0)
    used(team[1], now, 40, 41, 42, 47, 48, 49, simulated=True)
    assert adoption(NAME, now).tried.count == 1
    simulated = adoption(NAME, now, simulated=True)
    assert (simulated.invited, simulated.weekly.count, simulated.habitual.count) == (1, 1, 1)
    assert simulated.until == now.date() - timedelta(days=40)


def test_acceptance_by_tenure_shows_only_groups_of_six_and_more(owner, team, now):
    for number, user in enumerate(team[:5]):
        used(user, now, 8, tenure="first month" if number < 2 else "over 6 months")
    assert adoption(NAME, now).bands == []
    for user in team[5:]:
        used(user, now, 8, accepted=10)
    [band] = adoption(NAME, now).bands
    assert (band.label, band.people, band.drafts) == ("first month or over 6 months", 8, 80)
    assert band.acceptance.value == 55 / 80
    assert band.acceptance.low < band.acceptance.value < band.acceptance.high


def test_acceptance_by_tenure_waits_for_the_end_of_the_week(owner, team, now):
    """Else the figure before and after one person's day would be that person's."""
    for user in team:
        used(user, now, 0)
    assert now.isoweekday() == 7
    assert adoption(NAME, now).bands == []
    [band] = adoption(NAME, now + timedelta(days=1)).bands
    assert band.people == 8


def test_tenure_is_as_told_else_since_the_account_is_there(owner, team, now):
    invite(owner, NAME, [team[0].username], now, works_since=date(2019, 5, 1))
    User.objects.filter(pk=team[1].pk).update(date_joined=now - timedelta(days=3))
    assert working_since(NAME, [team[0].pk, team[1].pk, None]) == {
        team[0].pk: date(2019, 5, 1), team[1].pk: (now - timedelta(days=3)).date(),
    }  # fmt: skip


def test_a_date_that_is_noted_later_moves_no_figure(owner, review, now):
    """Else the difference that it makes would be the figure of the one who was moved."""
    past = now - timedelta(days=9)
    names = [f"rita{number}" for number in range(13)]
    for name in names:
        review(name, "accept", past)
    User.objects.update(date_joined=past - timedelta(days=400))
    rebuild(NAME)
    User.objects.filter(username__in=names[:6]).update(date_joined=past - timedelta(days=3))
    before = adoption(NAME, now).bands
    invite(owner, NAME, names, now, works_since=now.date() - timedelta(days=1))
    assert adoption(NAME, now).bands == before
    last = User.objects.get(username="rita12")
    set_works_since(owner, NAME, last.pk, past.date() - timedelta(days=3), now)
    assert adoption(NAME, now).bands == before
    withdraw(owner, NAME, last.pk, now)
    rebuild(NAME)
    assert adoption(NAME, now).bands == before
    [row] = UseDay.objects.filter(user=last)
    assert row.tenure == before[0].label


def test_the_cost_does_not_grow_with_reviews(owner, team, now, django_assert_max_num_queries):
    invite(owner, NAME, [user.username for user in team], now)
    for user in team:
        used(user, now, *range(60), drafts=20_000)
    with django_assert_max_num_queries(12):
        adoption(NAME, now)


# --- invitations ------------------------------------------------------------------------------------------------------


def test_inviting_twice_invites_once_and_leaves_a_trace_by_number(owner, team, now):
    assert invite(owner, NAME, ["rita0", "rita1"], now) == 2
    assert invite(owner, NAME, ["rita1", "rita2"], now) == 1
    assert invite(owner, NAME, ["rita1"], now) == 0
    entries = AuditEntry.objects.filter(action="adoption.invited")
    assert entries.count() == 2
    assert not any("rita" in entry.detail for entry in entries)


def test_all_who_may_review_are_invited_and_nobody_else(owner, team, make_user, now):
    make_user("ada", "admin")
    User.objects.filter(pk=team[0].pk).update(is_active=False)
    assert invite_all(owner, NAME, now) == 7
    assert not Invitation.objects.filter(user__username__in=["ada", "olga", "rita0"]).exists()


def test_who_may_not_review_is_not_invited(owner, team, make_user, now):
    make_user("ed", "editor")
    with pytest.raises(RequestInvalid):
        invite(owner, NAME, ["rita0", "ed"], now)
    with pytest.raises(NotFound):
        invite(owner, NAME, ["rita0", "nobody"], now)
    assert Invitation.objects.count() == 0


def test_only_those_who_lead_invite(actor, team, note_reply, now):
    for role in ("reviewer", "compliance", "editor"):
        person = actor(f"x{role}", role)
        with pytest.raises(NotAllowed):
            invite(person, NAME, ["rita0"], now)
        with pytest.raises(NotAllowed):
            invite_all(person, NAME, now)


def test_a_use_case_of_a_closed_group_is_not_there_for_others(actor, team, write_usecase, now):
    write_usecase(USE_CASE + '\n[review]\ngroup = "claims"\n')
    with pytest.raises(NotFound):
        invite_all(actor("olga", "owner"), NAME, now)


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(1900, 1, 1)])
def test_a_day_that_cannot_be_is_refused(owner, team, now, day):
    with pytest.raises(RequestInvalid):
        invite(owner, NAME, ["rita0"], now, works_since=day)


def test_an_invitation_can_be_mended_and_taken_back(owner, team, now):
    invite(owner, NAME, ["rita0"], now)
    set_works_since(owner, NAME, team[0].pk, date(2024, 1, 1), now)
    assert Invitation.objects.get().works_since == date(2024, 1, 1)
    withdraw(owner, NAME, team[0].pk, now)
    assert Invitation.objects.count() == 0
    with pytest.raises(NotFound):
        withdraw(owner, NAME, team[0].pk, now)
