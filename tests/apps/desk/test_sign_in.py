"""Signing in: by name and password, by link; and what is refused alike."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from graftwork.apps.accounts.actions import make_sign_in_link, set_active, set_password
from graftwork.apps.accounts.throttle import FAILURES_PER_NAME
from graftwork.apps.actors import operator

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def fresh_count():
    cache.clear()


@pytest.fixture
def rita(make_user):
    user = make_user()
    set_password(operator(), user, PASSWORD, datetime.now(UTC))
    return user


def sign_in(client, username="rita", password=PASSWORD, **more):
    return client.post("/sign-in", {"username": username, "password": password, **more})


def test_name_and_password_sign_in(rita):
    client = Client()
    assert sign_in(client)["Location"] == "/"
    assert client.get("/desk/").status_code == 200


def test_wrong_password_unknown_name_and_closed_account_get_one_answer(rita, make_user):
    closed = make_user("carla")
    set_password(operator(), closed, PASSWORD, datetime.now(UTC))
    set_active(operator(), closed, datetime.now(UTC), active=False)
    tries = [("rita", "wrong"), ("nobody", "wrong"), ("carla", PASSWORD), ("ri\x00ta", PASSWORD), ("rita", "x" * 5_000)]
    answers = [sign_in(Client(), name, password) for name, password in tries]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content.count(b"do not go together") for answer in answers}) == 1


def test_after_too_many_failures_even_the_right_password_waits_but_a_link_works(rita):
    for _ in range(FAILURES_PER_NAME):
        assert sign_in(Client(), password="wrong").status_code == 403
    assert sign_in(Client()).status_code == 429
    secret = make_sign_in_link(operator(), rita, datetime.now(UTC))
    assert Client().post(f"/sign-in/{secret}").status_code == 302


def test_success_forgets_the_failures(rita):
    for _ in range(FAILURES_PER_NAME - 1):
        sign_in(Client(), password="wrong")
    assert sign_in(Client()).status_code == 302
    assert sign_in(Client(), password="wrong").status_code == 403


@pytest.mark.parametrize(
    ("goal", "goes_to"),
    [
        ("/desk/preferences", "/desk/preferences"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_it_goes_on_only_to_addresses_of_our_own(rita, goal, goes_to):
    assert sign_in(Client(), next=goal)["Location"] == goes_to


def test_a_link_is_used_by_the_button_and_only_once(rita):
    secret = make_sign_in_link(operator(), rita, datetime.now(UTC))
    looked = Client()
    for _ in range(3):  # a chat tool's preview
        assert looked.get(f"/sign-in/{secret}").status_code == 200
    assert looked.get("/desk/").status_code == 302
    client = Client()
    assert client.post(f"/sign-in/{secret}").status_code == 302
    assert client.get("/desk/").status_code == 200
    again = Client().post(f"/sign-in/{secret}")
    assert again.status_code == 403
    assert b"This sign-in link was used already, or has expired. Ask your admin for a new link." in again.content
    assert b"graftwork user" not in again.content


def test_an_expired_or_invented_link_is_refused(rita):
    old = make_sign_in_link(operator(), rita, datetime.now(UTC) - timedelta(hours=1))
    assert Client().post(f"/sign-in/{old}").status_code == 403
    assert Client().post("/sign-in/abc").status_code == 403


def test_signing_in_changes_the_session_key(rita):
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["before"] = 1
    session.save()
    fixed = session.session_key
    sign_in(client)
    assert client.session.session_key != fixed


def test_signing_out_needs_post(rita):
    client = Client()
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/desk/").status_code == 302


def test_ones_own_password_needs_the_present_one(rita):
    client, other = Client(), Client()
    sign_in(client)
    sign_in(other)
    new = "a brand new long phrase"
    wrong = client.post("/password", {"current": "no", "new": new, "again": new})
    assert (wrong.status_code, b"not your present password" in wrong.content) == (422, True)
    assert client.post("/password", {"current": PASSWORD, "new": new, "again": "x"}).status_code == 422
    short = client.post("/password", {"current": PASSWORD, "new": "short", "again": "short"})
    assert b"too short" in short.content
    assert client.post("/password", {"current": PASSWORD, "new": new, "again": new}).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert other.get("/desk/").status_code == 302  # its session ended
    assert sign_in(Client(), password=new).status_code == 302


def test_who_came_by_link_sets_a_first_password_without_one(make_user):
    client = Client()
    client.force_login(make_user("tom"))
    assert b"Present password" not in client.get("/password").content
    assert client.post("/password", {"new": PASSWORD, "again": PASSWORD}).status_code == 302
    assert sign_in(Client(), "tom").status_code == 302


def test_the_error_pages_need_nothing_but_themselves():
    client = Client(raise_request_exception=False)
    assert b"Not here" in client.get("/nothing/here").content
