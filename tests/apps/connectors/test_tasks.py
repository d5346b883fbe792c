"""What lies in the durable queue: each turn schedules the next, and the sweep mends what a crash left behind."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.connectors.actions.lanes import start_lane, stop_lane, take_lane
from graftwork.apps.connectors.models import Delivery, DeliveryState, Direction, Lane
from graftwork.apps.connectors.tasks import (
    next_pull,
    pull_connector,
    pulls_due,
    pushes_due,
    recover,
    sweep,
    wake_pulling,
)
from graftwork.apps.jobs.actions import enqueue_at
from graftwork.apps.work.models import Item
from graftwork.core.errors import NotAllowed
from graftwork.systems.contract import Record
from support.scripted_system import CONNECTOR

pytestmark = pytest.mark.django_db


def jobs(task: str) -> list[DBTaskResult]:
    return list(DBTaskResult.objects.filter(task_path__endswith=task).order_by("run_after"))


def test_a_turn_schedules_the_next_one_in_the_queue_of_connectors(old):
    old.records = [Record("t-1", {"text": "Where is it?"})]
    before = timezone.now()
    pull_connector.func("desk_of_old")
    assert Item.objects.count() == 1
    [job] = jobs("pull_connector")
    assert job.queue_name == "connectors"
    assert timedelta(seconds=58) < job.run_after - before < timedelta(seconds=64)
    pull_connector.func("desk_of_old")
    assert len(jobs("pull_connector")) == 1


def test_many_wishes_for_nearly_the_same_moment_become_one_job(old):
    when = timezone.now() + timedelta(seconds=30)
    periods = int(when.timestamp()) // 2 * 2
    when = when.fromtimestamp(periods, when.tzinfo)
    for seconds in (0.1, 0.5, 1.9, 2.1):
        enqueue_at(pull_connector, when + timedelta(seconds=seconds), "desk_of_old")
    assert len(jobs("pull_connector")) == 2


def test_a_decision_has_its_delivery_looked_at_when_it_cannot_be_undone_any_more(
    old, approve, make_items, write_connector
):
    write_connector(text=CONNECTOR.replace("[push]", '[push]\nof = "all"'))
    [item] = make_items(1)
    review = approve(item)
    [job] = jobs("push_connector")
    assert timedelta(0) <= job.run_after - review.effective_at < timedelta(seconds=2)


def test_the_sweep_wakes_what_is_due_once(old, process):
    sweep(process)
    sweep(process)
    assert len(jobs("pull_connector")) == 1


@pytest.mark.parametrize(
    "state",
    [
        {"stopped_at": timedelta()},
        {"not_before": timedelta(hours=1)},
        {"lease_owner": "a/1", "lease_expires_at": timedelta(minutes=2)},
    ],
    ids=["stopped", "later", "at it"],
)
def test_the_sweep_leaves_alone_what_must_wait(old, state):
    assert pulls_due(timezone.now()) == ["desk_of_old"]
    now = timezone.now()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in state.items()}
    Lane.objects.create(connector="desk_of_old", direction=Direction.IN, **values)
    assert pulls_due(now) == []


def test_a_delivery_that_was_left_while_it_was_sent_is_due_again(old, approve, make_items, write_connector):
    write_connector(text=CONNECTOR.replace("[push]", '[push]\nof = "all"'))
    [item] = make_items(1)
    approve(item)
    now = timezone.now()
    assert pushes_due(now) == ["desk_of_old"]
    Delivery.objects.update(state=DeliveryState.SENDING)
    assert pushes_due(now) == ["desk_of_old"]
    Delivery.objects.update(state=DeliveryState.DEAD)
    assert pushes_due(now) == []


def test_news_wake_a_lane_that_waits_for_its_time_but_not_one_that_failed(old):
    later = timezone.now() + timedelta(minutes=5)
    lane = Lane.objects.create(connector="desk_of_old", direction=Direction.IN, not_before=later)
    wake_pulling("desk_of_old")
    lane.refresh_from_db()
    assert lane.not_before is None
    Lane.objects.update(not_before=later, failures=2)
    wake_pulling("desk_of_old")
    lane.refresh_from_db()
    assert lane.not_before == later


def test_a_reviewer_may_neither_stop_nor_start(old, now, make_user):
    rita = actor_for_user(make_user("rita"))
    for act in (stop_lane, start_lane):
        with pytest.raises(NotAllowed):
            act(rita, "desk_of_old", Direction.OUT, now)


def test_while_another_worker_is_at_it_the_next_look_is_when_its_lease_ends(old):
    now = timezone.now()
    end = now + timedelta(seconds=50)
    Lane.objects.create(connector="desk_of_old", direction=Direction.IN, lease_owner="a/1", lease_expires_at=end)
    assert next_pull("desk_of_old", now) == end


def test_what_an_earlier_life_of_a_worker_held_is_free_at_once(old, process):
    later = timezone.now() + timedelta(hours=1)
    Lane.objects.create(connector="desk_of_old", direction=Direction.IN, lease_owner="test/0", lease_expires_at=later)
    recover(process)
    assert len(jobs("pull_connector")) == 1


def test_a_failed_job_keeps_places_and_no_words(old):
    row = DBTaskResult(task_path="x.y", args_kwargs={"args": [], "kwargs": {}}, backend_name="default")
    row.run_after = timezone.now()
    try:
        raise ValueError("Dear Ada Quill")
    except ValueError as error:
        row.set_failed(error)
    row.refresh_from_db()
    assert "Quill" not in row.traceback
    assert "test_tasks.py" in row.traceback


def test_a_stopped_lane_is_not_taken_until_a_person_starts_it(old, now):
    stop_lane(operator(), "desk_of_old", Direction.OUT, now)
    assert take_lane("desk_of_old", Direction.OUT, "a/1", now, 60, at_once=True) is None
    start_lane(operator(), "desk_of_old", Direction.OUT, now)
    assert take_lane("desk_of_old", Direction.OUT, "a/1", now, 60) is not None


def test_a_broken_file_ends_no_worker(old, write_connector):
    write_connector(text="name = ")
    pull_connector.func("desk_of_old")
    assert jobs("pull_connector") == []


def test_a_broken_file_is_told_once_in_the_log_of_the_worker(old, write_connector, process, caplog):
    write_connector(text=CONNECTOR.replace("batch_items", "batch_itmes"))
    sweep(process)
    sweep(process)
    assert caplog.text.count("connector desk_of_old is left out") == 1
    assert "did you mean `batch_items`?" in caplog.text
    write_connector()
    sweep(process)
    write_connector(text=CONNECTOR.replace("batch_items", "batch_itmes"))
    sweep(process)
    assert caplog.text.count("is left out") == 2
