"""Deciding at the desk: what is stored, what is refused, and that nothing typed is lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.connectors.models import Delivery
from graftwork.apps.work.actions.reviewing import MAX_FINAL_CHARACTERS, claim
from graftwork.apps.work.models import Item, ItemState, Review
from graftwork.apps.work.queries import review_texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def rita(sign_in):
    return sign_in()


@pytest.fixture
def claimed(make_items, rita, now):
    [item] = make_items(1, draft="We sent it on Monday.")
    claim(actor_for_user(rita.user), item.pk, now)
    return item


def decide(client, item, headers=None, **posted):
    data = {"kind": "approve", "final_text": "We sent it on Monday.", **posted}
    return client.post(reverse("desk:decide", args=[item.pk]), data, headers=headers)


def test_a_decision_by_script_answers_with_the_toast_that_undoes_it(rita, claimed, script):
    answer = decide(rita, claimed, script, final_text="We sent it on Tuesday.\r\n")
    review = Review.objects.get()
    assert answer.status_code == 200
    assert reverse("desk:undo", args=[review.pk]) in answer.content.decode()
    assert 'data-seconds="10"' in answer.content.decode()
    assert (review.decision, review.reviewer_id) == ("edited", rita.user.pk)


def test_without_script_the_browser_goes_on_to_the_next_item(rita, claimed, make_items):
    [following] = make_items(1)
    answer = decide(rita, claimed)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk:item", args=[following.pk])
    assert b"Sent, unchanged" in rita.get(answer["Location"]).content  # its toast


def test_somebody_else_cannot_decide_on_a_claimed_item(sign_in, claimed, script):
    assert decide(sign_in("tom"), claimed, script).status_code == 409
    assert not Review.objects.exists()


def test_an_outsider_learns_nothing_of_the_item(sign_in, claimed, script):
    ed = sign_in("ed", "editor")
    for name in ("decide", "open", "renew", "diff"):
        answer = ed.post(reverse(f"desk:{name}", args=[claimed.pk]), {"kind": "approve"}, headers=script)
        assert answer.status_code == 404, name
    assert ed.get(reverse("desk:progress", args=[claimed.pk])).status_code == 404


def test_a_lost_claim_answers_409_and_the_text_is_still_in_the_page(rita, claimed, clock, now):
    clock(now + timedelta(minutes=16))
    answer = decide(rita, claimed, final_text="Long work.")
    assert answer.status_code == 409
    assert b"conflict.claim_lost" in answer.content


@pytest.mark.parametrize(
    ("posted", "cause"),
    [
        ({"final_text": "  "}, "An empty text cannot be approved"),
        ({"final_text": "a\x00b"}, "NUL"),
        ({"final_text": "x" * (MAX_FINAL_CHARACTERS + 1)}, "over 200000 characters"),
        ({"kind": "reject", "reason": "mood"}, "Must be one of wrong"),
        ({"kind": "reject"}, "Must be one of wrong"),
        ({"kind": "escalate", "note": " "}, "An escalation needs a note"),
        ({"kind": "delete"}, "Must be one of approve"),
    ],
)
def test_a_decision_that_cannot_be_stored_says_why_and_keeps_the_text(rita, claimed, script, posted, cause):
    by_script = decide(rita, claimed, script, **posted)
    assert by_script.status_code == 422
    assert cause in by_script.content.decode()
    by_form = decide(rita, claimed, **posted)
    assert by_form.status_code == 422
    assert b'id="final-text"' in by_form.content
    assert not Review.objects.exists()


def test_half_a_surrogate_pair_is_replaced_by_the_web_and_stored_as_text(rita, claimed, script):
    body = "kind=approve&final_text=a%ED%A0%80b"
    url = reverse("desk:decide", args=[claimed.pk])
    answer = rita.post(url, body, content_type="application/x-www-form-urlencoded", headers=script)
    assert answer.status_code == 200


def test_a_post_over_the_limit_gets_an_error_page(rita, claimed, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = decide(rita, claimed, final_text="x" * 2_000)
    assert answer.status_code in (400, 413)
    assert not Review.objects.exists()


def test_a_post_without_a_token_is_refused(rita, claimed):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rita.user)
    assert decide(strict, claimed).status_code == 403
    token = strict.get(reverse("desk:csrf-token")).json()["token"]
    assert decide(strict, claimed, {"X-CSRFToken": token, "HX-Request": "true"}).status_code == 200


def test_a_decision_needs_post(rita, claimed):
    assert rita.get(reverse("desk:decide", args=[claimed.pk])).status_code == 405


def test_rejecting_stores_the_reason_and_escalating_the_note(rita, claimed, make_items, now, script):
    decide(rita, claimed, script, kind="reject", reason="tone")
    [second] = make_items(1)
    claim(actor_for_user(rita.user), second.pk, now)
    decide(rita, second, script, kind="escalate", note="Ask the lawyers.")
    rejected, escalated = Review.objects.select_related("item__scope_key", "draft").order_by("pk")
    assert (rejected.decision, rejected.reason) == ("rejected", "tone")
    assert review_texts(escalated).note == "Ask the lawyers."


def test_who_settles_escalations_sees_the_note_and_a_reviewer_only_that_it_was_escalated(
    rita, claimed, sign_in, script
):
    decide(rita, claimed, script, kind="escalate", note="Ask the lawyers.")
    url = reverse("desk:item", args=[claimed.pk])
    assert "an owner, ops or admin settles it" in rita.get(url).content.decode()
    olga = sign_in("olga", "owner", "reviewer")
    assert "Ask the lawyers." in olga.get(url).content.decode()
    assert olga.post(reverse("desk:open", args=[claimed.pk])).status_code == 302
    assert "Text to send" in olga.get(url).content.decode()
    assert rita.post(reverse("desk:open", args=[claimed.pk])).status_code == 403


def test_undo_within_ten_seconds_restores_what_was_typed(rita, claimed, clock, now, script):
    decide(rita, claimed, script, final_text="Typed by a person.")
    clock(now + timedelta(seconds=9))
    answer = rita.post(reverse("desk:undo", args=[Review.objects.get().pk]), follow=True)
    assert "Typed by a person.</textarea>" in answer.content.decode()
    assert Item.objects.get().state == ItemState.READY


def test_undo_after_ten_seconds_is_refused(rita, claimed, clock, now, script):
    decide(rita, claimed, script)
    clock(now + timedelta(seconds=10))
    answer = rita.post(reverse("desk:undo", args=[Review.objects.get().pk]), headers=script)
    assert answer.status_code == 409
    assert b"conflict.undo_late" in answer.content


def test_only_who_decided_can_undo(rita, claimed, sign_in, script):
    decide(rita, claimed, script)
    tom = sign_in("tom")
    assert tom.post(reverse("desk:undo", args=[Review.objects.get().pk])).status_code == 409
    assert b'class="toast"' not in tom.get(reverse("desk:queue")).content
    assert b'class="toast"' in rita.get(reverse("desk:queue")).content
    assert rita.post(reverse("desk:undo", args=[uuid4()])).status_code == 409


def test_next_claims_another_item_than_those_named_and_says_when_there_is_none(rita, claimed, make_items, script):
    [other] = make_items(1)
    url = reverse("desk:next")
    answer = rita.post(url, {"skip": [str(claimed.pk)]}, headers=script)
    assert f'data-item="{other.pk}"' in answer.content.decode()
    assert Item.objects.get(pk=other.pk).claimed_by_id == rita.user.pk
    assert rita.post(url, {"skip": [str(claimed.pk), str(other.pk)]}, headers=script).status_code == 204
    assert rita.post(url, {"skip": ["first"]}, headers=script).status_code == 422


def test_giving_back_lets_go_of_ones_own_claims_only(rita, claimed, sign_in):
    tom = sign_in("tom")
    url = reverse("desk:give-back")
    assert tom.post(url, {"item": [str(claimed.pk)], "beacon": "1"}).status_code == 204
    assert Item.objects.get().claimed_by_id == rita.user.pk
    assert rita.post(url, {"item": [str(claimed.pk), str(uuid4())], "beacon": "1"}).status_code == 204
    assert Item.objects.get().claimed_by_id is None


def test_renewing_makes_a_claim_last_and_is_refused_once_another_has_it(rita, claimed, sign_in, clock, now, script):
    clock(now + timedelta(minutes=10))
    url = reverse("desk:renew", args=[claimed.pk])
    assert rita.post(url, headers=script).status_code == 204
    assert Item.objects.get().claim_expires_at == now + timedelta(minutes=25)
    clock(now + timedelta(minutes=26))
    assert sign_in("tom").post(url, headers=script).status_code == 204
    assert rita.post(url, headers=script).status_code == 409


def test_a_lost_claim_tells_who_has_the_item_since_when_and_what_can_be_done(
    rita, claimed, sign_in, clock, now, script
):
    clock(now + timedelta(minutes=16))
    free = decide(rita, claimed, script).content.decode()
    assert "Your claim on note-1 has run out, and nobody else has taken it." in free
    assert "Claim it again" in free
    tom = sign_in("tom")
    tom.post(reverse("desk:open", args=[claimed.pk]))
    for answer in (decide(rita, claimed, script), rita.post(reverse("desk:renew", args=[claimed.pk]), headers=script)):
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "tom has been reviewing note-1 since 09:16 UTC." in page
        assert "Copy my text" in page
        assert "Claim it again" not in page
    decide(tom, claimed, script)
    assert "tom has decided on note-1 at 09:16 UTC." in decide(rita, claimed, script).content.decode()


def test_skipping_without_script_gives_back_and_goes_on_to_the_next(rita, claimed, make_items):
    [following] = make_items(1)
    url = reverse("desk:skip", args=[claimed.pk])
    answer = rita.post(url, {"use_case": "note_reply"})
    assert answer["Location"] == reverse("desk:item", args=[following.pk]) + "?use_case=note_reply"
    assert Item.objects.get(pk=claimed.pk).claimed_by_id is None
    Item.objects.filter(pk=claimed.pk).delete()
    answer = rita.post(reverse("desk:skip", args=[following.pk]), follow=True)
    assert "Nothing is free to review right now" in answer.content.decode()


def test_a_rejected_item_reads_as_a_sentence_with_its_reason(rita, claimed, script):
    answer = decide(rita, claimed, script, kind="reject", reason="tone")
    assert "<strong>Rejected</strong> note-1" in answer.content.decode()
    assert "1 decided today · 0 left" in answer.content.decode()
    page = rita.get(reverse("desk:item", args=[claimed.pk])).content.decode()
    assert "<strong>Rejected</strong> by rita, 0 s ago. Reason: Wrong tone." in page


def test_what_was_approved_is_called_so_on_its_page(rita, claimed, script):
    assert "Sent, unchanged" in decide(rita, claimed, script).content.decode()
    page = rita.get(reverse("desk:item", args=[claimed.pk])).content.decode()
    assert "<strong>Sent, unchanged</strong> by rita" in page
    assert "Approved text" in page
    assert '<ul class="deliveries">' not in page


def test_where_a_decision_goes_back_to_and_how_far_it_came_stands_on_its_page(rita, claimed, script, now):
    decide(rita, claimed, script)
    review = claimed.reviews.get()
    made = {"item": claimed, "review": review, "event": "approved", "not_before": now, "created_at": now}
    Delivery.objects.create(connector="crm", state="conflict", error_code="connector.conflict",
                            error_message="changed: <status>", **made)  # fmt: skip
    Delivery.objects.create(connector="shop", state="delivered", delivered_at=timezone.now(), reference="n-7", **made)
    page = rita.get(reverse("desk:item", args=[claimed.pk])).content.decode()
    assert "Approved, to <strong>crm</strong>: changed there meanwhile: changed: &lt;status&gt;" in page
    assert "<strong>shop</strong>: delivered 0 s ago (<code>n-7</code>)" in page


def test_start_claims_the_oldest_and_goes_to_it_or_back_with_a_word(rita, make_items, sign_in):
    [item] = make_items(1)
    assert rita.post(reverse("desk:start"))["Location"] == reverse("desk:item", args=[item.pk])
    answer = sign_in("tom").post(reverse("desk:start"), follow=True)
    assert "Nothing is free to review right now" in answer.content.decode()


def test_the_time_on_task_is_stored_when_it_is_sane_and_unknown_when_not(rita, make_items, now, clock, script):
    first, second = make_items(2)
    moment = now + timedelta(minutes=2)
    clock(moment)
    for item, wall in ((first, "60.5"), (second, "100000")):
        claim(actor_for_user(rita.user), item.pk, moment)
        decide(rita, item, script, active_seconds="30.25", wall_seconds=wall, thinking_seconds="4")
    sane, mad = Review.objects.order_by("pk")
    assert (sane.active_seconds, sane.wall_seconds, sane.thinking_seconds) == (30.25, 60.5, 4.0)
    assert (mad.active_seconds, mad.wall_seconds, mad.thinking_seconds) == (None, None, None)
