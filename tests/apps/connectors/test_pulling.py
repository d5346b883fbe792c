"""Records become items once, with their cursor, whatever happens in between."""

import time
from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.connectors import pulling, turns
from graftwork.apps.connectors.actions import storing
from graftwork.apps.connectors.actions.lanes import take_lane
from graftwork.apps.connectors.actions.letters import drop_refusals, replay_refusals
from graftwork.apps.connectors.actions.storing import Stored, pulled_well, store_pulled
from graftwork.apps.connectors.models import Direction, Lane, Origin, Refusal
from graftwork.apps.connectors.pulling import pull_turn
from graftwork.apps.connectors.sealing import opened_origin, opened_record
from graftwork.apps.connectors.tasks import pulls_due
from graftwork.apps.work.models import Item
from graftwork.core.errors import NotAllowed
from graftwork.systems.contract import Record
from graftwork.systems.errors import TargetDenied, TargetDown, TryFailed
from support.scripted_system import CONNECTOR

pytestmark = pytest.mark.django_db
USE_CASE = """
name = "note_reply"
title = "Reply to a note"

[input.fields.text]
aliases = ["words"]

[instructions]
system = "Answer in one sentence."

[engine]
echo = true
"""
SECRET_WORDS = "Where is the order of Ada Quill?"


def record(number: int, **changes) -> Record:
    plain = {"key": f"t-{number}", "row": {"text": SECRET_WORDS}, "thread": "th-1", "origin": {"pk": number}}
    return Record(**{**plain, **changes})


@pytest.fixture
def turn(process, now):
    def run(minutes: float = 0, **options) -> Stored:
        return pull_turn(process, "desk_of_old", clock=lambda: now + timedelta(minutes=minutes), **options)

    return run


def test_all_records_become_items_in_batches_and_are_settled(old, turn):
    old.records = [record(n) for n in range(7)]
    assert turn() == Stored(created=7)
    assert Item.objects.count() == Origin.objects.count() == 7
    assert old.settled == [f"t-{n}" for n in range(7)]
    item = Item.objects.select_related("scope_key", "origin").get(external_id="t-3")
    assert (item.thread, opened_origin(item, item.origin)) == ("th-1", {"pk": 3})


def test_nothing_is_pulled_before_its_time_and_new_records_after_it(old, turn):
    old.records = [record(1)]
    turn()
    old.records.append(record(2))
    assert turn(0.5) == Stored()
    assert turn(1.1) == Stored(created=1)


def test_records_that_come_again_change_nothing(old, turn):
    old.records = [record(1), record(2)]
    turn()
    Lane.objects.update(cursor=None)
    assert turn(2) == Stored(known=2)
    assert Item.objects.count() == 2


def test_items_and_cursor_are_stored_together_or_not_at_all(old, turn, monkeypatch):
    old.records = [record(n) for n in range(3)]

    def no_origins(*_):
        raise RuntimeError("killed here")

    monkeypatch.setattr(storing, "_store_origins", no_origins)
    assert turn() == Stored()
    assert Item.objects.count() == 0
    lane = Lane.objects.get(direction=Direction.IN)
    assert (lane.cursor, lane.failures, lane.lease_owner) == (None, 1, "")
    monkeypatch.undo()
    assert turn(0) == Stored()  # it waits, like after any failure
    assert turn(1) == Stored(created=3)


def test_a_worker_that_lost_its_lane_stores_nothing(old, turn, monkeypatch):
    old.records = [record(1)]

    def lost_meanwhile(*args):
        Lane.objects.update(lease_owner="another/1")
        return store_pulled(*args)

    monkeypatch.setattr(pulling, "store_pulled", lost_meanwhile)
    assert turn() == Stored()
    assert Item.objects.count() == 0


def test_one_worker_at_a_time_is_at_a_lane(old, now):
    assert take_lane("desk_of_old", Direction.IN, "a/1", now, 60) is not None
    assert take_lane("desk_of_old", Direction.IN, "b/1", now, 60) is None
    assert take_lane("desk_of_old", Direction.IN, "b/1", now + timedelta(seconds=61), 60) is not None


