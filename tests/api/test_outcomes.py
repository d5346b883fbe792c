"""Outcomes, use cases, health."""

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor

from graftwork.api import health
from graftwork.apps.work.models import Outcome

pytestmark = pytest.mark.django_db

OUTCOME = {"kind": "csat", "value": 4, "occurred_at": "2026-11-22T10:00:00+01:00"}


def test_an_outcome_is_stored_once_and_shown_in_utc(api, make_items):
    [item] = make_items(1)
    first = api.post(f"/items/{item.pk}/outcomes", OUTCOME)
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert first.json()["occurred_at"] == "2026-11-22T09:00:00Z"
    again = api.post(f"/items/{item.pk}/outcomes", OUTCOME | {"value": 1})
    assert (again.status_code, again.json()["created"], again.json()["value"]) == (200, False, 4.0)
    api.post(f"/items/{item.pk}/outcomes", {"kind": "reopened", "value": 1, "occurred_at": "2026-11-21T00:00:00Z"})
    kinds = [outcome["kind"] for outcome in api.get(f"/items/{item.pk}/outcomes").json()["outcomes"]]
    assert kinds == ["reopened", "csat"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "Not A Name"},
        {"kind": "x" * 64},
        {"value": "four"},
        {"value": None},
        {"occurred_at": "2026-11-22T10:00:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_an_outcome_that_cannot_be_is_refused(api, make_items, change):
    [item] = make_items(1)
    answer = api.post(f"/items/{item.pk}/outcomes", OUTCOME | change)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == next(iter(change))
    assert not Outcome.objects.exists()


def test_use_cases_say_what_an_item_takes_and_which_reasons_there_are_and_no_instructions(api, note_reply):
    answer = api.get("/use-cases")
    shown = {one["name"]: one for one in answer.json()["use_cases"]}
    assert [field["name"] for field in shown["note_reply"]["fields"]] == ["text"]
    assert [reason["code"] for reason in shown["note_reply"]["reasons"]] == ["wrong", "off_topic", "tone", "other"]
    assert b"Answer in one sentence." not in answer.content


@pytest.fixture
def unasked():
    health._require_migrations.cache_clear()
    yield
    health._require_migrations.cache_clear()


def test_health_needs_no_token_and_is_ready_on_a_migrated_database(anonymous, unasked):
    answer = anonymous.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert anonymous.call("HEAD", "/health").status_code == 200


def test_health_is_not_ready_before_the_tables_are_those_of_this_version(anonymous, unasked, monkeypatch, error_code):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = anonymous.get("/health")
    assert (answer.status_code, error_code(answer)) == (503, "store.unavailable")
    assert answer.headers["Retry-After"]


def test_health_tells_nothing_about_a_database_that_is_down(anonymous, monkeypatch, error_code):
    def refuse(*args):
        raise DatabaseError("connection to db.internal as graftwork failed")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    answer = anonymous.get("/health")
    assert (answer.status_code, error_code(answer)) == (503, "store.unavailable")
    assert b"db.internal" not in answer.content
