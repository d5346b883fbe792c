"""Feedback from the desk: sealed, led to those who lead, with or without a name."""

import pytest

from graftwork.apps.adoption.actions.feedback import give, set_seen
from graftwork.apps.adoption.models import Feedback
from graftwork.apps.adoption.queries import adoption
from graftwork.apps.adoption.reading import feedback_of
from graftwork.apps.audit.models import AuditEntry
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid

pytestmark = pytest.mark.django_db
NAME = "note_reply"
TEXT = "It calls every customer Mr Meier."


@pytest.fixture
def rita(actor):
    return actor("rita", "reviewer")


@pytest.fixture
def item(make_items):
    return make_items(1)[0]


def test_feedback_is_sealed_with_the_key_of_its_item(rita, item, actor, now):
    row = give(rita, item.pk, f"  {TEXT} ", now, named=True)
    assert TEXT.encode() not in bytes(row.text_sealed)
    assert row.scope_key_id == item.scope_key_id
    [[shown], more] = feedback_of(actor("olga", "owner"), NAME)
    assert (shown.text, shown.by, shown.item, shown.external_id, more) == (TEXT, "rita", item.pk, "note-1", False)


def test_without_a_name_nothing_leads_back_to_the_person(rita, item, actor, now):
    row = give(rita, item.pk, TEXT, now, named=False)
    assert (row.user_id, row.item, row.given_at.hour) == (None, None, 0)
    assert row.scope_key_id != item.scope_key_id
    entry = AuditEntry.objects.get(action="feedback.given")
    assert entry.actor == "anonymous"
    assert str(item.pk) not in entry.detail
    # The record tells the second; a number in it would give that to the text.
    assert (entry.subject, str(row.pk) in entry.detail) == (f"usecase:{NAME}", False)
    [[shown], _] = feedback_of(actor("olga", "owner"), NAME)
    assert (shown.text, shown.by, shown.item) == (TEXT, "", None)


def test_the_audit_record_holds_no_text(rita, item, now):
    give(rita, item.pk, TEXT, now, named=True)
    entry = AuditEntry.objects.get(action="feedback.given")
    assert entry.actor == rita.name
    assert entry.subject == f"feedback:{Feedback.objects.get().pk}"
    assert "Meier" not in entry.detail


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4_001])
def test_an_empty_or_endless_text_is_refused(rita, item, now, text):
    with pytest.raises(RequestInvalid):
        give(rita, item.pk, text, now, named=True)


def test_only_who_sees_the_item_says_something_about_it(actor, item, now):
    with pytest.raises(NotFound):
        give(actor("ed", "editor"), item.pk, TEXT, now, named=True)


def test_only_those_who_lead_read_it_and_mark_it_seen(rita, item, actor, now):
    row = give(rita, item.pk, TEXT, now, named=True)
    for role in ("reviewer", "compliance"):
        with pytest.raises(NotAllowed):
            feedback_of(actor(f"x{role}", role), NAME)
        with pytest.raises(NotAllowed):
            set_seen(actor(f"x{role}", role), row.pk, now, seen=True)


def test_the_owner_is_told_how_much_is_new(rita, item, actor, now):
    olga = actor("olga", "owner")
    first, _ = give(rita, item.pk, TEXT, now, named=True), give(rita, item.pk, TEXT, now, named=False)
    assert (adoption(NAME, now).feedback, adoption(NAME, now).feedback_unseen) == (2, 2)
    set_seen(olga, first.pk, now, seen=True)
    assert adoption(NAME, now).feedback_unseen == 1
    assert len(feedback_of(olga, NAME, unseen_only=True)[0]) == 1
    set_seen(olga, first.pk, now, seen=False)
    assert adoption(NAME, now).feedback_unseen == 2


def test_feedback_on_an_item_that_is_gone_stays_without_a_link(rita, item, actor, now):
    give(rita, item.pk, TEXT, now, named=True)
    type(item).objects.filter(pk=item.pk).delete()
    [[shown], _] = feedback_of(actor("olga", "owner"), NAME)
    assert (shown.text, shown.item) == (TEXT, None)


def test_many_are_read_page_by_page(rita, item, actor, now):
    for number in range(52):
        give(rita, item.pk, f"number {number}", now, named=True)
    shown, more = feedback_of(actor("olga", "owner"), NAME)
    rest, no_more = feedback_of(actor("olga", "owner"), NAME, skip=50)
    assert (len(shown), more, len(rest), no_more) == (50, True, 2, False)
    assert Feedback.objects.count() == 52


def test_feedback_goes_with_the_key_of_its_item(rita, item, now):
    give(rita, item.pk, TEXT, now, named=True)
    kept = give(rita, item.pk, TEXT, now, named=False)
    key = item.scope_key
    item.delete()
    key.delete()
    assert list(Feedback.objects.all()) == [kept]
