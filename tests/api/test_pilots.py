"""Pilots over REST: their list, their figures, and who may have them."""

from datetime import timedelta

import pytest

from graftwork.apps.actors import SCOPES, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.pilots.actions.charters import create
from graftwork.apps.pilots.simulating import simulate
from support.appraisals import charter

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(api_of, make_user):
    return api_of(make_user("olga", "owner"))


@pytest.fixture
def pilot(now):
    """Sixty items that nobody decided on."""
    made = create(operator(), charter(), now, simulated=True)
    return simulate(operator(), made, items=60, now=now, effect_seconds=120)


def test_pilots_are_listed_in_the_order_in_which_they_were_made(owner, now):
    for number in range(5):
        create(operator(), charter(name=f"pilot_{number}"), now + timedelta(seconds=number // 2))
    first = owner.get("/pilots", limit=2).json()
    second = owner.get("/pilots", limit=2, cursor=first["next_cursor"]).json()
    third = owner.get("/pilots", limit=2, cursor=second["next_cursor"]).json()
    names = [one["name"] for part in (first, second, third) for one in part["pilots"]]
    assert names == [f"pilot_{number}" for number in range(5)]
    assert third["next_cursor"] is None
    assert first["pilots"][0] == {
        "name": "pilot_0", "title": "Faster replies", "use_case": "support_reply", "state": "draft", "simulated": False,
        "design": "randomised", "unit": "item", "primary_metric": "handling_time", "created_at": "2026-11-22T09:00:00Z",
        "started_at": None, "ends_at": None, "ended_at": None,
    }  # fmt: skip


@pytest.mark.parametrize("cursor", ["x", "W10", "WyIyMDI2LTExLTIyVDA5OjAwOjAwKzAwOjAwIiwgIi0xIl0"])
def test_a_cursor_of_another_listing_is_refused(owner, cursor):
    assert owner.get("/pilots", cursor=cursor).status_code == 422


def test_a_filter_that_is_not_known_is_refused(owner):
    assert owner.get("/pilots", state="ended").status_code == 422


def test_the_figures_say_what_they_rest_on_and_that_nobody_took_part(owner, pilot):
    answer = owner.get(f"/pilots/{pilot.name}")
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    assert told["schema"] == "graftwork.pilot-figures/1"
    assert told["simulated"] is True
    assert told["charter_sha256"] == pilot.charter_sha256
    assert told["charter"]["primary"]["metric"] == "handling_time"
    assert told["balance"]["n_assisted"] + told["balance"]["n_control"] == 60
    assert told["primary"]["now"]["unit"] == "s"
    assert told["primary"]["now"]["n"] == 60
    assert told["verdict"]["sentence"].startswith("Simulated: ")
    assert told["items_waiting"] == 0


def test_a_pilot_that_never_started_has_no_figures_and_says_so(owner, now):
    create(operator(), charter(), now)
    told = owner.get("/pilots/replies").json()
    assert told["charter_sha256"] is None
    assert told["primary"]["now"]["value"] is None
    assert told["balance"]["p_value"] is None


def test_reading_is_no_export_and_leaves_no_entry(owner, pilot):
    before = AuditEntry.objects.count()
    owner.get(f"/pilots/{pilot.name}")
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("ops", 200), ("compliance", 200), ("reviewer", 403), ("editor", 403)]
)
def test_the_roles_are_those_of_the_pages(api_of, make_user, pilot, role, status):
    api = api_of(make_user("anna", role))
    assert api.get("/pilots").status_code == status
    assert api.get(f"/pilots/{pilot.name}").status_code == status


def test_a_token_needs_the_scope(api_of, make_user, pilot):
    olga = make_user("olga", "owner")
    others = api_of(olga, *[scope for scope in SCOPES if scope != "pilots:read"])
    only = api_of(olga, "pilots:read")
    for path in ("/pilots", f"/pilots/{pilot.name}"):
        assert others.get(path).status_code == 403
        assert only.get(path).status_code == 200
    assert only.get("/reviews").status_code == 403


def test_a_pilot_that_is_not_there_is_not_found(owner, error_code):
    answer = owner.get("/pilots/nothing_such")
    assert (answer.status_code, error_code(answer)) == (404, "access.not_found")


def test_without_a_token_nothing_is_told(anonymous):
    assert anonymous.get("/pilots").status_code == 401
