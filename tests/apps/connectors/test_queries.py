"""How connectors are told to be, and what of theirs waits for a person: of one that is gone, everything."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.connectors.actions.letters import drop, mark_delivered, replay
from graftwork.apps.connectors.models import Delivery, DeliveryState, Lane
from graftwork.apps.connectors.queries import health, health_of, letters, state_in_words, waiting_connectors
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def deliver(make_items, approve, now):
    """A delivery in the state `state`; of `after`'s item, where given."""

    def make(state, connector="desk_of_old", *, after=None, **changes):
        if after is None:
            [item] = make_items(1)
            review = approve(item)
            Delivery.objects.filter(review=review).delete()
        else:
            item, review = after.item, after.review
            review.pk, review.undone_at, review._state.adding = None, now, True
            review.save(force_insert=True)
        values = {"not_before": now, "created_at": now, "event": "approved", **changes}
        return Delivery.objects.create(item=item, review=review, connector=connector, state=state, **values)

    return make


@pytest.mark.parametrize("state", ["waiting", "sending", "dead", "conflict", "unsure"])
def test_whatever_a_connector_without_a_file_left_needs_a_person_and_can_be_dropped(state, old, deliver, now):
    row, mine = deliver(state, "desk_of_yore"), deliver("waiting")
    gone = health_of(operator(), "desk_of_yore", now)
    assert (gone.is_gone, gone.needs_a_person, gone.letters) == (True, True, 1)
    assert [one.name for one in health(operator(), now)] == ["desk_of_old", "desk_of_yore"]
    assert [one.needs_a_person for one in health(operator(), now)] == [False, True]
    assert list(letters(operator(), "desk_of_yore")) == [row] == list(letters(operator()))
    assert not letters(operator(), "desk_of_old").exists()
    assert drop(operator(), row.pk, now).state == DeliveryState.DROPPED
    with pytest.raises(NotFound):
        health_of(operator(), "desk_of_yore", now)
    for settle in (drop, mark_delivered, replay):
        with pytest.raises(RequestInvalid, match="waiting to be sent"):
            settle(operator(), mine.pk, now)


def test_what_is_stranded_can_have_arrived_but_is_not_settled_under_a_workers_hands(deliver, now):
    row = deliver("sending", "desk_of_yore")
    Lane.objects.create(
        connector="desk_of_yore", direction="out", lease_owner="w", lease_expires_at=now + timedelta(seconds=9)
    )
    with pytest.raises(RequestInvalid, match="in the hands of a worker"):
        mark_delivered(operator(), row.pk, now)
    assert mark_delivered(operator(), row.pk, now + timedelta(seconds=10)).state == DeliveryState.DELIVERED
    assert Lane.objects.get().done == 1


def test_a_file_that_is_broken_or_switched_off_is_not_gone(write_connector, note_reply, deliver, now):
    write_connector("broken", text="name = 3")
    write_connector("off", enabled="false")
    for name in ("broken", "off"):
        row = deliver("waiting", name)
        assert not health_of(operator(), name, now).is_gone
        assert not letters(operator(), name).exists()
        with pytest.raises(RequestInvalid):
            drop(operator(), row.pk, now)


def test_a_possibly_sent_delivery_goes_again_only_by_the_word_of_who_looked(old, deliver, now):
    row, dead = deliver("unsure", unsure=True), deliver("dead")
    with pytest.raises(RequestInvalid, match="may have arrived"):
        replay(operator(), row.pk, now, confirmed=False)
    assert replay(operator(), dead.pk, now, confirmed=False).state == DeliveryState.WAITING
    again = replay(operator(), row.pk, now, confirmed=True)
    assert (again.state, again.unsure) == (DeliveryState.WAITING, False)


def test_one_and_all_say_the_same_and_delivered_ones_are_told_by_the_lane(old, deliver, now):
    for state in ("waiting", "dead", "delivered", "dropped"):
        deliver(state)
    Lane.objects.create(connector="desk_of_old", direction="out", done=7)
    [one] = health(operator(), now)
    assert one == health_of(operator(), "desk_of_old", now)
    assert one.deliveries == {"waiting": 1, "dead": 1, "delivered": 7}


def test_only_who_answers_for_the_whole_asks_how_connectors_are(old, make_user, now):
    rob = actor_for_user(make_user("rob", "reviewer"))
    for ask in (lambda: health(rob, now), lambda: health_of(rob, "desk_of_old", now), lambda: letters(rob)):
        with pytest.raises(NotAllowed):
            ask()


def test_a_lane_whose_last_deliveries_were_refused_does_not_look_well(old, now):
    lane = Lane.objects.create(connector="desk_of_old", direction="out", done=7, succeeded_at=now)
    assert health_of(operator(), "desk_of_old", now).lanes[1].looks_well
    lane.error_code, lane.error_message = "connector.rejected", "status 422"
    lane.save()
    shown = health_of(operator(), "desk_of_old", now).lanes[1]
    assert (shown.standing, shown.looks_well, shown.error_message) == ("waiting", False, "status 422")


BEHIND = [("dead", []), ("conflict", []), ("unsure", []), ("delivered", ["desk_of_old"]), ("dropped", ["desk_of_old"])]


@pytest.mark.parametrize(("first", "due"), BEHIND)
def test_a_delivery_behind_a_letter_of_its_item_wakes_nobody(first, due, old, deliver, now):
    waiting = deliver("waiting", after=deliver(first))
    assert waiting_connectors(now) == due
    other = deliver("waiting", after=deliver("dead", "elsewhere"))
    assert waiting_connectors(now) == ["desk_of_old"]
    Delivery.objects.filter(pk__in=[waiting.pk, other.pk]).update(not_before=now + timedelta(seconds=1))
    assert waiting_connectors(now) == []
    deliver("sending")
    assert waiting_connectors(now) == ["desk_of_old"]


def test_what_was_dropped_without_a_person_does_not_name_one():
    assert state_in_words(Delivery(state="dropped")) == "dropped by a person"
    assert state_in_words(Delivery(state="dropped", error_code="connector.rejected")) == "dropped by a person"
    assert state_in_words(Delivery(state="dropped", error_code="connector.not_wanted")) == "dropped"
    assert state_in_words(Delivery(state="waiting", error_code="connector.not_wanted")) == "waiting to be sent"


def test_counting_reads_the_index_of_what_is_not_done_with(old, deliver, now):
    if connection.vendor != "sqlite":
        return  # the plan of another database depends on how many rows there are
    with CaptureQueriesContext(connection) as asked:
        health_of(operator(), "desk_of_old", now)
        waiting_connectors(now)
    plans = []
    for query in (one["sql"] for one in asked.captured_queries if 'FROM "connectors_delivery"' in one["sql"]):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            plans.append(cursor.fetchall()[0][-1])
    assert len(plans) == 3
    assert all("delivery_unfinished" in plan for plan in plans), plans
