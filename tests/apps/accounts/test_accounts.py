"""Who somebody is, and for how long: links, tokens, roles, each with its refusal beside it."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.actions import (
    add_to_group,
    add_user,
    give_role,
    make_sign_in_link,
    make_token,
    revoke_token,
    set_active,
    set_password,
    take_from_group,
    take_role,
    use_sign_in_link,
)
from graftwork.apps.accounts.models import ApiToken, GroupMembership, RoleGrant, SignInLink, User
from graftwork.apps.accounts.queries import (
    actor_for_token,
    actor_for_user,
    members_by_group,
    roles_of,
    user_by_name,
)
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.audit.queries import verify
from graftwork.core.errors import NotAllowed, NotFound, NotSignedIn, RequestInvalid, SignInLinkInvalid

pytestmark = pytest.mark.django_db


def state() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (User, RoleGrant, GroupMembership, ApiToken, SignInLink, AuditEntry)
    )


@pytest.mark.parametrize(("minutes", "works"), [(0, True), (29.9, True), (30, False), (60, False)], ids=str)
def test_a_link_works_until_its_time_is_over(make_user, now, minutes, works):
    user = make_user()
    secret = make_sign_in_link(operator(), user, now)
    later = now + timedelta(minutes=minutes)
    if works:
        assert use_sign_in_link(secret, later) == user
        return
    with pytest.raises(SignInLinkInvalid):
        use_sign_in_link(secret, later)


def test_a_link_works_once(make_user, now):
    secret = make_sign_in_link(operator(), make_user(), now)
    use_sign_in_link(secret, now)
    with pytest.raises(SignInLinkInvalid):
        use_sign_in_link(secret, now)


@pytest.mark.parametrize("secret", ["", "x", "\x00", "ü" * 500, "' OR 1=1 --"])
def test_a_link_that_never_was_is_refused_like_a_used_one(make_user, now, secret):
    make_sign_in_link(operator(), make_user(), now)
    with pytest.raises(SignInLinkInvalid):
        use_sign_in_link(secret, now)


def test_a_link_of_somebody_shut_out_is_refused_and_works_again_when_let_in(make_user, now):
    user = make_user()
    secret = make_sign_in_link(operator(), user, now)
    set_active(operator(), user, now, active=False)
    with pytest.raises(SignInLinkInvalid):
        use_sign_in_link(secret, now)
    set_active(operator(), user, now, active=True)
    assert use_sign_in_link(secret, now) == user


def test_neither_a_link_nor_a_token_lies_in_the_database_as_it_is_shown(make_user, now):
    user = make_user()
    link = make_sign_in_link(operator(), user, now)
    token = make_token(operator(), user, "feed", ["items:read"], now)
    stored = repr(
        [*SignInLink.objects.values_list(), *ApiToken.objects.values_list(), *AuditEntry.objects.values_list()]
    )
    assert link not in stored
    assert token not in stored


def test_a_token_acts_for_its_person_within_its_scopes(make_user, now):
    actor = actor_for_token(make_token(operator(), make_user("rita", "reviewer"), "feed", ["items:read"], now), now)
    actor.require_scope("items:read")
    actor.require_role("reviewer")
    with pytest.raises(NotAllowed):
        actor.require_scope("items:write")
    with pytest.raises(NotAllowed):
        actor.require_role("ops")


def _revoke(user: User, now) -> None:
    revoke_token(operator(), "feed", now)


def _shut_out(user: User, now) -> None:
    set_active(operator(), user, now, active=False)


def _delete(user: User, now) -> None:
    ApiToken.objects.all().delete()


@pytest.mark.parametrize("end", [_revoke, _shut_out, _delete])
def test_a_token_that_was_ended_signs_nobody_in(make_user, now, end):
    user = make_user()
    secret = make_token(operator(), user, "feed", [], now)
    assert actor_for_token(secret, now).user_id == user.pk
    end(user, now)
    with pytest.raises(NotSignedIn):
        actor_for_token(secret, now)


@pytest.mark.parametrize(("days", "after", "works"), [(1, 0.9, True), (1, 1, False), (None, 10_000, True)])
def test_a_token_ends_when_it_was_to_end(make_user, now, days, after, works):
    secret = make_token(operator(), make_user(), "feed", [], now, days=days)
    if works:
        actor_for_token(secret, now + timedelta(days=after))
        return
    with pytest.raises(NotSignedIn):
        actor_for_token(secret, now + timedelta(days=after))


def test_a_role_that_is_taken_holds_no_longer_for_tokens_either(make_user, now):
    user = make_user("rita", "reviewer", "ops")
    secret = make_token(operator(), user, "feed", [], now)
    take_role(operator(), user, "ops", now)
    assert roles_of(user) == {"reviewer"}
    assert actor_for_token(secret, now).roles == {"reviewer"}
    with pytest.raises(NotFound):
        take_role(operator(), user, "ops", now)


def test_a_role_given_twice_is_one_role_and_one_entry(make_user, now):
    user = make_user("rita", "reviewer")
    entries = AuditEntry.objects.count()
    give_role(operator(), user, "reviewer", now)
    assert (RoleGrant.objects.count(), AuditEntry.objects.count()) == (1, entries)


ADMIN_ONLY = {
    "add a person": lambda actor, user, now: add_user(actor, "eve", [], now),
    "give a role": lambda actor, user, now: give_role(actor, user, "admin", now),
    "take a role": lambda actor, user, now: take_role(actor, user, "reviewer", now),
    "put into a group": lambda actor, user, now: add_to_group(actor, user, "hr", now),
    "take out of a group": lambda actor, user, now: take_from_group(actor, user, "claims", now),
    "make a link": make_sign_in_link,
    "make a token": lambda actor, user, now: make_token(actor, user, "mine", [], now),
    "revoke a token": lambda actor, user, now: revoke_token(actor, "feed", now),
    "shut somebody out": lambda actor, user, now: set_active(actor, user, now, active=False),
    "set somebody's password": lambda actor, user, now: set_password(actor, user, "long enough 1234", now),
}


@pytest.mark.parametrize("what", ADMIN_ONLY)
@pytest.mark.parametrize("role", ["reviewer", "ops", "owner", "compliance", "editor"])
def test_only_an_admin_may(make_user, now, what, role):
    user = make_user("rita", "reviewer")
    make_token(operator(), user, "feed", [], now)
    add_to_group(operator(), user, "claims", now)
    before = state()
    with pytest.raises(NotAllowed):
        ADMIN_ONLY[what](Actor("user:99", 99, frozenset({role})), user, now)
    assert state() == before
    ADMIN_ONLY[what](Actor("user:99", 99, frozenset({"admin"})), user, now)
    assert state()[-1] > before[-1]
    verify()


def test_everybody_may_set_their_own_password_and_a_weak_one_is_refused(make_user, now):
    user = make_user()
    with pytest.raises(RequestInvalid):
        set_password(actor_for_user(user), user, "short", now)
    set_password(actor_for_user(user), user, "correct horse battery", now)
    assert user_by_name("rita").check_password("correct horse battery")


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 151, "a\x00b", "rita\n"])
def test_what_is_no_name_is_refused_and_nothing_stored(db, now, name):
    before = state()
    with pytest.raises(RequestInvalid):
        add_user(operator(), name, ["reviewer"], now)
    assert state() == before


@pytest.mark.parametrize(("role", "nearest"), [("reviwer", "reviewer"), ("Admin", "admin"), ("zzz", "")])
def test_a_person_with_a_role_that_is_none_is_not_added_at_all(db, now, role, nearest):
    before = state()
    with pytest.raises(RequestInvalid) as caught:
        add_user(operator(), "rita", ["reviewer", role], now)
    assert (f"`{nearest}`" in caught.value.reason) if nearest else "did you mean" not in caught.value.reason
    assert state() == before


@pytest.mark.parametrize("name", ["nobody", "", "\x00", "RITA"])
def test_a_person_who_is_not_there_is_not_found(make_user, name):
    make_user("rita")
    with pytest.raises(NotFound):
        user_by_name(name)


def test_a_person_and_their_tokens_belong_to_a_group_until_they_are_taken_out(make_user, now):
    rita, tom = make_user("rita"), make_user("tom")
    token = make_token(operator(), rita, "of rita", ["items:read"], now)
    add_to_group(operator(), rita, "claims", now)
    add_to_group(operator(), rita, "claims", now)
    assert actor_for_user(rita).groups == actor_for_token(token, now).groups == {"claims"}
    assert actor_for_user(tom).groups == frozenset()
    assert members_by_group() == {"claims": ["rita"]}
    take_from_group(operator(), rita, "claims", now)
    assert actor_for_user(rita).groups == actor_for_token(token, now).groups == frozenset()
    with pytest.raises(NotFound):
        take_from_group(operator(), rita, "claims", now)
    changes = AuditEntry.objects.filter(action__startswith="group.").values_list("action", "subject", "detail")
    of_rita, detail = f"user:{rita.pk}", '{"group":"claims"}'
    assert list(changes) == [("group.joined", of_rita, detail), ("group.left", of_rita, detail)]


@pytest.mark.parametrize("name", ["", "Claims", "claims team", "9lives", "a" * 64, "cl\x00aims", "claims\n"])
def test_what_cannot_be_a_group_is_refused(make_user, now, name):
    user, before = make_user(), state()
    with pytest.raises(RequestInvalid):
        add_to_group(operator(), user, name, now)
    with pytest.raises(RequestInvalid):
        take_from_group(operator(), user, name, now)
    assert state() == before


@pytest.mark.parametrize(
    ("groups", "open_to", "belongs"),
    [
        ({"claims"}, ["claims"], True), ({"claims"}, ["hr", "claims"], True), ({"claims"}, ["hr"], False),
        ({"claims"}, [], True), (set(), [], True), (set(), ["claims"], False),
    ],
)  # fmt: skip
def test_what_is_kept_to_groups_is_open_to_their_members_whatever_their_role(groups, open_to, belongs):
    for role in ("reviewer", "admin"):
        assert Actor("user:1", 1, frozenset({role}), groups=frozenset(groups)).belongs_to_any(open_to) is belongs
    assert operator().belongs_to_any(open_to)
