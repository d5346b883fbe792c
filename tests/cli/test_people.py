"""`user` and `token`."""

import json

import pytest
from django.utils import timezone

from graftwork.apps.accounts.actions import use_sign_in_link
from graftwork.apps.accounts.models import SignInLink, User
from graftwork.apps.accounts.queries import actor_for_token, actor_for_user, user_by_name
from graftwork.apps.audit.models import AuditEntry
from graftwork.core.errors import NotSignedIn

pytestmark = pytest.mark.django_db


def test_a_person_is_added_with_roles_and_the_operator_stands_in_the_audit_log(graftwork):
    result = graftwork("user", "add", "rita", "--role", "reviewer", "--role", "owner")
    assert result.stdout == "Added rita, with the roles reviewer, owner\n"
    assert actor_for_user(user_by_name("rita")).roles == {"reviewer", "owner"}
    assert not user_by_name("rita").has_usable_password()
    assert list(AuditEntry.objects.values_list("actor", "action")) == [
        ("cli", "user.added"), ("cli", "role.given"), ("cli", "role.given"),
    ]  # fmt: skip


def test_a_password_comes_from_standard_input_and_is_never_shown(graftwork):
    result = graftwork("user", "add", "rita", "--password-stdin", stdin="correct horse battery\n")
    assert result.exit_code == 0
    assert user_by_name("rita").check_password("correct horse battery")
    assert "horse" not in result.output


@pytest.mark.parametrize(
    ("args", "stdin", "shown"),
    [
        (["rita", "--role", "king"], None, "'king' is not one of"),
        (["not a name!"], None, "input.request"),
        (["tom"], None, "there is a user tom already"),
        (["rita", "--password-stdin"], "", "standard input is empty"),
        (["rita", "--password-stdin"], "short\n", "too short"),
    ],
)
def test_what_cannot_be_a_person_is_refused_and_nothing_is_stored(graftwork, make_user, args, stdin, shown):
    make_user("tom")
    result = graftwork("user", "add", *args, stdin=stdin)
    assert result.exit_code == 2
    assert shown in result.stderr
    assert [user.username for user in User.objects.all()] == ["tom"]


def test_roles_are_given_and_taken_together_or_not_at_all(graftwork, make_user):
    rita = make_user("rita", "reviewer")
    changed = graftwork("user", "role", "rita", "--give", "ops", "--take", "reviewer")
    assert changed.stdout == "rita: with the role ops\n"
    failed = graftwork("user", "role", "rita", "--give", "owner", "--take", "editor")
    assert failed.exit_code == 1
    assert actor_for_user(rita).roles == {"ops"}
    assert graftwork("user", "role", "rita").exit_code == 2
    assert "access.not_found" in graftwork("user", "role", "nobody", "--give", "ops").stderr


def test_a_link_signs_in_once(graftwork, make_user, now):
    make_user("rita")
    result = graftwork("user", "link", "rita", "--minutes", "5")
    [url] = result.stdout.splitlines()
    base, _, secret = url.rpartition("/sign-in/")
    assert base == "http://127.0.0.1:8000"
    assert "It works once, until " in result.stderr
    assert use_sign_in_link(secret, timezone.now()).username == "rita"
    assert secret not in str(list(SignInLink.objects.values()))


def test_somebody_shut_out_gets_no_link_until_let_in_again(graftwork, make_user):
    make_user("rita")
    assert graftwork("user", "disable", "rita").exit_code == 0
    refused = graftwork("user", "link", "rita")
    assert refused.exit_code == 2
    assert "graftwork user enable rita" in refused.stderr
    graftwork("user", "enable", "rita")
    assert graftwork("user", "link", "rita").exit_code == 0


def test_people_are_listed(graftwork, make_user):
    assert "Nobody yet" in graftwork("user", "list").stderr
    make_user("tom", "ops")
    make_user("rita", "reviewer", "owner")
    graftwork("user", "disable", "tom")
    lines = graftwork("user", "list").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["name", "rita", "tom"]
    rows = {row["name"]: row for row in json.loads(graftwork("user", "list", "--json").stdout)}
    assert rows["rita"]["roles"] == ["owner", "reviewer"]
    assert (rows["rita"]["active"], rows["tom"]["active"]) == (True, False)
    assert rows["rita"]["last_sign_in"] is None


def test_a_token_is_shown_once_and_works_until_revoked(graftwork, make_user):
    make_user("rita", "reviewer")
    made = graftwork("token", "add", "crm", "--user", "rita", "--scope", "items:read", "--scope", "items:write")
    secret = made.stdout.strip()
    assert actor_for_token(secret, timezone.now()).scopes == {"items:read", "items:write"}
    listed = graftwork("token", "list")
    assert "crm   rita  valid" in listed.stdout
    assert secret not in listed.output + graftwork("token", "list", "--json").output
    assert graftwork("token", "revoke", "crm").stdout == "crm is revoked\n"
    with pytest.raises(NotSignedIn):
        actor_for_token(secret, timezone.now())
    [row] = json.loads(graftwork("token", "list", "--json").stdout)
    assert row["state"] == "revoked"
    assert graftwork("token", "revoke", "crm").exit_code == 1


@pytest.mark.parametrize(
    ("args", "exit_code", "shown"),
    [
        (["crm", "--user", "rita"], 2, "--scope"),
        (["crm", "--user", "rita", "--scope", "items:all"], 2, "items:all"),
        (["crm", "--user", "nobody", "--scope", "items:read"], 1, "access.not_found"),
        (["crm", "--user", "rita", "--scope", "items:read", "--days", "0"], 2, "--days"),
        (["x" * 81, "--user", "rita", "--scope", "items:read"], 2, "1 to 80"),
        (["  ", "--user", "rita", "--scope", "items:read"], 2, "1 to 80"),
    ],
)
def test_what_cannot_be_a_token_is_refused(graftwork, make_user, args, exit_code, shown):
    make_user("rita")
    result = graftwork("token", "add", *args)
    assert (result.exit_code, shown in result.stderr) == (exit_code, True), result.stderr
    assert "None yet" in graftwork("token", "list").stderr


def test_people_are_put_into_a_group_and_taken_out_together_or_not_at_all(graftwork, make_user):
    make_user("rita")
    make_user("tom")
    assert graftwork("user", "group", "list").stderr.startswith("None yet.")
    refused = graftwork("user", "group", "add", "claims", "rita", "nobody")
    assert (refused.exit_code, "access.not_found" in refused.stderr) == (1, True)
    assert json.loads(graftwork("user", "group", "list", "--json").stdout) == {}
    assert graftwork("user", "group", "add", "claims", "rita", "tom").stdout == "claims: added rita, tom\n"
    assert graftwork("user", "group", "remove", "claims", "tom").stdout == "claims: took out tom\n"
    assert graftwork("user", "group", "list").stdout == "group   members\nclaims  rita\n"
    assert graftwork("user", "group", "remove", "claims", "tom").exit_code == 1
    assert graftwork("user", "group", "add", "No Group", "rita").exit_code == 2
