"""Deciding and undoing where two people work on one item."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.work.actions.reviewing import Verdict, claim, claim_next, decide, undo
from graftwork.apps.work.models import ItemState
from graftwork.core.errors import NotAllowed, NotReady, UndoTooLate

pytestmark = pytest.mark.django_db


@pytest.fixture
def escalated(make_items, make_user, now):
    """An item that a reviewer escalated a moment ago, with the review, the reviewer and an owner."""
    [item] = make_items(1)
    rita, olaf = actor_for_user(make_user("rita")), actor_for_user(make_user("olaf", "owner"))
    claim_next(rita, now)
    review = decide(rita, item.pk, Verdict("escalate", note="Is this covered?"), now)
    return item, review, rita, olaf


def test_an_owner_settles_an_escalation_and_a_reviewer_does_not(escalated, now):
    item, _, rita, olaf = escalated
    with pytest.raises(NotAllowed):
        claim(rita, item.pk, now)
    assert claim_next(olaf, now).pk == item.pk
    assert decide(olaf, item.pk, Verdict("approve", "It is."), now).decision == "edited"


def test_an_escalation_is_undone_while_nobody_has_taken_it_up(escalated, now):
    _, review, rita, _ = escalated
    assert undo(rita, review.pk, now + timedelta(seconds=5)).state == ItemState.READY


@pytest.mark.parametrize("settled", [False, True], ids=["claimed", "settled"])
def test_an_escalation_that_somebody_took_up_can_no_longer_be_undone(escalated, now, settled):
    item, review, rita, olaf = escalated
    claim(olaf, item.pk, now + timedelta(seconds=3))
    if settled:
        decide(olaf, item.pk, Verdict("approve", "It is."), now + timedelta(seconds=4))
    with pytest.raises(UndoTooLate):
        undo(rita, review.pk, now + timedelta(seconds=8))
    item.refresh_from_db()
    assert item.state == (ItemState.DECIDED if settled else ItemState.ESCALATED)


def test_an_item_whose_draft_is_still_written_can_be_claimed_ahead_but_not_decided(make_items, make_user, now):
    [item] = make_items(1, drafted=False)
    rita = actor_for_user(make_user())
    claim(rita, item.pk, now)
    with pytest.raises(NotReady):
        decide(rita, item.pk, Verdict("approve", "Too early."), now)
