"""What a pilot's pages read: sums alone, in the same few queries whatever lies behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from support.pilots import NOW, arm_sums, enrol, fold_all, make_pilot, review

pytestmark = pytest.mark.django_db

RAW_TABLES = ("work_review", "work_item", "work_outcome", "work_draft", "pilots_enrolment")


def filled(items: int, **overrides: Any) -> Any:
    pilot = make_pilot(**overrides)
    for number, item in enumerate(enrol(pilot, ["assisted", "control"] * (items // 2))):
        review(item, (100.0 if item.arm == "assisted" else 160.0) + number % 7, at=NOW + timedelta(hours=number))
    fold_all(pilot, NOW + timedelta(days=30))
    return pilot


def test_no_raw_row_is_read_and_the_queries_do_not_grow() -> None:
    from graftwork.apps.pilots.figures import pilot_data

    pilot = filled(2)
    counts = []
    for items in (0, 60):
        for item in enrol(pilot, ["assisted", "control"] * (items // 2)):
            review(item)
        fold_all(pilot)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            pilot_data(pilot, NOW)
        assert not [one["sql"] for one in queries if any(table in one["sql"] for table in RAW_TABLES)]
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_pilot_without_items_has_figures_without_values() -> None:
    from graftwork.apps.pilots.figures import pilot_data

    data = pilot_data(make_pilot(), NOW)
    assert data.enrolled == {"assisted": 0, "control": 0}
    assert set(data.metrics) >= {"handling_time", "csat", "acceptance"}
    assert all(not sums.days and not sums.clusters and not sums.bins for sums in data.metrics.values())
    assert (data.running.drafts, data.running.cost, data.running.mean_draft_ms) == (0, None, None)
    assert data.reviewers == 0


def test_days_come_in_their_order_and_bins_count_every_time() -> None:
    from graftwork.apps.pilots.figures import pilot_data

    data = pilot_data(filled(72), NOW)
    days = [day for day, _ in data.metrics["handling_time"].days]
    assert days == sorted(days)
    assert len(days) == 4
    assert {arm: sum(bins.values()) for arm, bins in data.metrics["handling_time"].bins.items()} == {
        "assisted": 36,
        "control": 36,
    }
    assert data.metrics["throughput"].bins == {}


def test_amendments_extensions_and_a_pause_are_told(make_user: Callable[..., Any]) -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.models import Amendment, Decision, PilotState

    pilot = make_pilot()
    Amendment.objects.create(pilot=pilot, number=1, changes=[], reason="more weeks", amended_at=NOW)
    for kind in ("extend", "extend", "stop"):
        Decision.objects.create(pilot=pilot, kind=kind, reason="-", decided_at=NOW)
    pilot.state = PilotState.PAUSED
    data = pilot_data(pilot, NOW)
    assert (data.amendments, data.extensions, data.paused) == (1, 2, True)
    assert not pilot_data(make_pilot(name="other", use_case="other_reply"), NOW).paused


def test_an_own_outcome_has_its_place_among_the_metrics() -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from support.pilots import outcome

    pilot = make_pilot(outcomes=({"kind": "calls", "title": "Calls", "better": "lower"},))
    item, _ = enrol(pilot)
    review(item)
    outcome(item, "calls", 3.0)
    fold_all(pilot)
    assert arm_sums(pilot_data(pilot, NOW), "outcome_calls", "assisted").y == 3.0


def test_a_page_sees_what_was_just_decided_and_says_what_waits() -> None:
    from graftwork.apps.pilots.figures import catch_up, freshness, pilot_data

    pilot = make_pilot()
    item, _ = enrol(pilot)
    review(item)
    assert freshness(pilot, NOW).waiting == 2
    assert freshness(pilot, NOW).since == NOW
    catch_up(pilot, NOW)
    assert freshness(pilot, NOW).waiting == 0
    assert freshness(pilot, NOW).since is None
    assert arm_sums(pilot_data(pilot, NOW), "handling_time", "assisted").units == 1


def test_a_busy_store_costs_the_page_nothing_but_the_latest_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    from graftwork.apps.pilots import figures

    def busy(*args: Any, **keywords: Any) -> int:
        raise OperationalError("database is locked")

    pilot = make_pilot()
    enrol(pilot)
    monkeypatch.setattr(figures, "fold", busy)
    figures.catch_up(pilot, NOW)
    assert figures.freshness(pilot, NOW).waiting == 2


def test_a_throughput_baseline_is_a_ratio_of_two_sums() -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.models import BaselineTime

    pilot = make_pilot(primary={"metric": "throughput", "minimum_effect": 1.0}, arms={"design": "before_after"})
    for seconds in (1_800.0, 5_400.0):
        BaselineTime.objects.create(pilot=pilot, seconds=seconds)
    baseline = pilot_data(pilot, NOW).baseline
    assert baseline is not None
    assert (baseline.units, baseline.y, baseline.d, baseline.yd) == (2, 2, 2.0, 2.0)
    assert baseline.ratio == 1.0
    assert baseline.dd == pytest.approx(0.25 + 2.25)


def test_a_metric_that_is_no_time_has_no_baseline() -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.models import BaselineTime

    pilot = make_pilot(primary={"metric": "csat", "minimum_effect": 0.2, "target": 0.5})
    BaselineTime.objects.create(pilot=pilot, seconds=100.0)
    assert pilot_data(pilot, NOW).baseline is None


def test_the_appraisal_finds_the_effect_in_the_sums() -> None:
    from graftwork.apps.pilots.figures import appraised

    found = appraised(filled(400), NOW + timedelta(days=30))
    assert found.primary.now.difference == pytest.approx(-60.0, abs=1.5)
    assert found.balance.assisted == found.balance.control == 200
    assert found.verdict.sentence


def test_arms_that_are_not_as_drawn_raise_one_alarm_and_go_back_to_none(now: Any) -> None:
    from graftwork.apps.audit.models import AuditEntry
    from graftwork.apps.pilots.folding.actions import check_balance

    pilot = make_pilot()
    enrol(pilot, ["assisted"] * 90 + ["control"] * 10)
    fold_all(pilot)
    assert check_balance(pilot, NOW)
    assert check_balance(pilot, NOW + timedelta(days=1))
    pilot.refresh_from_db()
    assert pilot.balance_alarm_at == NOW
    assert pilot.balance_checked_at == NOW + timedelta(days=1)
    assert AuditEntry.objects.filter(action="pilot.unbalanced").count() == 1
    enrol(pilot, ["control"] * 80)
    fold_all(pilot)
    assert not check_balance(pilot, NOW + timedelta(days=2))
    pilot.refresh_from_db()
    assert pilot.balance_alarm_at is None


def test_arms_as_drawn_and_a_pilot_without_a_control_arm_raise_none() -> None:
    from graftwork.apps.pilots.folding.actions import check_balance

    even = make_pilot()
    enrol(even, ["assisted", "control"] * 50)
    fold_all(even)
    assert not check_balance(even, NOW)
    before_after = make_pilot(name="before", use_case="other_reply", arms={"design": "before_after"})
    enrol(before_after, ["assisted"] * 100)
    fold_all(before_after)
    assert not check_balance(before_after, NOW)


def test_workers_are_woken_for_what_is_due_and_once_a_day_for_the_arms() -> None:
    from graftwork.apps.pilots.tasks import due_pilots, unchecked_pilots

    pilot = make_pilot()
    assert due_pilots(NOW) == []
    assert unchecked_pilots(NOW) == ["note_pilot"]
    [_item] = enrol(pilot, ["control"], at=NOW + timedelta(seconds=5))
    assert due_pilots(NOW) == []
    assert due_pilots(NOW + timedelta(seconds=5)) == ["note_pilot"]
    fold_all(pilot, NOW + timedelta(seconds=5))
    assert due_pilots(NOW + timedelta(seconds=5)) == []
    pilot.balance_checked_at = NOW
    pilot.save()
    assert unchecked_pilots(NOW + timedelta(hours=23)) == []
    assert unchecked_pilots(NOW + timedelta(hours=24)) == ["note_pilot"]


def test_the_jobs_do_what_the_sweep_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_tasks_db.models import DBTaskResult

    from graftwork.apps.jobs.process import WorkerProcess
    from graftwork.apps.pilots import tasks
    from graftwork.apps.pilots.figures import pilot_data

    monkeypatch.setattr(tasks.timezone, "now", lambda: NOW)
    pilot = make_pilot()
    item, _ = enrol(pilot)
    review(item)
    process = WorkerProcess("test")
    monkeypatch.setattr(tasks, "current", lambda: process)
    tasks.sweep(process)
    tasks.sweep(process)
    assert sorted(DBTaskResult.objects.values_list("task_path", flat=True)) == [
        "graftwork.apps.pilots.tasks.check_pilot_balance",
        "graftwork.apps.pilots.tasks.fold_pilot",
    ]
    tasks.fold_pilot.func("note_pilot")
    tasks.check_pilot_balance.func("note_pilot")
    tasks.fold_pilot.func("no_such_pilot")
    assert arm_sums(pilot_data(pilot, NOW), "handling_time", "assisted").units == 1
    pilot.refresh_from_db()
    assert pilot.balance_checked_at == NOW


def test_the_whole_page_reads_no_raw_row_once_all_is_folded(make_user: Callable[..., Any], client: Any) -> None:
    from graftwork.apps.pilots.tasks import due_pilots

    pilot = filled(60)
    client.force_login(make_user("olga2", "owner"))
    assert due_pilots(NOW) == []
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/pilots/{pilot.name}").status_code == 200
    assert not [one["sql"] for one in queries if any(table in one["sql"] for table in RAW_TABLES)]


@pytest.mark.django_db
def test_a_pilot_that_was_stopped_stands_as_on_its_last_day() -> None:
    from graftwork.apps.pilots.figures import appraised, pilot_data
    from graftwork.apps.pilots.models import Decision, PilotState

    pilot = make_pilot()
    ended = NOW + timedelta(days=20)
    Decision.objects.create(pilot=pilot, kind="pause", reason="A look.", decided_at=NOW + timedelta(days=19))
    Decision.objects.create(pilot=pilot, kind="stop", reason="Enough.", decided_at=ended)
    running = pilot_data(pilot, ended)
    pilot.state, pilot.ended_at = PilotState.ENDED, ended
    pilot.save()

    later = pilot_data(pilot, NOW + timedelta(days=120))
    assert (running.as_of, running.decided) == (ended, None)
    assert later.as_of == ended
    assert later.decided is not None
    assert (later.decided.kind, later.decided.day, later.decided.reason) == ("stop", ended.date(), "Enough.")
    found = appraised(pilot, NOW + timedelta(days=120))
    assert found.verdict.ruling == "early"  # and not extend, 100 days after the stop
    assert found.verdict.sentence.startswith("Stopped on 12 December 2026; the rule said: too early to say.")
    assert found.decided == later.decided
