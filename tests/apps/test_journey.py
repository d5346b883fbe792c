"""The path of one item through the store, without a model."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.audit.queries import verify
from graftwork.apps.work.actions.reviewing import Verdict, claim_next, decide, undo
from graftwork.apps.work.models import Item, ItemState
from graftwork.apps.work.queries import review_texts, reviews_in_effect
from graftwork.core.errors import AlreadyReviewed, ClaimLost, UndoTooLate

pytestmark = pytest.mark.django_db


def test_an_item_is_drafted_claimed_edited_and_takes_effect_after_ten_seconds(make_items, make_user, now):
    [item] = make_items(1, draft="We sent it on Monday.")
    rita = actor_for_user(make_user())
    assert claim_next(rita, now).pk == item.pk
    review = decide(rita, item.pk, Verdict("approve", "We sent it on Tuesday."), now)

    assert review.decision == "edited"
    assert review.share_rewritten == pytest.approx(1 / 6)
    assert not reviews_in_effect(now + timedelta(seconds=9)).exists()
    [standing] = reviews_in_effect(now + timedelta(seconds=10)).select_related("item__scope_key", "draft")
    texts = review_texts(standing)
    assert texts.final == "We sent it on Tuesday."
    changed = {(edit.operation, edit.text) for edit in texts.edits if edit.operation != "keep"}
    assert changed == {("delete", "Monday"), ("insert", "Tuesday")}
    assert verify().entries == 6  # user, role, created, drafted, claimed, decided


def test_an_unchanged_text_counts_as_accepted(make_items, make_user, now):
    [item] = make_items(1, draft="We sent it on Monday.")
    rita = actor_for_user(make_user())
    claim_next(rita, now)
    review = decide(rita, item.pk, Verdict("approve", "We sent it on Monday.\r\n"), now)
    assert (review.decision, review.share_rewritten) == ("accepted", 0.0)


def test_undo_gives_the_item_back_to_the_same_reviewer_and_only_in_time(make_items, make_user, now):
    [item] = make_items(1)
    rita = actor_for_user(make_user())
    claim_next(rita, now)
    review = decide(rita, item.pk, Verdict("reject", reason="wrong"), now)
    with pytest.raises(UndoTooLate):
        undo(rita, review.pk, now + timedelta(seconds=10))
    undone = undo(rita, review.pk, now + timedelta(seconds=9))
    assert (undone.state, undone.claimed_by_id) == (ItemState.READY, rita.user_id)
    decide(rita, item.pk, Verdict("approve", "Better."), now + timedelta(seconds=12))


def test_a_second_decision_is_refused(make_items, make_user, now):
    [item] = make_items(1)
    rita = actor_for_user(make_user())
    claim_next(rita, now)
    decide(rita, item.pk, Verdict("approve", "Yes."), now)
    with pytest.raises(AlreadyReviewed):
        decide(rita, item.pk, Verdict("approve", "No."), now)


def test_a_decision_without_a_claim_is_refused(make_items, make_user, now):
    [item] = make_items(1)
    rita, tom = actor_for_user(make_user("rita")), actor_for_user(make_user("tom"))
    claim_next(rita, now)
    with pytest.raises(ClaimLost):
        decide(tom, item.pk, Verdict("approve", "Yes."), now)
    with pytest.raises(ClaimLost):
        decide(rita, item.pk, Verdict("approve", "Yes."), now + timedelta(minutes=16))


def test_content_is_not_in_the_database_in_the_clear(make_items):
    make_items(1, text="My dog Rex ate parcel {n}", draft="Sorry about Rex.")
    row = Item.objects.get()
    stored = bytes(row.content_sealed) + bytes(row.drafts.get().text_sealed)
    assert b"Rex" not in stored
