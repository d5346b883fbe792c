"""Deciding over the interface, and reading only what holds."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
from graftwork.apps.work.models import Item, Review

pytestmark = pytest.mark.django_db


def _rita():
    return actor_for_user(User.objects.get(username="rita"))


def _decide(api, item, decision="edited", text="Better."):
    return api.post(f"/items/{item.pk}/review", {"decision": decision, "final_text": text})


def test_an_accepted_text_shows_once_it_can_no_longer_be_undone(api, make_items, clock, now):
    [item] = make_items(1, draft="On its way.")
    body = {"decision": "accepted", "final_text": "On its way.", "active_seconds": 12.5, "wall_seconds": 30}
    made = api.post(f"/items/{item.pk}/review", body)
    assert made.status_code == 201
    assert (made.json()["decision"], made.json()["share_rewritten"]) == ("accepted", 0.0)
    assert made.json()["effective_at"] == "2026-11-22T09:00:10Z"
    assert "final_text" not in made.json()
    assert api.get(f"/items/{item.pk}").json()["state"] == "decided"
    for path in ("/reviews", f"/items/{item.pk}/reviews"):
        clock(now + timedelta(seconds=9.9))
        assert api.get(path).json()["reviews"] == []
        clock(now + timedelta(seconds=10))
        [review] = api.get(path).json()["reviews"]
        assert (review["final_text"], review["external_id"]) == ("On its way.", item.external_id)
        assert (review["active_seconds"], review["wall_seconds"], review["thinking_seconds"]) == (12.5, 30.0, None)
        assert review["reviewer"] == f"user:{_rita().user_id}"
    assert AuditEntry.objects.filter(action="review.decided", actor__startswith="token:").count() == 1


def test_an_undone_review_never_shows_and_the_item_is_claimed_again(api, make_items, clock, now, error_code):
    [item] = make_items(1)
    undo = _decide(api, item).json()["undo"].removeprefix("/api/v1")
    clock(now + timedelta(seconds=9))
    undone = api.post(undo)
    assert (undone.status_code, undone.json()["state"]) == (200, "ready")
    assert undone.json()["claim_expires_at"] == "2026-11-22T09:15:09Z"
    clock(now + timedelta(hours=1))
    assert api.get("/reviews").json()["reviews"] == []
    again = api.post(undo)
    assert (again.status_code, error_code(again)) == (409, "conflict.undo_late")


def test_a_decision_of_somebody_else_or_one_in_effect_cannot_be_undone(api, api_of, make_user, make_items, clock, now):
    [item] = make_items(1)
    undo = _decide(api, item).json()["undo"].removeprefix("/api/v1")
    assert api_of(make_user("tom")).post(undo).status_code == 409
    clock(now + timedelta(seconds=10))
    assert api.post(undo).status_code == 409
    assert Review.objects.get().undone_at is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "accepted", "final_text": "Changed."}, "decision"),
        ({"decision": "edited", "final_text": "As drafted."}, "decision"),
        ({"decision": "accepted"}, "body"),
        ({"decision": "edited", "final_text": " "}, "final_text"),
        ({"decision": "edited", "final_text": "x" * 200_001}, "final_text"),
        ({"decision": "edited", "final_text": "NUL \x00"}, "final_text"),
        ({"decision": "edited", "final_text": "half \ud800"}, "final_text"),
        ({"decision": "rejected"}, "body"),
        ({"decision": "rejected", "reason": "no_such_reason"}, "reason"),
        ({"decision": "rejected", "reason": "wrong", "final_text": "x"}, "body"),
        ({"decision": "escalated"}, "note"),
        ({"decision": "escalated", "note": "x" * 4_001}, "note"),
        ({"decision": "edited", "final_text": "Y", "active_seconds": -1}, "active_seconds"),
        ({"decision": "approved", "final_text": "Y"}, "decision"),
        ({"decision": "edited", "final_text": "Y", "final": "Z"}, "final"),
        ([], "body"),
    ],
)
def test_a_review_that_does_not_hold_together_stores_nothing_and_claims_nothing(api, make_items, clock, body, field):
    [item] = make_items(1, draft="As drafted.")
    answer = api.post(f"/items/{item.pk}/review", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert not Review.objects.exists()
    assert Item.objects.get().claimed_by_id is None


@pytest.mark.parametrize(
    "body", [{"decision": "rejected", "reason": "wrong"}, {"decision": "escalated", "note": "Legal?"}]
)
def test_a_rejection_and_an_escalation_have_no_final_text(api, make_items, clock, now, body):
    [item] = make_items(1)
    assert api.post(f"/items/{item.pk}/review", body).status_code == 201
    clock(now + timedelta(minutes=1))
    [review] = api.get("/reviews").json()["reviews"]
    assert (review["decision"], review["final_text"]) == (body["decision"], None)
    assert review["note"] == body.get("note")


def test_an_item_that_somebody_else_holds_is_refused_and_a_free_or_expired_one_taken(
    api, make_user, make_items, clock, now, error_code
):
    [item] = make_items(1)
    claim(actor_for_user(make_user("tom")), item.pk, now)
    refused = _decide(api, item)
    assert (refused.status_code, error_code(refused)) == (409, "conflict.claimed")
    clock(now + timedelta(minutes=16))
    assert _decide(api, item).status_code == 201
    second = _decide(api, item)
    assert (second.status_code, error_code(second)) == (409, "conflict.reviewed")


def test_deciding_needs_the_reviewing_role_of_the_use_case(api_of, make_user, make_items, clock, error_code):
    [item] = make_items(1)
    sees_but_may_not = _decide(api_of(make_user("olga", "compliance")), item)
    assert (sees_but_may_not.status_code, error_code(sees_but_may_not)) == (403, "access.denied")
    sees_nothing = _decide(api_of(make_user("eddy", "editor")), item)
    assert (sees_nothing.status_code, error_code(sees_nothing)) == (404, "access.not_found")


def test_reviews_of_another_use_case_are_not_listed(api, api_of, make_user, make_items, clock, now):
    make_items(1)
    _decide(api, Item.objects.get())
    Item.objects.update(use_case="hr_reply")
    clock(now + timedelta(minutes=1))
    assert api.get("/reviews").json()["reviews"] == []
    assert len(api_of(make_user("olga", "compliance")).get("/reviews").json()["reviews"]) == 1


def _decided(make_items, count, start, seconds=1):
    rita = _rita()
    for number, item in enumerate(make_items(count)):
        at = start + timedelta(seconds=number * seconds)
        claim(rita, item.pk, at)
        decide(rita, item.pk, Verdict("approve", f"Text {number}"), at)


def test_reviews_come_by_time_in_pages_and_filters_choose(api, make_items, clock, now):
    _decided(make_items, 9, now)
    _decided(make_items, 4, now + timedelta(seconds=20), seconds=0)  # the same moment: the id decides
    clock(now + timedelta(hours=1))
    seen, cursor = [], None
    while True:
        body = api.get("/reviews", limit=4, **({"cursor": cursor} if cursor else {})).json()
        seen += [(review["effective_at"], review["id"]) for review in body["reviews"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 13
    assert seen == sorted(set(seen))
    window = api.get("/reviews", since="2026-11-22T09:00:12Z", until="2026-11-22T10:00:14+01:00").json()["reviews"]
    assert [review["effective_at"][-4:-1] for review in window] == [":12", ":13"]
    assert api.get("/reviews", decision="rejected").json()["reviews"] == []
    assert api.get("/reviews", use_case="support_reply").json()["reviews"] == []
    assert len(api.get("/reviews", use_case="note_reply", decision="edited").json()["reviews"]) == 13


def test_listing_reviews_takes_the_same_few_queries_for_any_number(
    api, make_items, clock, now, django_assert_num_queries
):
    _decided(make_items, 2, now)
    clock(now + timedelta(hours=1))
    with django_assert_num_queries(4):  # token with user, roles, groups, reviews with items, keys and drafts
        api.get("/reviews")
    _decided(make_items, 20, now)
    with django_assert_num_queries(4):
        assert len(api.get("/reviews", limit=200).json()["reviews"]) == 22
