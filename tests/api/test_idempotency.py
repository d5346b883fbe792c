"""The same request twice has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from graftwork.apps.work.actions.idempotency import forget_old_requests
from graftwork.apps.work.models import IdempotentRequest, Item

BODY = {"use_case": "note_reply", "items": [{"id": "a", "text": "One"}, {"id": "b"}]}


@pytest.mark.django_db
def test_a_repeat_under_the_same_key_gets_the_same_answer(api, note_reply):
    first = api.post("/items/batch", BODY, Idempotency_Key="k-1")
    again = api.post("/items/batch", BODY, Idempotency_Key="k-1")
    assert first.json()["created"] == 1
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert api.post("/items/batch", BODY, Idempotency_Key="k-2").json()["exists"] == 1


@pytest.mark.django_db
def test_the_status_is_repeated_too(api, note_reply):
    body = {"use_case": "note_reply", "item": {"id": "a", "text": "One"}}
    assert [api.post("/items", body, Idempotency_Key="k").status_code for _ in range(2)] == [201, 201]
    assert api.post("/items", body).status_code == 200


@pytest.mark.django_db
def test_the_same_key_with_another_body_or_path_is_a_conflict(api, note_reply, error_code):
    api.post("/items/batch", BODY, Idempotency_Key="k")
    other = api.post("/items/batch", BODY | {"items": [{"id": "c", "text": "Three"}]}, Idempotency_Key="k")
    assert (other.status_code, error_code(other)) == (409, "conflict.idempotency")
    single = api.post("/items", {"use_case": "note_reply", "item": {"id": "c", "text": "x"}}, Idempotency_Key="k")
    assert error_code(single) == "conflict.idempotency"
    assert not Item.objects.filter(external_id="c").exists()


@pytest.mark.django_db
def test_keys_of_two_tokens_do_not_meet(api, api_of, make_user, note_reply):
    api.post("/items/batch", BODY, Idempotency_Key="k")
    other = api_of(make_user("tom")).post("/items/batch", BODY, Idempotency_Key="k")
    assert (other.status_code, other.json()["exists"]) == (200, 1)


@pytest.mark.django_db
def test_a_request_that_failed_leaves_its_key_free(api, note_reply):
    bad = {"use_case": "note_reply", "item": {"id": "a"}}
    assert api.post("/items", bad, Idempotency_Key="k").status_code == 422
    good = {"use_case": "note_reply", "item": {"id": "a", "text": "One"}}
    assert api.post("/items", good, Idempotency_Key="k").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "two words", "ü", "x" * 201])
def test_a_key_that_is_no_name_is_refused(api, note_reply, key):
    answer = api.post("/items/batch", BODY, Idempotency_Key=key)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "Idempotency-Key"


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day_and_not_before(api, note_reply):
    api.post("/items/batch", BODY, Idempotency_Key="k")
    made = IdempotentRequest.objects.get().created_at
    assert forget_old_requests(made + timedelta(hours=24)) == 0
    assert forget_old_requests(made + timedelta(hours=26)) == 1
    assert forget_old_requests(timezone.now()) == 0


def test_duplicates_at_the_same_moment_have_one_effect_and_one_answer(transactional_db, api, note_reply, for_threads):
    barrier = Barrier(6)

    def send(number):
        try:
            barrier.wait(timeout=20)
            return api.post("/items/batch", BODY, Idempotency_Key=f"k-{number % 2}")
        finally:
            connections.close_all()

    def count():
        try:
            return Item.objects.count(), IdempotentRequest.objects.count()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
        assert pool.submit(count).result() == (1, 2)
    assert [answer.status_code for answer in answers] == [200] * 6
    groups = answers[::2], answers[1::2]
    for group in groups:
        assert len({answer.content for answer in group}) == 1
        assert [answer.headers.get("Idempotency-Replayed") for answer in group].count("true") == 2
    assert sum(group[0].json()["created"] for group in groups) == 1