def test_a_slow_system_keeps_its_lane_while_it_is_read(old, turn, now, monkeypatch):
    old.records = [record(1)]
    signs = []
    monkeypatch.setattr(turns, "keep_lane", lambda lane, when, seconds: signs.append(seconds))
    monkeypatch.setattr(turns.Turn, "between_signs_seconds", 0.01)

    class Slow(type(old.records)):
        def __getitem__(self, index):
            time.sleep(0.2)
            return super().__getitem__(index)

    old.records = Slow(old.records)
    assert turn() == Stored(created=1)
    assert len(signs) > 2


def test_a_record_that_cannot_become_an_item_is_kept_sealed_and_stops_no_other(old, turn):
    old.records = [record(1, row={}), record(2, problem="its text is not Latin-1"), record(3)]
    assert turn() == Stored(created=1, refused=2)
    assert {row.error_code for row in Refusal.objects.all()} == {"input.row", storing.UNREADABLE}
    assert all(SECRET_WORDS.encode() not in bytes(row.record_sealed) for row in Refusal.objects.all())
    told = str(list(AuditEntry.objects.values_list("action", "detail")))
    assert "record.refused" in told
    assert "Quill" not in told


def test_a_refused_record_is_read_again_when_a_person_asks_and_by_nobody_else(old, turn, make_user, now, write_usecase):
    old.records = [record(1, row={"words": "hello"})]
    turn()
    [refusal] = Refusal.objects.all()
    rita = actor_for_user(make_user("rita"))
    with pytest.raises(NotAllowed):
        replay_refusals(rita, "desk_of_old", [refusal.pk], now)
    assert replay_refusals(operator(), "desk_of_old", [refusal.pk], now) == Stored(refused=1)
    write_usecase(USE_CASE)
    assert replay_refusals(operator(), "desk_of_old", [refusal.pk], now) == Stored(created=1)
    assert not Refusal.objects.exists()


def test_a_refused_record_can_be_forgotten(old, turn, now):
    old.records = [record(1, row={})]
    turn()
    assert drop_refusals(operator(), "desk_of_old", [row.pk for row in Refusal.objects.all()], now) == 1
    assert not Refusal.objects.exists()


def test_an_id_that_an_item_of_another_way_has_is_told_and_takes_nothing_over(old, turn, make_items, now):
    make_items(1)
    old.records = [record(1, key="note-1")]
    assert turn() == Stored(known=1, refused=1)
    [refusal] = Refusal.objects.all()
    assert refusal.error_code == storing.ID_TAKEN
    assert not Origin.objects.exists()
    Item.objects.all().delete()
    assert replay_refusals(operator(), "desk_of_old", [refusal.pk], now) == Stored(created=1)
    assert not Refusal.objects.exists()


def test_a_system_that_is_down_is_left_alone_for_longer_each_time(old, turn, now):
    old.on_pull = [TargetDown("no answer")] * 3
    waits = []
    minutes = 0.0
    for _ in range(3):
        turn(minutes)
        lane = Lane.objects.get(direction=Direction.IN)
        waits.append((lane.not_before - now).total_seconds() - minutes * 60)
        assert turn(minutes + 0.001) == Stored()
        minutes = (lane.not_before - now).total_seconds() / 60 + 0.001
    assert waits[0] < waits[1] < waits[2]
    assert lane.failures == 3
    old.records = [record(1)]
    assert turn(minutes) == Stored(created=1)
    lane.refresh_from_db()
    assert (lane.failures, lane.error_code) == (0, "")


