"""Tokens for pages of other systems, and what can be done with one: on its item, from its site, while all stands."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from graftwork.apps.accounts.actions import give_role, revoke_token, set_active, set_password, take_role
from graftwork.apps.actors import SCOPES, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.work.models import Item, Review
from graftwork.apps.work.queries import review_texts
from graftwork.config.workspace import EmbedSettings

CRM = "https://crm.example.com"
ELSEWHERE = "https://elsewhere.example.net"


@pytest.fixture(autouse=True)
def embedding(settings):
    settings.GRAFTWORK_EMBED = EmbedSettings(origins=f"{CRM}, https://other.example.com")


@pytest.fixture
def rita(make_user):
    return make_user("rita", "reviewer")


@pytest.fixture
def crm(api_of, make_user):
    """The other system, by a token of its own user."""
    return api_of(make_user("crm", "reviewer"), "embed:write")


def ask_token(crm, item, /, **changed):
    return crm.post("/embed/tokens", {"item": str(item.pk), "user": "rita", "origin": CRM} | changed)


class Page:
    """A page of the other system, as its browser sends requests."""

    def __init__(self, token, item, origin=CRM):
        self.token, self.item, self.origin = token, item, origin

    def post(self, what, body=None, *, scheme="Embed", item=None):
        headers = {"Authorization": f"{scheme} {self.token}"} | ({"Origin": self.origin} if self.origin else {})
        path = f"/api/v1/embed/items/{item or self.item.pk}/{what}"
        data = json.dumps(body).encode() if body is not None else b""
        return Client(raise_request_exception=False).post(path, data, content_type="application/json", headers=headers)


@pytest.fixture
def item(make_items):
    return make_items(1)[0]


@pytest.fixture
def page(crm, rita, item):
    return Page(ask_token(crm, item).json()["token"], item)


# --- asking for a token -----------------------------------------------------------------------------------------------


def test_a_program_gets_a_token_by_the_items_id_or_by_its_own_id(crm, rita, item):
    by_id = ask_token(crm, item)
    by_name = crm.post(
        "/embed/tokens",
        {"use_case": item.use_case, "external_id": item.external_id, "user": "rita", "origin": CRM},
    )
    assert by_id.status_code == by_name.status_code == 201
    assert by_name.json()["item_id"] == str(item.pk)
    assert Page(by_name.json()["token"], item).post("open").status_code == 200


def test_what_was_opened_for_whom_is_in_the_audit_record(crm, rita, item):
    ask_token(crm, item)
    entry = AuditEntry.objects.get(action="embed.opened")
    assert entry.actor.startswith("token:")
    assert entry.subject == f"item:{item.pk}"
    assert json.loads(entry.detail) == {"user": rita.pk, "origin": CRM}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    {
        "an item that is not there": ({"item": "01980000-0000-7000-8000-000000000000"}, 404, "access.not_found"),
        "an item named twice": ({"use_case": "note_reply", "external_id": "note-1"}, 422, "input.request"),
        "an item named by half": ({"item": None, "use_case": "note_reply"}, 422, "input.request"),
        "nobody": ({"user": "nobody"}, 422, "input.request"),
        "somebody who is no reviewer": ({"user": "carla"}, 422, "input.request"),
        "a site that is not configured": ({"origin": ELSEWHERE}, 422, "input.request"),
        "any site": ({"origin": "*"}, 422, "input.request"),
        "no site": ({"origin": ""}, 422, "input.request"),
        "a page instead of a site": ({"origin": f"{CRM}/tickets/1"}, 422, "input.request"),
    }.values(),
)
def test_a_token_is_refused_for(crm, rita, item, make_user, error_code, changed, status, code):
    make_user("carla", "compliance")
    answer = ask_token(crm, item, **changed)
    assert (answer.status_code, error_code(answer)) == (status, code)
    assert not AuditEntry.objects.filter(action="embed.opened").exists()


def test_a_token_takes_the_scope_and_no_other_will_do(api_of, rita, item, make_user, error_code):
    others = api_of(make_user("crm", "admin"), *[scope for scope in SCOPES if scope != "embed:write"])
    answer = ask_token(others, item)
    assert (answer.status_code, error_code(answer)) == (403, "access.denied")


def test_a_program_opens_no_item_that_its_own_user_may_not_see(api_of, rita, item, make_user):
    assert ask_token(api_of(make_user("ed", "editor"), "embed:write"), item).status_code == 404
    assert ask_token(api_of(make_user("otto", "owner"), "embed:write"), item).status_code == 201


def test_a_disabled_reviewer_gets_no_token(crm, rita, item, now):
    set_active(operator(), rita, now, active=False)
    assert ask_token(crm, item).status_code == 422


def test_without_configured_sites_there_are_no_tokens(crm, rita, item, settings):
    settings.GRAFTWORK_EMBED = EmbedSettings()
    assert ask_token(crm, item).status_code == 422


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_an_opened_item_is_the_persons_and_shows_its_draft(page, rita):
    told = page.post("open").json()
    assert (told["mode"], told["text"], told["item"]["external_id"]) == ("edit", "Answer note-1.", "note-1")
    assert [reason["code"] for reason in told["reasons"]]
    assert "Where is order" not in json.dumps(told)  # the item's own text is not passed on
    assert Item.objects.get(pk=page.item.pk).claimed_by == rita


def test_a_decision_is_stored_as_one_from_the_desk(page, rita, now, clock):
    clock(now + timedelta(minutes=2))
    page.post("open")
    body = {"kind": "approve", "final_text": "Answer note-1 at once.", "active_seconds": "31.5", "wall_seconds": "60"}
    told = page.post("decide", body | {"thinking_seconds": "4.25"}).json()
    review = Review.objects.select_related("item__scope_key", "draft").get()
    assert (review.reviewer, review.decision, review.simulated) == (rita, "edited", False)
    assert (review.active_seconds, review.wall_seconds, review.thinking_seconds) == (31.5, 60, 4.25)
    assert 0 < review.share_rewritten < 1
    texts = review_texts(review)
    assert texts.final == "Answer note-1 at once."
    assert [edit.operation for edit in texts.edits].count("insert") >= 1
    assert told["decided"]["review_id"] == str(review.pk)
    assert told["decided"]["undo_seconds"] == 10
    actor = AuditEntry.objects.get(action="review.decided").actor
    assert actor.startswith(f"user:{rita.pk} via token:")


def test_an_untouched_text_is_accepted_and_times_that_cannot_be_are_unknown(page, clock, now):
    clock(now + timedelta(seconds=30))
    page.post("open")
    body = {"kind": "approve", "final_text": "Answer note-1.", "active_seconds": "900", "wall_seconds": "900"}
    assert page.post("decide", body).status_code == 200
    review = Review.objects.get()
    assert (review.decision, review.share_rewritten, review.active_seconds) == ("accepted", 0, None)


def test_rejecting_escalating_and_undoing(page, error_code):
    reasons = page.post("open").json()["reasons"]
    assert error_code(page.post("decide", {"kind": "reject", "reason": "none_of_them"})) == "input.request"
    rejected = page.post("decide", {"kind": "reject", "reason": reasons[0]["code"]}).json()
    assert rejected["decided"]["decision"] == "rejected"
    undone = page.post("undo", {"review_id": rejected["decided"]["review_id"]}).json()
    assert (undone["mode"], undone["decided"]) == ("edit", None)
    assert error_code(page.post("decide", {"kind": "escalate", "note": " "})) == "input.request"
    escalated = page.post("decide", {"kind": "escalate", "note": "Legal has to look."}).json()
    assert (escalated["decided"]["decision"], escalated["mode"]) == ("escalated", "view")


def test_a_decision_of_another_item_cannot_be_undone(page, crm, make_items, error_code):
    other = Page(ask_token(crm, make_items(1)[0]).json()["token"], Item.objects.last())
    other.post("open")
    review_id = other.post("decide", {"kind": "approve", "final_text": "Yes."}).json()["decided"]["review_id"]
    answer = page.post("undo", {"review_id": review_id})
    assert (answer.status_code, error_code(answer)) == (404, "access.not_found")
    assert other.post("undo", {"review_id": review_id}).status_code == 200


def test_what_somebody_else_holds_can_be_read_but_not_decided(page, crm, make_user, item, error_code):
    make_user("sam", "reviewer")
    Page(ask_token(crm, item, user="sam").json()["token"], item).post("open")
    told = page.post("open").json()
    assert (told["mode"], told["holder"], told["text"]) == ("held", "sam", "Answer note-1.")
    answer = page.post("decide", {"kind": "approve", "final_text": "Yes."})
    assert (answer.status_code, error_code(answer)) == (409, "conflict.claim_lost")
    assert error_code(page.post("renew")) == "conflict.claimed"


def test_a_claim_is_given_back_by_the_page_that_has_it_and_by_no_older_one(page, item, clock, now):
    first = page.post("open").json()["claimed_until"]
    clock(now + timedelta(seconds=5))
    second = page.post("open").json()["claimed_until"]  # the same person, in another tab
    assert page.post("give-back", {"claimed_until": first}).json() == {"given_back": False}
    assert Item.objects.get(pk=item.pk).claimed_by is not None
    assert page.post("give-back", {"claimed_until": second}).json() == {"given_back": True}
    assert Item.objects.get(pk=item.pk).claimed_by is None


def test_a_draft_that_is_not_there_yet_is_waited_for_without_a_claim(crm, rita, make_items):
    waiting = make_items(1, drafted=False)[0]
    told = Page(ask_token(crm, waiting).json()["token"], waiting).post("open").json()
    assert (told["mode"], told["text"], told["claimed_until"]) == ("writing", "", None)
    assert Item.objects.get(pk=waiting.pk).claimed_by is None


def test_a_text_is_checked_while_it_is_edited(page):
    told = page.post("check", {"text": "Answer note-2."}).json()
    assert told["changes"]["status"].startswith("Edited")
    assert {edit["operation"] for edit in told["changes"]["edits"]} == {"keep", "delete", "insert"}


# --- what a token is bound to -----------------------------------------------------------------------------------------


def refused(answer):
    return answer.status_code == 401 and answer.json()["error"]["code"] == "access.embed_token"


def test_a_token_is_for_one_item(page, make_items):
    other = make_items(1)[0]
    assert page.post("open").status_code == 200
    assert refused(page.post("open", item=other.pk))


@pytest.mark.parametrize("origin", [ELSEWHERE, "https://other.example.com", "null", "", f"{CRM}:8443", f"{CRM}/"])
def test_a_token_is_for_pages_of_one_site(page, item, origin):
    assert refused(Page(page.token, item, origin).post("open"))


def test_a_site_that_is_taken_from_the_settings_is_out_at_once(page, settings):
    settings.GRAFTWORK_EMBED = EmbedSettings(origins="https://other.example.com")
    assert refused(page.post("open"))


def test_a_token_ends(crm, rita, item, clock, now):
    page = Page(ask_token(crm, item).json()["token"], item)
    clock(now + timedelta(minutes=29))
    assert page.post("open").status_code == 200
    clock(now + timedelta(minutes=30))
    assert refused(page.post("open"))


CHANGES = {
    "the api token is revoked": lambda rita, now: revoke_token(operator(), "token 1", now),
    "the person is disabled": lambda rita, now: set_active(operator(), rita, now, active=False),
    "the person has another password": lambda rita, now: set_password(operator(), rita, "correct horse staple", now),
    "the person has another role": lambda rita, now: give_role(operator(), rita, "owner", now),
    "the person has a role less": lambda rita, now: take_role(operator(), rita, "reviewer", now),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_token_ends_when(page, rita, change):
    assert page.post("open").status_code == 200
    change(rita, timezone.now())
    assert refused(page.post("open"))
    assert refused(page.post("decide", {"kind": "approve", "final_text": "Yes."}))


def test_a_token_ends_with_the_program_that_asked_for_it(page):
    from graftwork.apps.accounts.models import ApiToken

    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(page.post("open"))


def test_an_embed_token_opens_nothing_else(page, item):
    for scheme in ("Embed", "Bearer"):
        for path in ("/items", f"/items/{item.pk}", "/reviews"):
            headers = {"Authorization": f"{scheme} {page.token}", "Origin": CRM}
            assert Client().get(f"/api/v1{path}", headers=headers).status_code == 401
    assert refused(page.post("open", scheme="Bearer"))


def test_an_api_token_and_a_session_are_no_embed_token(rita, item, api_of, crm):
    assert refused(Page(crm._token, item).post("open"))
    client = Client()
    client.force_login(rita)
    answer = client.post(f"/api/v1/embed/items/{item.pk}/open", headers={"Origin": CRM})
    assert refused(answer)


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: token + "x", lambda token: "", lambda token: "a:b:c"]
)
def test_a_spoiled_token_is_refused(page, item, spoil):
    assert refused(Page(spoil(page.token), item).post("open"))


def test_unknown_keys_and_texts_without_end_are_refused(page, error_code):
    page.post("open")
    assert (
        error_code(page.post("decide", {"kind": "approve", "final_text": "Yes.", "simulated": True})) == "input.request"
    )
    assert error_code(page.post("check", {"text": "a" * 200_001})) == "input.request"
    assert error_code(page.post("decide", {"kind": "approve", "final_text": "a\x00b"})) == "input.request"


def test_a_renewed_token_goes_on_with_the_same_claim(page, crm, item):
    page.post("open")
    again = Page(ask_token(crm, item).json()["token"], item)
    assert again.post("decide", {"kind": "approve", "final_text": "Yes."}).status_code == 200


# --- the settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("", set()),
        ("https://CRM.example.com/", {CRM}),
        (" https://crm.example.com ,http://10.0.0.7:8080", {CRM, "http://10.0.0.7:8080"}),
    ],
)
def test_origins_are_read_as_browsers_send_them(origins, allowed):
    assert EmbedSettings(origins=origins).allowed_origins == allowed


@pytest.mark.parametrize(
    "origins",
    ["*", "null", "crm.example.com", "https://*.example.com", "https://crm.example.com/app", "ftp://crm.example.com",
     "https://crm.example.com:443", "http://crm.example.com:80", "https://a@crm.example.com", "https://"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(origins):
    with pytest.raises(ValueError, match="origins"):
        EmbedSettings(origins=origins)
