"""A planted draft over the interface and in an embedded page: shown as its page shows it, and no way past it."""

import json

import pytest
from django.test import Client

from graftwork.apps.work.actions.seeding import plant, with_statement
from graftwork.apps.work.models import Review, SeededDraft
from graftwork.config.workspace import EmbedSettings

pytestmark = pytest.mark.django_db
OWN = "Dear Ann,\n\nit is on its way.\n\nYours"
WRONG = "We pay back twice the price."
PLANTED = with_statement(OWN, WRONG)
CRM = "https://crm.example.com"


@pytest.fixture
def item(make_items, now):
    [item] = make_items(1, draft=OWN)
    assert plant(item.drafts.get(), WRONG, now)
    return item


def seen(api, item):
    [draft] = api.get(f"/items/{item.pk}/drafts").json()["drafts"]
    return draft["text"]


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_who_may_review_is_shown_the_planted_draft_and_a_reader_its_own(item, api_of, make_user):
    assert seen(api_of(make_user("rita")), item) == PLANTED
    assert seen(api_of(make_user("cora", "compliance")), item) == OWN


@pytest.mark.parametrize("decision", ["accepted", "edited"])
def test_a_review_of_a_planted_draft_is_none_however_often_it_is_sent(item, api_of, make_user, decision):
    api = api_of(make_user("rita"))
    body = {"decision": decision, "final_text": PLANTED, "active_seconds": 7.5}
    for _ in range(2):
        assert code_of(api.post(f"/items/{item.pk}/review", body)) == (409, "review.seeded")
    assert not Review.objects.exists()
    seed = SeededDraft.objects.get()
    assert (seed.noticed, seed.active_seconds) == (False, 7.5)
    assert seen(api, item) == OWN
    assert api.post(f"/items/{item.pk}/review", {"decision": "accepted", "final_text": OWN}).status_code == 201


def test_a_rejection_notices_it_and_the_next_one_is_of_the_items_own_draft(item, api_of, make_user):
    api = api_of(make_user("rita"))
    body = {"decision": "rejected", "reason": "wrong"}
    assert code_of(api.post(f"/items/{item.pk}/review", body)) == (409, "review.seeded")
    assert SeededDraft.objects.get().noticed is True
    assert api.post(f"/items/{item.pk}/review", body).status_code == 201


def test_an_embedded_page_sends_nothing_on_a_double_click_nor_from_a_stale_tab(item, api_of, make_user, settings):
    settings.GRAFTWORK_EMBED = EmbedSettings(origins=CRM)
    make_user("rita", "reviewer")
    crm = api_of(make_user("crm", "reviewer"), "embed:write")
    token = crm.post("/embed/tokens", {"item": str(item.pk), "user": "rita", "origin": CRM}).json()["token"]

    def page(what, body=None):
        headers = {"Authorization": f"Embed {token}", "Origin": CRM}
        data = json.dumps(body).encode() if body is not None else b""
        path = f"/api/v1/embed/items/{item.pk}/{what}"
        return Client(raise_request_exception=False).post(path, data, content_type="application/json", headers=headers)

    stale = {"kind": "approve", "final_text": PLANTED}
    assert page("open").json()["text"] == PLANTED
    assert code_of(page("decide", stale)) == (409, "review.seeded")
    assert code_of(page("decide", stale)) == (409, "conflict.claim_lost")
    assert page("open").json()["text"] == OWN
    assert code_of(page("decide", stale)) == (409, "review.seeded")
    assert not Review.objects.exists()
    page("open")
    assert page("decide", {"kind": "approve", "final_text": OWN}).status_code == 200
    assert Review.objects.get().decision == "accepted"