def test_a_system_that_cannot_be_told_is_left_alone_for_longer_each_time(old, turn, now):
    old.records = [record(n) for n in range(4)]
    old.on_settle = [TryFailed("no right to update")] * 4
    waits, minutes = [], 0.0
    for _ in range(3):
        turn(minutes)
        lane = Lane.objects.get(direction=Direction.IN)
        waits.append((lane.not_before - now).total_seconds() - minutes * 60)
        Lane.objects.update(cursor=None)
        minutes = (lane.not_before - now).total_seconds() / 60 + 0.001
    assert waits[0] < waits[1] < waits[2]
    assert lane.failures == 3


@pytest.mark.parametrize(
    "broken",
    [
        {"row": {"text": "cut \ud83d"}},
        {"row": {"text": "NUL \x00"}},
        {"key": "cut \ud83d"},
        {"thread": "cut \ud83d"},
        {"origin": {"name": "cut \ud83d"}, "problem": "not readable"},
        {"problem": "half an emoji: \ud83d"},
    ],
)
def test_what_is_no_text_is_put_aside_and_holds_up_no_other(old, turn, broken):
    old.records = [record(1, **broken), record(2)]
    assert turn() == Stored(created=1, refused=1)
    [refusal] = Refusal.objects.all()
    assert opened_record(refusal).key == old.records[0].key


def test_an_origin_with_half_an_emoji_comes_back_as_it_was(old, turn):
    old.records = [record(1, origin={"name": "cut \ud83d"})]
    assert turn() == Stored(created=1)
    item = Item.objects.select_related("scope_key", "origin").get()
    assert opened_origin(item, item.origin) == {"name": "cut \ud83d"}


def test_a_stop_is_heeded_between_two_batches(old, turn, now, monkeypatch):
    old.records = [record(n) for n in range(9)]

    def then_stopped(*args):
        pulled_well(*args)
        Lane.objects.update(stopped_at=now)

    monkeypatch.setattr(pulling, "pulled_well", then_stopped)
    assert turn() == Stored(created=3)


def test_a_record_without_a_key_is_put_aside(old, turn):
    old.records = [record(1, key=" "), record(2)]
    assert turn() == Stored(created=1, refused=1)


@pytest.mark.parametrize("ahead", ["lease", "time"])
def test_a_clock_that_was_ahead_for_a_moment_stops_nothing_for_ever(old, turn, now, ahead):
    old.records = [record(1)]
    far = now + timedelta(days=365)
    wrong = {"lease_owner": "dead/1", "lease_expires_at": far} if ahead == "lease" else {"not_before": far}
    Lane.objects.create(connector="desk_of_old", direction=Direction.IN, **wrong)
    assert pulls_due(now) == ["desk_of_old"]
    assert turn() == Stored(created=1)


def test_the_wait_that_a_system_asks_for_is_kept(old, turn, now):
    old.on_pull = [TargetDown("429", retry_after_seconds=300)]
    turn()
    assert Lane.objects.get(direction=Direction.IN).not_before == now + timedelta(seconds=300)


def test_being_denied_pauses_at_once_and_is_tried_again_now_and_then(old, turn, now):
    old.on_pull = [TargetDenied("wrong password")]
    turn()
    lane = Lane.objects.get(direction=Direction.IN)
    assert lane.paused_at == now
    assert lane.not_before == now + timedelta(minutes=15)
    assert AuditEntry.objects.filter(action="connector.paused").count() == 1
    turn(16)
    lane.refresh_from_db()
    assert lane.paused_at is None


def test_a_bug_in_a_system_ends_the_turn_and_shows_no_content(old, turn, caplog):
    old.on_pull = [ValueError(SECRET_WORDS)]
    assert turn() == Stored()
    lane = Lane.objects.get(direction=Direction.IN)
    assert lane.error_code == "connector.try_failed"
    assert "ValueError at scripted_system.py" in lane.error_message
    assert "Quill" not in caplog.text + lane.error_message


def test_a_connector_that_is_switched_off_pulls_nothing(old, turn, write_connector):
    old.records = [record(1)]
    write_connector(text=CONNECTOR.replace("system =", "enabled = false\nsystem ="))
    assert turn() == Stored()
    write_connector()
    assert turn() == Stored(created=1)
