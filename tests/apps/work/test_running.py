"""`graftwork run` from the inside: order, rejects, resuming, re-runs, an engine that is down."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.drafter import Drafter, EngineThread
from graftwork.apps.work.models import Draft, Item, ItemState
from graftwork.apps.work.running import Run, RunRequest
from graftwork.core.engines.echo import EchoEngine
from graftwork.core.errors import (
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    InputChanged,
    OutputBusy,
    OutputComplete,
    OutputExists,
)
from graftwork.core.ports import OnText, ignore_text
from graftwork.core.types import Generation, GenerationRequest

pytestmark = pytest.mark.django_db(transaction=True)


class Scripted(EchoEngine):
    """Echo with accidents: `script` is called with the number of the request before it is answered."""

    def __init__(self, script: Callable[[int], object] = lambda number: None, slots: int = 4) -> None:
        super().__init__("scripted", slots=slots)
        self.requests = 0
        self._script = script

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        self.requests += 1
        outcome = self._script(self.requests)
        if isinstance(outcome, float):
            await asyncio.sleep(outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return await super().generate(request, on_text)


@pytest.fixture
def engines():
    with EngineThread() as thread:
        yield thread


@pytest.fixture
def run(note_reply, engines, tmp_path):
    def run(rows: str | None = None, engine: EchoEngine | None = None, **request) -> Run:
        source = tmp_path / "in.jsonl"
        if rows is not None:
            source.write_text(rows, encoding="utf-8")
        one = Run(
            RunRequest(note_reply, source, tmp_path / request.pop("output", "out.jsonl"), **request),
            Drafter(note_reply, engine or EchoEngine(slots=4), engines),
            WorkerProcess("run-test"),
            lease_seconds=60,
            batch_items=8,
            on_progress=lambda progress: None,
        )
        one.run()
        return one

    return run


def lines(count: int) -> str:
    return "".join(json.dumps({"id": f"n-{n}", "text": f"note {n}"}) + "\n" for n in range(1, count + 1))


def written(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_results_keep_the_order_of_the_input_though_the_first_takes_longest(run, tmp_path):
    done = run(lines(30), Scripted(lambda number: 0.3 if number == 1 else None))
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [f"n-{n}" for n in range(1, 31)]
    assert (done.counts.rows, done.counts.drafted, done.complete) == (30, 30, True)
    assert Item.objects.filter(state=ItemState.READY).count() == 30


def test_malformed_rows_are_set_aside_with_their_line_and_reason_and_the_rest_goes_on(run, tmp_path):
    done = run(lines(2) + '{"id": "x"\n' + '{"id": "y", "text": ""}\n' + '{"id": "z", "text": "good"}\n')
    assert (done.counts.drafted, done.counts.rejected) == (3, 2)
    rejected = written(tmp_path / "out.jsonl.rejected.jsonl")
    assert [row["row"] for row in rejected] == [3, 4]
    assert "the field `text` is missing or empty" in rejected[1]["reason"]


def test_a_run_that_broke_off_goes_on_where_it_stopped_and_drafts_nothing_twice(run, tmp_path):
    down = Scripted(lambda number: EngineUnavailable("scripted", "connection refused") if number > 12 else None)
    with pytest.raises(EngineUnavailable):
        run(lines(40), down)
    assert not Item.objects.filter(state=ItemState.DRAFTING).exists()
    drafted_before = Draft.objects.count()
    assert 0 < drafted_before < 40

    engine = Scripted()
    done = run(engine=engine, resume=True)
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [f"n-{n}" for n in range(1, 41)]
    assert engine.requests == 40 - drafted_before
    assert (Draft.objects.count(), done.counts.rows) == (40, 40)


def test_half_a_line_at_the_end_of_the_output_is_cut_off_when_a_run_is_resumed(run, tmp_path):
    with pytest.raises(EngineUnavailable):
        run(lines(20), Scripted(lambda number: EngineUnavailable("scripted", "down") if number > 9 else None))
    with (tmp_path / "out.jsonl").open("a", encoding="utf-8") as out:
        out.write('{"id": "n-7", "dra')
    run(resume=True)
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [f"n-{n}" for n in range(1, 21)]


def test_a_file_that_was_drafted_before_is_answered_from_the_store(run, tmp_path):
    run(lines(10))
    engine = Scripted()
    done = run(lines(10), engine, output="again.jsonl")
    assert (engine.requests, done.counts.reused) == (0, 10)
    assert [row["draft"] for row in written(tmp_path / "again.jsonl")] == [
        row["draft"] for row in written(tmp_path / "out.jsonl")
    ]


def test_another_text_under_a_known_id_is_rejected_and_the_stored_one_left_alone(run, tmp_path):
    run(lines(1))
    done = run('{"id": "n-1", "text": "something else"}\n', output="again.jsonl")
    assert (done.counts.rejected, Item.objects.count()) == (1, 1)


def test_rows_without_an_id_of_two_files_stay_apart(run):
    run('{"text": "first"}\n')
    run('{"text": "second"}\n', output="again.jsonl")
    assert Item.objects.count() == 2


def test_a_row_that_stands_twice_is_drafted_once_and_written_twice(run, tmp_path):
    engine = Scripted()
    run(lines(1) + lines(1), engine)
    assert (engine.requests, len(written(tmp_path / "out.jsonl"))) == (1, 2)


def test_a_timeout_is_tried_again_and_what_keeps_timing_out_is_written_as_an_error(run, tmp_path):
    engine = Scripted(lambda number: EngineTimeout("scripted", 1.0) if number <= 3 else None, slots=1)
    done = run(lines(1), engine)
    [row] = written(tmp_path / "out.jsonl")
    assert (engine.requests, done.counts.failed, row["error"]["code"]) == (3, 1, "engine.timeout")
    assert Item.objects.get().state == ItemState.FAILED


def test_a_failed_item_is_tried_again_by_the_next_run(run):
    run(lines(1), Scripted(lambda number: EngineTimeout("scripted", 1.0), slots=1))
    done = run(lines(1), output="again.jsonl")
    assert (done.counts.drafted, Item.objects.get().state) == (1, ItemState.READY)


@pytest.mark.parametrize(("resume", "error"), [(False, OutputExists), (True, OutputComplete)])
def test_an_output_file_that_somebody_else_wrote_is_left_alone(run, tmp_path, resume, error):
    (tmp_path / "out.jsonl").write_text("precious\n", encoding="utf-8")
    with pytest.raises(error):
        run(lines(1), resume=resume)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "precious\n"


def test_resuming_with_another_input_is_refused(run):
    with pytest.raises(EngineUnavailable):
        run(lines(20), Scripted(lambda number: EngineUnavailable("scripted", "down") if number > 9 else None))
    with pytest.raises(InputChanged):
        run(lines(21), resume=True)


def test_two_runs_to_one_output_do_not_mix(run, tmp_path):
    from graftwork.apps.work.run_output import Checkpoint, RunOutput

    other = RunOutput(tmp_path / "out.jsonl", tmp_path / "in.jsonl")
    other.open(Checkpoint("f", "note_reply", "r"), resume=False)
    with pytest.raises(OutputBusy):
        run(lines(1))
    other.close()


def test_the_limit_counts_rows_of_the_input(run):
    done = run(lines(50), limit=20)
    assert (done.counts.rows, Item.objects.count(), done.complete) == (20, 20, True)


def test_csv_output_has_one_row_an_item_and_no_formula(run, tmp_path):
    import csv

    run('{"id": "=1+1", "text": "hello"}\n', output="out.csv")
    [row] = csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8"))
    assert (row["id"], row["error"]) == ("'=1+1", "")


def test_an_item_that_a_dead_worker_held_is_taken_over_when_its_lease_ends(run, note_reply):
    from datetime import timedelta

    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.actions.leasing import lease_items
    from graftwork.apps.work.leases import Lease
    from graftwork.core.items import read_row

    past = timezone.now() - timedelta(minutes=5)
    create_items(operator(), note_reply, [read_row(note_reply, {"id": "n-1", "text": "note 1"}, line=1)], past)
    lease_items(note_reply.name, Lease("dead/1", 60), past, at_most=1)
    assert run(lines(1)).counts.drafted == 1


def test_a_draft_of_an_earlier_release_is_kept_and_counted_or_replaced_when_asked(run, tmp_path, write_usecase):
    run(lines(3))
    Draft.objects.update(release=_older_release())
    kept = run(lines(3), output="kept.jsonl")
    assert (kept.counts.of_earlier_release, Draft.objects.count()) == (3, 3)

    replaced = run(lines(3), output="replaced.jsonl", redraft=True)
    assert (replaced.counts.of_earlier_release, replaced.counts.reused) == (0, 0)
    assert sorted(Draft.objects.values_list("number", flat=True)) == [1, 1, 1, 2, 2, 2]


def _older_release():
    from graftwork.apps.work.models import Release

    return Release.objects.create(digest="0" * 64, use_case="note_reply", manifest={}, first_used_at=timezone.now())


@pytest.mark.parametrize(("status", "stops"), [(401, True), (404, True), (400, False)])
def test_a_refusal_that_every_item_would_get_stops_the_run_and_costs_no_item(run, status, stops):
    refusing = Scripted(lambda number: EngineRefused("scripted", status, "no reason given"), slots=1)
    if stops:
        with pytest.raises(EngineRefused):
            run(lines(5), refusing)
        assert not Item.objects.filter(state=ItemState.FAILED).exists()
    else:
        assert run(lines(5), refusing).counts.failed == 5


def test_the_output_is_for_this_user_only(run, tmp_path):
    run(lines(1))
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600
