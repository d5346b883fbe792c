"""A decision arrives once, in its order, whatever happens in between; what needs a person waits for one."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.connectors import pushing, turns
from graftwork.apps.connectors.actions.lanes import leave_lane
from graftwork.apps.connectors.actions.letters import drop, mark_delivered, replay
from graftwork.apps.connectors.actions.sending import mark_sending, store_sent
from graftwork.apps.connectors.models import Delivery, DeliveryState, Direction, Lane
from graftwork.apps.connectors.opening import close_systems
from graftwork.apps.connectors.pulling import pull_turn
from graftwork.apps.connectors.pushing import push_turn
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide, undo
from graftwork.apps.work.models import Item
from graftwork.core.errors import NotAllowed, RequestInvalid, UndoTooLate
from graftwork.systems.contract import Delivery as Delivered
from graftwork.systems.contract import Receipt, Record
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown, TryFailed, Unsure
from support.scripted_system import CONNECTOR, Scripted

pytestmark = pytest.mark.django_db
JSON_USE_CASE = """
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[output]
type = "json"
[output.schema]
type = "object"
[output.schema.properties.answer]
type = "string"
"""
ON_ALL = CONNECTOR.replace("[push]", '[push]\non = ["approved", "rejected", "escalated"]')


@pytest.fixture
def pulled(old, process, now):
    """Items that the connector brought, in their order."""

    def bring(count: int = 1) -> list[Item]:
        start = len(old.records)
        old.records += [
            Record(f"t-{n}", {"text": "Where is it?"}, origin={"pk": n}) for n in range(start, start + count)
        ]
        pull_turn(process, "desk_of_old", clock=lambda: now, at_once=True)
        return list(Item.objects.filter(origin__connector="desk_of_old").order_by("pk"))[start:]

    return bring


@pytest.fixture
def turn(process, now):
    def run(minutes: float = 1, **options) -> int:
        return push_turn(process, "desk_of_old", clock=lambda: now + timedelta(minutes=minutes), **options)

    return run


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_an_approved_text_goes_back_with_where_it_came_from(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item, "It left on Monday.")
    assert turn() == 1
    [told] = old.arrived
    assert (told.text, told.event, told.decision, told.external_id) == (
        "It left on Monday.",
        "approved",
        "edited",
        "t-0",
    )
    assert (told.origin, told.reviewer, told.tries, told.unsure) == ({"pk": 0}, "rita", 1, False)
    row = Delivery.objects.get()
    assert (row.state, row.reference, told.key) == ("delivered", "ref-t-0", f"gw-{row.pk}")
    assert AuditEntry.objects.filter(action="delivery.delivered", subject=f"item:{item.pk}").exists()


def test_nothing_leaves_while_the_decision_can_be_undone(old, pulled, approve, turn, now):
    [item] = pulled()
    review = approve(item)
    assert turn(0) == 0
    undo(actor_for_user(review.reviewer), review.pk, now)
    assert turn(5) == 0
    assert (old.calls, states()) == ([], [])


@pytest.mark.parametrize(
    ("connector", "verdict", "arrives"),
    [
        (CONNECTOR, Verdict("reject", reason="wrong"), []),
        (ON_ALL, Verdict("reject", reason="wrong"), ["rejected"]),
        (CONNECTOR, Verdict("escalate", note="Is it covered?"), []),
        (ON_ALL, Verdict("escalate", note="Is it covered?"), ["escalated"]),
    ],
)
def test_only_the_decisions_that_the_file_names_are_delivered(
    old, pulled, approve, turn, write_connector, connector, verdict, arrives
):
    write_connector(text=connector)
    [item] = pulled()
    approve(item, verdict=verdict)
    turn()
    assert [told.event for told in old.arrived] == arrives


def test_a_decision_that_no_person_made_is_not_delivered(old, pulled, approve, turn):
    [item] = pulled()
    approve(item, simulated=True)
    assert turn() == 0


def test_items_of_another_way_are_delivered_only_where_the_file_asks_for_all(
    old, approve, turn, make_items, write_connector
):
    first, second = make_items(2)
    approve(first)
    assert turn() == 0
    write_connector(text=CONNECTOR.replace("[push]", '[push]\nof = "all"'))
    approve(second)
    assert turn(2) == 1
    assert (old.arrived[0].external_id, old.arrived[0].origin) == ("note-2", {})


def test_a_delivery_that_was_under_way_when_its_worker_died_is_known_again(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    lane = Lane.objects.create(connector="desk_of_old", direction=Direction.OUT, lease_owner="dead/1")
    [row] = mark_sending(lane, now + timedelta(minutes=1), 5)
    assert states() == ["sending"]
    lane.lease_expires_at = now
    lane.save()
    assert turn() == 1
    assert [(told.key, told.unsure) for told in old.calls] == [(f"gw-{row.pk}", True)]


def test_one_that_arrived_before_the_kill_is_not_taken_twice(old, pulled, approve, turn):
    [item] = pulled()
    approve(item)
    turn()
    Delivery.objects.update(state=DeliveryState.SENDING, delivered_at=None)
    assert turn(2) == 1
    assert len(old.arrived) == 1
    assert states() == ["delivered"]


def test_one_that_nobody_can_tell_about_waits_for_a_person(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    turn()
    Delivery.objects.update(state=DeliveryState.SENDING)
    old.recognises = False
    turn(2)
    assert states() == ["unsure"]
    assert turn(60) == 0
    mark_delivered(operator(), Delivery.objects.get().pk, now)
    assert states() == ["delivered"]
    assert len(old.arrived) == 1


def test_a_person_who_looked_has_it_sent_again(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    old.recognises = False
    old.on_push = [Unsure("no answer after the last line")]
    turn()
    assert states() == ["unsure"]
    replay(operator(), Delivery.objects.get().pk, now)
    assert turn(2) == 1
    assert old.calls[-1].unsure is False


def test_what_fails_is_tried_again_later_each_time_and_then_waits_for_a_person(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    old.on_push = [TryFailed("500"), TryFailed("500"), TryFailed("500")]
    turn(1)
    first = Delivery.objects.get().not_before - now - timedelta(minutes=1)
    assert timedelta(seconds=8) <= first <= timedelta(seconds=10)
    assert turn(1.1) == 0
    assert len(old.calls) == 1
    turn(1.2)
    second = Delivery.objects.get().not_before - now - timedelta(minutes=1.2)
    assert timedelta(seconds=16) <= second <= timedelta(seconds=20)
    turn(2)
    assert states() == ["dead"]
    assert [told.tries for told in old.calls] == [1, 2, 3]
    replay(operator(), Delivery.objects.get().pk, now)
    assert turn(3) == 1


def test_a_target_that_is_down_costs_no_delivery_a_try(old, pulled, approve, turn, now):
    for item in pulled(3):
        approve(item)
    old.on_push = [TargetDown("refused"), TargetDown("refused"), TargetDown("429", retry_after_seconds=120)]
    assert [turn(minutes) for minutes in (1, 2, 3, 4)] == [0, 0, 0, 0]
    assert len(old.calls) == 3  # one knock a turn, and none before the time that was asked for
    assert turn(5.1) == 3
    assert [told.external_id for told in old.arrived] == ["t-0", "t-1", "t-2"]
    assert {row.tries for row in Delivery.objects.all()} == {1}


def test_too_many_failures_in_a_row_pause_the_lane_and_a_success_lets_it_go_on(old, pulled, approve, turn, now):
    for item in pulled(6):
        approve(item)
    old.on_push = [TryFailed("500")] * 5
    assert turn() == 0
    lane = Lane.objects.get(direction=Direction.OUT)
    assert (lane.failures, lane.paused_at is None, len(old.calls)) == (5, False, 5)
    assert turn(10) == 0
    assert turn(17) == 6
    lane.refresh_from_db()
    assert (lane.paused_at, lane.failures) == (None, 0)


def test_being_denied_pauses_at_once(old, pulled, approve, turn):
    [item] = pulled()
    approve(item)
    old.on_push = [TargetDenied("401")]
    turn()
    assert Lane.objects.get(direction=Direction.OUT).paused_at is not None
    assert (states(), Delivery.objects.get().tries) == (["waiting"], 0)


def test_a_changed_place_is_shown_as_a_conflict_and_overwritten_only_on_a_persons_word(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)

    def changed(delivery):
        if not delivery.overwrite:
            raise Conflict("status")

    old.on_push = [changed, changed]
    turn()
    assert (states(), old.arrived) == (["conflict"], [])
    assert turn(60) == 0
    replay(operator(), Delivery.objects.get().pk, now, overwrite=True)
    assert turn(61) == 1
    assert old.arrived[0].overwrite is True


def test_overwriting_goes_with_conflicts_only(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    old.on_push = [Rejected("the text is too long")]
    turn()
    with pytest.raises(RequestInvalid):
        replay(operator(), Delivery.objects.get().pk, now, overwrite=True)


def test_of_one_item_nothing_passes_an_older_delivery(old, pulled, approve, turn, now, write_connector, make_user):
    write_connector(text=ON_ALL)
    [item, other] = pulled(2)
    approve(item, verdict=Verdict("escalate", note="Is it covered?"))
    olaf = actor_for_user(make_user("olaf", "owner"))
    claim(olaf, item.pk, now)
    decide(olaf, item.pk, Verdict("approve", "It is."), now)
    approve(other)
    old.on_push = [Rejected("unknown state")]
    assert turn() == 1
    assert [told.external_id for told in old.arrived] == ["t-1"]
    assert states() == ["dead", "waiting", "delivered"]
    drop(operator(), Delivery.objects.order_by("pk")[0].pk, now)
    assert turn(2) == 1
    assert states() == ["dropped", "delivered", "delivered"]


def test_a_letter_is_for_those_who_answer_for_the_whole(old, pulled, approve, turn, now):
    [item] = pulled()
    review = approve(item)
    old.on_push = [Rejected("no")]
    turn()
    rita = actor_for_user(review.reviewer)
    for act in (replay, mark_delivered, drop):
        with pytest.raises(NotAllowed):
            act(rita, Delivery.objects.get().pk, now)
    assert states() == ["dead"]


def test_what_has_arrived_is_no_letter(old, pulled, approve, turn, now):
    [item] = pulled()
    approve(item)
    turn()
    with pytest.raises(RequestInvalid):
        replay(operator(), Delivery.objects.get().pk, now)


def test_a_decision_that_its_file_does_not_ask_for_any_more_is_for_a_person(
    old, pulled, approve, turn, write_connector, write_usecase
):
    [item] = pulled()
    approve(item)
    write_connector(text=CONNECTOR.replace("[push]", '[push]\non = ["rejected"]'))
    assert turn() == 0
    assert (states(), Delivery.objects.get().error_code) == (["dead"], "connector.not_wanted")


def test_an_item_that_is_erased_while_it_is_sent_holds_up_no_other(old, pulled, approve, turn, write_connector):
    write_connector(parallel="3")
    items = pulled(3)
    for item in items:
        approve(item)
    sent = store_sent

    def erased(lane, file, rules, outcomes, *rest):
        Delivery.objects.filter(item=items[0]).delete()
        return sent(lane, file, rules, outcomes, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pushing, "store_sent", erased)
        turn()
    assert states() == ["delivered", "delivered"]
    assert len(old.arrived) == 3


@pytest.mark.parametrize("error", [TargetDown("503"), TargetDenied("403")], ids=["503", "403"])
@pytest.mark.parametrize("parallel", ["1", "4"])
def test_one_that_alone_is_turned_away_becomes_a_letter_and_the_others_arrive(
    old, pulled, approve, turn, write_connector, error, parallel
):
    write_connector(parallel=parallel)

    def only_the_first(delivery):
        if delivery.external_id == "t-0":
            raise error

    old.on_push = [only_the_first] * 50
    for minutes in range(1, 160, 16):
        for item in pulled(1):
            approve(item)
        turn(minutes)
    assert [told.external_id for told in old.arrived] == [f"t-{n}" for n in range(1, 10)]
    assert states() == ["dead", *["delivered"] * 9]


def test_the_rate_that_a_file_sets_is_no_failure_and_costs_no_try(old, pulled, approve, turn, now):
    for item in pulled(3):
        approve(item)
    ours = TargetDown("our own rate", retry_after_seconds=20, ours=True)
    old.on_push = [None, ours, None, ours, None]
    for minutes in (1, 2, 3):
        turn(minutes)
    lane = Lane.objects.get(direction=Direction.OUT)
    assert (lane.failures, lane.paused_at, lane.error_code) == (0, None, "")
    assert states() == ["delivered"] * 3
    assert {row.tries for row in Delivery.objects.all()} == {1}


def test_a_worker_that_dies_of_a_delivery_each_time_leaves_it_to_a_person(old, pulled, approve, turn):
    [item] = pulled()
    approve(item)
    Delivery.objects.update(state=DeliveryState.SENDING, tries=3)
    assert turn() == 0
    assert (states(), old.calls) == (["unsure"], [])


def test_a_stop_is_heeded_within_a_turn(old, pulled, approve, turn, now, monkeypatch):
    for item in pulled(4):
        approve(item)

    def then_stopped(*args):
        on = store_sent(*args)
        Lane.objects.filter(direction=Direction.OUT).update(stopped_at=now)
        return on

    monkeypatch.setattr(pushing, "store_sent", then_stopped)
    assert turn() == 1
    assert states().count("waiting") == 3


def test_a_use_case_that_became_json_meanwhile_holds_up_nothing(old, pulled, approve, turn, write_usecase):
    [item] = pulled()
    approve(item)
    write_usecase(JSON_USE_CASE)
    assert turn() == 1
    assert old.arrived[0].values is None


def test_a_use_case_that_cannot_be_read_for_a_moment_costs_no_decision(old, pulled, approve, turn, workspace_folder):
    [item] = pulled()
    approve(item)
    file = workspace_folder / "usecases" / "note_reply.toml"
    text = file.read_text()
    file.write_text("name = ")
    assert turn() == 0
    assert states() == ["waiting"]
    file.write_text(text)
    assert turn(5) == 1


def test_a_try_whose_time_is_over_sends_nothing(old, pulled, approve, turn, monkeypatch):
    [item] = pulled()
    approve(item)
    monkeypatch.setattr(Delivered, "is_late", True)
    assert turn() == 0
    row = Delivery.objects.get()
    assert (row.state, row.unsure, old.calls) == ("waiting", False, [])


def test_the_lane_is_left_only_when_nothing_is_under_way(old, pulled, approve, turn, write_connector, monkeypatch):
    write_connector(parallel="2")
    for item in pulled(2):
        approve(item)
    ended, left = [], []

    def slow(delivery):
        time.sleep(0.3)
        ended.append(time.monotonic())

    def lost(lane, now, seconds):
        raise OperationalError("database is locked")

    old.on_push = [None, slow]
    monkeypatch.setattr(turns, "keep_lane", lost)
    monkeypatch.setattr(turns.Turn, "between_signs_seconds", 0.01)
    monkeypatch.setattr(turns, "leave_lane", lambda lane: (left.append(time.monotonic()), leave_lane(lane)))
    turn()
    assert left[0] >= ended[0]


def test_refusals_in_a_row_pause_the_lane_and_are_no_success(old, pulled, approve, turn):
    for item in pulled(8):
        approve(item)
    old.on_push = [Rejected("unknown column")] * 8
    turn()
    lane = Lane.objects.get(direction=Direction.OUT)
    assert (lane.failures, lane.succeeded_at, lane.error_code) == (5, None, "connector.rejected")
    assert lane.paused_at is not None
    assert states().count("dead") == 5


def test_a_long_reference_and_a_long_wait_are_cut(old, pulled, approve, turn, now, monkeypatch):
    first, second = pulled(2)
    approve(first)
    monkeypatch.setattr(Scripted, "push", lambda self, delivery: Receipt("r" * 1000))
    turn()
    assert len(Delivery.objects.get().reference) == 200
    monkeypatch.undo()
    approve(second)
    old.on_push = [TargetDown("429", retry_after_seconds=10**9)]
    turn(2)
    assert Lane.objects.get(direction=Direction.OUT).not_before == now + timedelta(hours=24, minutes=2)


def test_what_is_on_its_way_cannot_be_undone_even_where_clocks_differ(old, pulled, approve, turn, now):
    [item] = pulled()
    review = approve(item)

    def undone_meanwhile(delivery):
        with pytest.raises(UndoTooLate):
            undo(actor_for_user(review.reviewer), review.pk, now)

    old.on_push = [lambda delivery: None]
    Delivery.objects.update(state=DeliveryState.SENDING)
    undone_meanwhile(None)
    assert states() == ["sending"]


def test_a_system_that_cannot_be_opened_fails_like_any_other_and_quotes_nothing(old, pulled, approve, turn, caplog):
    [item] = pulled()
    approve(item)
    close_systems()
    old.on_open = [ValueError("password=correct-horse-battery")]
    assert turn() == 0
    lane = Lane.objects.get(direction=Direction.OUT)
    assert lane.error_code == "connector.try_failed"
    assert "correct-horse" not in caplog.text + lane.error_message
    assert turn(2) == 1


def test_a_decision_is_not_lost_while_the_connectors_file_is_broken(
    old, pulled, approve, turn, write_connector, make_items
):
    [item] = pulled()
    [foreign_item] = make_items(1)
    write_connector(text="name = ")
    approve(item)
    approve(foreign_item)
    write_connector()
    assert turn() == 1
    assert sorted(states()) == ["delivered", "dropped"]


def test_a_bug_in_a_system_shows_no_content_and_may_have_delivered(old, pulled, approve, turn, caplog):
    [item] = pulled()
    approve(item, "Dear Ada Quill, it left.")

    def bug(delivery):
        raise ValueError(delivery.text)

    old.on_push = [bug]
    turn()
    row = Delivery.objects.get()
    assert (row.state, row.unsure, row.error_code) == ("waiting", True, "connector.try_failed")
    assert "Quill" not in row.error_message + caplog.text


def test_an_item_whose_content_does_not_open_stops_no_other(old, pulled, approve, turn):
    first, second = pulled(2)
    approve(first)
    approve(second)
    first.origin.origin_sealed = b"broken" * 10
    first.origin.save()
    assert turn() == 1
    assert states() == ["dead", "delivered"]


def test_several_are_under_way_at_once(old, pulled, approve, turn, write_connector):
    write_connector(parallel="3")
    for item in pulled(3):
        approve(item)
    together = threading.Barrier(3, timeout=10)
    old.on_push = [lambda delivery: together.wait()] * 3
    assert turn() == 3


def test_a_worker_that_lost_its_lane_stores_nothing_of_what_it_sent(old, pulled, approve, turn, monkeypatch):
    [item] = pulled()
    approve(item)

    def lost_meanwhile(*args):
        Lane.objects.update(lease_owner="another/1")
        return store_sent(*args)

    monkeypatch.setattr(pushing, "store_sent", lost_meanwhile)
    assert turn() == 0
    monkeypatch.undo()
    assert states() == ["sending"]
    Lane.objects.update(lease_owner="")
    assert turn(2) == 1
    assert len(old.arrived) == 1
