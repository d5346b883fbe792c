"""`graftwork run` on bad input and in bad weather: one clear error with the next step, and nothing is lost."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from graftwork.apps.audit.queries import verify
from graftwork.apps.keyring import new_ring, write_ring
from graftwork.apps.work.draining import drain
from graftwork.apps.work.models import Draft, Item, ItemState
from support.product import Product, wait_until

ECHO = """\
name = "{name}"
title = "Reply"
[input.fields.text]
{field}
[output]
{output}
[instructions]
system = "Answer."
{item}
[engine]
{engine}
[limits]
{limits}
"""


def use_case_text(name: str = "note_reply", engine: str = "echo = true", **parts: str) -> str:
    return ECHO.format(**{"name": name, "engine": engine, "field": "", "output": "", "item": "", "limits": "", **parts})


def lines(count: int, start: int = 1) -> str:
    return "".join(json.dumps({"id": f"n-{n}", "text": f"note {n}"}) + "\n" for n in range(start, start + count))


def written(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- in this process: what is refused, and what is set aside ----------------------------------------------------------


@pytest.fixture
def run(graftwork, note_reply, tmp_path) -> Callable[..., object]:
    def run(content: bytes | str | None = None, *options: object, name: str = "in.jsonl", output: object = "out.jsonl"):
        if content is not None:
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return graftwork("run", "note_reply", "--input", tmp_path / name, "--output", tmp_path / str(output), *options)

    return run


transactional = pytest.mark.django_db(transaction=True)


@transactional
@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (None, "none.jsonl", "input.not_found"),
        (b"", "in.jsonl", "input.empty"),
        (b"\n \n", "in.jsonl", "input.empty"),
        (b"", "in.csv", "input.empty"),
        (b"text,text\na,b\n", "in.csv", "input.header"),
        (lines(1), "in.xlsx", "input.format"),
        (lines(1).encode("utf-16"), "in.jsonl", "input.encoding"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("output", ["out.jsonl", "out.csv"])
def test_an_input_that_cannot_be_read_is_refused_and_the_mended_one_runs(run, tmp_path, content, name, code, output):
    refused = run(content, name=name, output=output)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"{code}: {tmp_path / name}")
    assert refused.stderr.count("\n") == 2  # what is wrong, and the next step
    assert Item.objects.count() == 0
    assert run(lines(2), output=output).exit_code == 0


@transactional
def test_a_pipe_and_a_device_are_refused_without_waiting(run, tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "null.jsonl").symlink_to("/dev/null")
    for name in ("pipe.jsonl", "null.jsonl"):
        refused = run(name=name)
        assert refused.exit_code == 2
        assert "input.unreadable" in refused.stderr


@transactional
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('{"id": "x", "text": ', "not JSON"),
        (b'{"id": "x", "text": "caf\xe9"}', "not UTF-8 at byte"),
        (b'{"id": "x", "text": "a\x00b"}', "NUL"),
        ('{"id": "x", "text": "a\\u0000b"}', "NUL"),
        ('{"id": "x", "text": "a\\ud800"}', "surrogate"),
        ('{"id": "x"}', "missing or empty"),
        ("[1, 2]", "a JSON object is expected"),
        ('{"id": "x", "text": 1e999}', "too large"),
        ('{"id": "x", "text": ' + "[" * 5_000 + "}", "nested"),
        ('{"id": "x", "text": "%s"}' % ("y" * 200_001), "over 200000 characters"),
    ],
)
def test_a_row_that_is_no_item_is_set_aside_with_its_line_and_the_rest_goes_on(run, tmp_path, row, reason):
    raw = row.encode() if isinstance(row, str) else row
    done = run(lines(1).encode() + raw + b"\n" + lines(1, start=2).encode())
    assert done.exit_code == 3
    [rejected] = written(tmp_path / "out.jsonl.rejected.jsonl")
    assert (rejected["row"], rejected["code"]) == (2, "input.row")
    assert reason in rejected["reason"]
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == ["n-1", "n-2"]


@transactional
@pytest.mark.parametrize(
    ("output", "make", "reason"),
    [
        ("folder", lambda path: path.mkdir(), "it is a folder"),
        ("none/out.jsonl", lambda path: None, "no such file or directory"),
        ("file/out.jsonl", lambda path: path.parent.write_text("x"), "not a directory"),
        ("null.jsonl", lambda path: path.symlink_to("/dev/null"), "no regular file"),
        ("pipe.jsonl", os.mkfifo, "no regular file"),
    ],
)
def test_an_output_that_cannot_be_written_is_named_before_anything_is_read(run, tmp_path, output, make, reason):
    make(tmp_path / output)
    refused = run(lines(2), output=output)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"input.output_unwritable: {tmp_path / output}: cannot be written (")
    assert reason in refused.stderr.lower()
    assert "--output" in refused.stderr
    assert Item.objects.count() == 0


@transactional
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path, note_reply, graftwork):
    (tmp_path / "in.jsonl").write_text(lines(1), encoding="utf-8")
    refused = graftwork("run", "note_reply", "--input", tmp_path / "in.jsonl", "--output", "/proc/out.jsonl")
    assert (refused.exit_code, refused.stderr.split(":")[0]) == (2, "input.output_unwritable")


@transactional
@pytest.mark.parametrize("engine", ["http://", "http://[", "ftp://host/v1"])
def test_an_engine_that_is_no_url_is_refused_without_a_traceback(run, engine):
    refused = run(lines(1), "--engine", engine)
    assert refused.exit_code == 2
    assert "engine.url" in refused.stderr


@transactional
def test_a_key_that_is_not_set_is_named(run, write_usecase):
    write_usecase(use_case_text(engine='url = "http://127.0.0.1:9/v1"\napi_key_env = "MY_ENGINE_KEY"'))
    refused = run(lines(1))
    assert refused.exit_code == 2
    assert "engine.key_missing: engine 127.0.0.1:9: the environment variable MY_ENGINE_KEY is not set" in refused.stderr


@transactional
@pytest.mark.parametrize("output", ["out.jsonl", "out.csv"])
def test_while_the_engine_is_down_items_wait_and_resume_completes_them(run, tmp_path, write_usecase, output):
    write_usecase(use_case_text(engine='url = "http://127.0.0.1:9/v1"\ntimeout_seconds = 1'))
    refused = run(lines(5), output=output)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("engine.unavailable: engine 127.0.0.1:9: ")
    assert "no connection (is the server running?)" in refused.stderr
    assert "Nothing is lost" in refused.stderr
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.WAITING}
    write_usecase(use_case_text())
    assert run(None, "--resume", output=output).exit_code == 0
    assert Draft.objects.count() == 5
    assert len((tmp_path / output).read_text(encoding="utf-8").splitlines()) == 5 + output.endswith(".csv")
    verify()


@transactional
def test_a_long_message_is_cut_with_a_notice_or_refused_as_the_use_case_says(run, tmp_path, write_usecase):
    long = json.dumps({"id": "long", "text": "This is one sentence of many. " * 3_334}) + "\n"
    engine = "echo = true\ncontext_tokens = 1024"
    write_usecase(use_case_text(engine=engine))
    assert "cut to fit        1" in run(long + lines(1)).stdout
    row = written(tmp_path / "out.jsonl")[0]
    assert [notice["code"] for notice in row["notices"]] == ["truncated"]

    write_usecase(use_case_text(engine=engine, limits='too_long = "refuse"'))
    refused = run(long.replace('"long"', '"other"') + lines(1), output="refused.jsonl")
    assert refused.exit_code == 3
    first, second = written(tmp_path / "refused.jsonl")
    assert (first["error"]["code"], first["draft"]) == ("input.too_long", None)
    assert second["draft"]
    assert Item.objects.get(external_id="other").state == ItemState.FAILED


@transactional
def test_an_output_that_went_away_is_written_again_from_the_store(run, tmp_path, write_usecase):
    write_usecase(use_case_text(engine='url = "http://127.0.0.1:9/v1"\ntimeout_seconds = 1'))
    run(lines(3))
    write_usecase(use_case_text())
    (tmp_path / "out.jsonl").unlink()
    assert run(None, "--resume").exit_code == 0
    assert b"\x00" not in (tmp_path / "out.jsonl").read_bytes()
    assert len(written(tmp_path / "out.jsonl")) == 3


@transactional
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"resume": null}', '{"resume": {"x": 1}, "counts": {}}', "[" * 10_000]
)
def test_a_checkpoint_that_cannot_be_read_begins_again_from_the_store(run, tmp_path, text):
    run(lines(3))
    (tmp_path / ".out.jsonl.progress.json").write_text(text, encoding="utf-8")
    done = run(None, "--resume")
    assert done.exit_code == 0
    assert len(written(tmp_path / "out.jsonl")) == 3
    assert Draft.objects.count() == 3


@transactional
def test_an_output_shorter_than_its_checkpoint_is_left_alone(run, tmp_path, monkeypatch):
    from graftwork.apps.work.run_output import RunOutput

    monkeypatch.setattr(RunOutput, "finish", lambda self: None)
    run(lines(5))
    (tmp_path / "out.jsonl").write_text("short\n", encoding="utf-8")
    refused = run(None, "--resume")
    assert (refused.exit_code, refused.stderr.split(":")[0]) == (2, "input.output_changed")
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == "short\n"


@transactional
def test_a_real_full_disk_at_the_checkpoint_is_named_and_resume_completes(run, tmp_path):
    (tmp_path / ".out.jsonl.progress.new").symlink_to("/dev/full")
    full = run(lines(5))
    assert (full.exit_code, full.stderr.split(":")[0]) == (1, "store.disk_full")
    assert "--resume" in full.stderr
    (tmp_path / ".out.jsonl.progress.new").unlink()
    assert run(None, "--resume").exit_code == 0
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [f"n-{n}" for n in range(1, 6)]


@transactional
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "vault.key_file"),
        ("", "vault.key_file"),
        ('{"master_keys": {}}', "vault.key_file"),
        ("other", "vault.key_missing"),
    ],
    ids=["missing", "empty", "broken", "of another workspace"],
)
def test_without_its_key_file_a_workspace_refuses_and_goes_on_when_it_is_back(
    run, tmp_path, workspace_folder, content, code
):
    run(lines(3))
    file = workspace_folder / "data" / "keys.json"
    kept = file.read_text(encoding="utf-8")
    file.unlink()
    if content == "other":
        write_ring(new_ring(), file)
    elif content is not None:
        file.write_text(content, encoding="utf-8")
    try:
        refused = run(None, output="b.jsonl")
        assert refused.exit_code == 2
        assert refused.stderr.startswith(f"{code}: ")
        assert "backup" in refused.stderr
    finally:
        file.write_text(kept, encoding="utf-8")
    again = run(None, *(["--resume"] if (tmp_path / "b.jsonl").exists() else []), output="b.jsonl")
    assert again.exit_code == 0
    assert [row["id"] for row in written(tmp_path / "b.jsonl")] == ["n-1", "n-2", "n-3"]


# --- items that wait while the use case changes -----------------------------------------------------------------------


@pytest.fixture
def drained(note_reply, now) -> Callable[[], None]:
    from graftwork.apps.jobs.process import WorkerProcess

    def drained() -> None:
        Item.objects.update(not_before=None)
        drain(WorkerProcess("w"), "note_reply")

    return drained


@transactional
def test_items_wait_with_the_reason_while_their_use_case_is_gone_and_go_on_when_it_is_back(
    make_items, drained, workspace_folder, write_usecase
):
    make_items(2, drafted=False)
    (workspace_folder / "usecases" / "note_reply.toml").unlink()
    drained()
    assert set(Item.objects.values_list("state", "error_code")) == {(ItemState.WAITING, "usecase.not_found")}
    (workspace_folder / "usecases" / "note_reply.toml").write_text("broken", encoding="utf-8")
    drained()
    assert set(Item.objects.values_list("state", "error_code")) == {(ItemState.WAITING, "usecase.unreadable")}
    write_usecase(use_case_text())
    drained()
    assert set(Item.objects.values_list("state", "error_code")) == {(ItemState.READY, "")}


@transactional
def test_a_field_dropped_or_added_while_items_wait_does_no_harm(make_items, drained, write_usecase):
    make_items(2, drafted=False)
    write_usecase(
        use_case_text(item='item = "{{ body }} {{ text }}"').replace(
            "[input.fields.text]", "[input.fields.body]\nrequired = false\n[input.fields.text]"
        )
    )
    drained()
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.READY}
    make_items(1, drafted=False)
    write_usecase(use_case_text().replace("[input.fields.text]", "[input.fields.body]"))
    drained()
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.READY}


@transactional
def test_one_item_that_surprises_does_not_hold_up_the_others(make_items, drained, monkeypatch):
    from graftwork.core import flow

    make_items(3, drafted=False)
    real = flow.parts_that_fit

    async def parts(use_case, content, engine, **named):
        if "order 2" in content.fields["text"]:
            raise RuntimeError("the text of an item")
        return await real(use_case, content, engine, **named)

    monkeypatch.setattr(flow, "parts_that_fit", parts)
    for _ in range(3):
        drained()
    states = dict(Item.objects.values_list("external_id", "state"))
    assert states == {"note-1": "ready", "note-2": "failed", "note-3": "ready"}
    failed = Item.objects.get(external_id="note-2")
    assert (failed.error_code, failed.attempts) == ("engine.surprise", 3)
    assert "the text of an item" not in failed.error_message


@transactional
def test_when_saving_fails_the_engine_is_stopped_and_the_items_wait(make_items, drained, monkeypatch):
    from django.db import OperationalError

    from graftwork.apps.work import draining

    make_items(5, drafted=False)

    def locked(*args: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(draining, "save_finished", locked)
    with pytest.raises(OperationalError):
        drained()
    monkeypatch.undo()
    assert Draft.objects.count() == 0
    Item.objects.filter(state=ItemState.DRAFTING).update(state=ItemState.WAITING)  # as the sweep does in time
    drained()
    assert Draft.objects.count() == 5


@transactional
def test_a_clock_that_goes_backwards_loses_nothing_and_keeps_the_order(note_reply, tmp_path):
    from datetime import UTC, datetime, timedelta

    from graftwork.apps.jobs.process import WorkerProcess
    from graftwork.apps.work.drafter import Drafter, EngineThread
    from graftwork.apps.work.running import Run, RunRequest
    from graftwork.core.engines.echo import EchoEngine

    moments = [datetime(2026, 1, 15, tzinfo=UTC)]

    def backwards() -> datetime:
        moments.append(moments[-1] - timedelta(hours=1))
        return moments[-1]

    (tmp_path / "in.jsonl").write_text(lines(40), encoding="utf-8")
    with EngineThread() as thread:
        Run(
            RunRequest(note_reply, tmp_path / "in.jsonl", tmp_path / "out.jsonl"),
            Drafter(note_reply, EchoEngine(slots=4), thread),
            WorkerProcess("run-test"),
            lease_seconds=60, batch_items=8, on_progress=lambda progress: None, clock=backwards,
        ).run()  # fmt: skip
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [f"n-{n}" for n in range(1, 41)]
    assert list(Item.objects.order_by("pk").values_list("external_id", flat=True)) == [f"n-{n}" for n in range(1, 41)]
    verify()


# --- a server that misbehaves -----------------------------------------------------------------------------------------


def frame(text: str, reason: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'delta': {'content': text}, 'finish_reason': reason}]})}\n\n"


GOOD = frame("A good ") + frame("answer.", "stop") + "data: [DONE]\n\n"
ANSWERS = {
    "html": ("text/html", "<html>502 Bad Gateway</html>"),
    "nothing": ("text/event-stream", ""),
    "half a frame": ("text/event-stream", 'data: {"choices": [{"delta": {"con'),
    "no JSON": ("text/event-stream", "data: \x00\x01{{{\n\n"),
    "another shape": ("text/event-stream", 'data: {"choices": [{"delta": "x"}]}\n\n'),
    "choices of numbers": ("text/event-stream", 'data: {"choices": [1, null]}\n\n'),
    "deep": ("text/event-stream", f"data: {'[' * 100_000}\n\n"),
    "empty object": ("application/json", "{}"),
    "a list": ("application/json", "[]"),
    "half an object": ("application/json", '{"choices": [{"mess'),
    "an error": ("application/json", '{"error": {"message": "note 1 is secret", "type": "overloaded"}}'),
    "text, then silence": ("text/event-stream", frame("A good ")),
}


@pytest.fixture
def server() -> Iterator[tuple[str, dict]]:
    """An engine on the loopback that answers with `state["answer"]`, and counts."""
    state: dict = {"answer": ("text/event-stream", GOOD), "requests": 0, "delay": 0.0}

    async def answer(request: web.Request) -> web.Response:
        state["requests"] += 1
        if state["delay"]:
            import asyncio

            await asyncio.sleep(state["delay"])
        kind, body = state["answer"]
        return web.Response(body=body.encode(), content_type=kind)

    import asyncio

    loop, started = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        state["port"] = runner.addresses[0][1]
        state["runner"] = runner
        started.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(10)
    yield f"http://127.0.0.1:{state['port']}/v1", state
    asyncio.run_coroutine_threadsafe(state["runner"].cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@transactional
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_server_that_answers_garbage_makes_no_draft_and_the_item_waits_for_a_better_one(
    run, tmp_path, server, write_usecase, kind, monkeypatch
):
    from graftwork.core.engines import retry

    monkeypatch.setattr(retry.Retries, "pause_seconds", lambda self, attempt, after: 0.0)
    url, state = server
    write_usecase(use_case_text(engine=f'url = "{url}"\ntimeout_seconds = 5'))
    state["answer"] = ANSWERS[kind]
    refused = run(lines(1))
    assert refused.exit_code == 1
    assert "engine.unavailable" in refused.stderr
    assert "secret" not in refused.stderr
    assert (Draft.objects.count(), Item.objects.get().state) == (0, ItemState.WAITING)
    state["answer"] = ("text/event-stream", GOOD)
    assert run(None, "--resume").exit_code == 0
    assert [row["draft"] for row in written(tmp_path / "out.jsonl")] == ["A good answer."]


@transactional
def test_a_slow_server_is_tried_again_and_then_the_item_is_written_as_failed(run, tmp_path, server, write_usecase):
    url, state = server
    write_usecase(use_case_text(engine=f'url = "{url}"\ntimeout_seconds = 0.3', limits="attempts = 2"))
    state["delay"] = 2.0
    done = run(lines(1))
    assert done.exit_code == 3
    [row] = written(tmp_path / "out.jsonl")
    assert row["error"]["code"] == "engine.timeout"
    assert "engine.timeout_seconds" in row["error"]["next_step"]
    assert state["requests"] == 2
    state["delay"] = 0.0
    assert run(lines(1), output="again.jsonl").exit_code == 0


@transactional
def test_json_that_the_model_broke_off_is_kept_and_a_reviewer_mends_it(run, tmp_path, server, write_usecase, make_user):
    from django.utils import timezone

    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.work.actions.reviewing import Verdict, claim_next, decide
    from graftwork.core.errors import RequestInvalid

    url, state = server
    properties = 'required = ["mood"]\n[output.schema.properties.mood]\nenum = ["good"]'
    schema = f'type = "json"\n[output.schema]\ntype = "object"\n{properties}'
    write_usecase(use_case_text(engine=f'url = "{url}"', output=schema))
    state["answer"] = ("text/event-stream", frame('{"mood": "go', "length") + "data: [DONE]\n\n")
    assert run(lines(1)).exit_code == 0
    [row] = written(tmp_path / "out.jsonl")
    assert row["draft"] == '{"mood": "go'
    assert [notice["code"] for notice in row["notices"]] == ["invalid_output"]
    rita = actor_for_user(make_user())
    item = claim_next(rita, timezone.now())
    with pytest.raises(RequestInvalid):
        decide(rita, item.pk, Verdict("approve", '{"mood": "go'), timezone.now())
    assert decide(rita, item.pk, Verdict("approve", '{"mood": "good"}'), timezone.now()).decision == "edited"


# --- processes of their own -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    made = Product(tmp_path_factory.mktemp("bad"), database_lock_timeout_seconds=1)
    made.add_usecase("quick", use_case_text("quick"))
    made.add_usecase("slow", use_case_text("slow", engine="echo = true\necho_delay_seconds = 0.1\nslots = 4"))
    made.call("keys", "list")
    return made


@pytest.fixture
def place(product, tmp_path) -> Path:
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"id": f"{tmp_path.name}-{n}", "text": f"note {n}"}) + "\n" for n in range(60)),
        encoding="utf-8",
    )
    return tmp_path


def command(use_case: str, place: Path, *more: str, output: str = "out.jsonl") -> list[str]:
    return ["run", use_case, "--input", str(place / "in.jsonl"), "--output", str(place / output), *more]


def assert_all_lines_once_and_in_order(place: Path, output: str = "out.jsonl") -> None:
    rows = written(place / output)
    assert [row["id"] for row in rows] == [f"{place.name}-{n}" for n in range(60)]
    assert all(row["draft"] for row in rows)


def drafts_of(product: Product, place: Path) -> int:
    return int(
        product.python(
            "from graftwork.apps.work.models import Draft\n"
            f"print(Draft.objects.filter(item__external_id__startswith='{place.name}-').count())"
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_stopped_or_killed_goes_on_with_exactly_all_lines_once_and_in_order(product, place, number, code):
    running = product.start(*command("slow", place))
    wait_until((place / ".out.jsonl.progress.json").exists, 20, "the first checkpoint")
    time.sleep(0.4)
    running.send_signal(number)
    assert running.wait(20) == code
    resumed = product.call(*command("slow", place, "--resume"))
    assert resumed.returncode == 0
    assert_all_lines_once_and_in_order(place)
    assert drafts_of(product, place) == 60


@pytest.mark.slow
def test_two_runs_at_once_to_different_outputs_share_the_work_and_both_are_whole(product, place):
    first = product.start(*command("slow", place, output="a.jsonl"))
    second = product.start(*command("slow", place, output="b.jsonl"))
    assert (first.wait(60), second.wait(60)) == (0, 0)
    assert_all_lines_once_and_in_order(place, "a.jsonl")
    assert_all_lines_once_and_in_order(place, "b.jsonl")
    assert drafts_of(product, place) == 60


def test_a_database_that_another_process_locks_ends_the_run_with_one_error_and_loses_nothing(product, place):
    holder = sqlite3.connect(product.folder / "data" / "graftwork.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        refused = product.call(*command("quick", place), check=False)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert refused.returncode == 1
    assert "store.busy: the database is locked by another process" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert product.call(*command("quick", place, "--resume")).returncode == 0
    assert_all_lines_once_and_in_order(place)


@pytest.mark.slow
def test_a_lock_in_the_middle_of_a_run_loses_nothing(product, place):
    running = product.start(*command("slow", place))
    wait_until((place / ".out.jsonl.progress.json").exists, 20, "the first checkpoint")
    time.sleep(0.3)
    holder = sqlite3.connect(product.folder / "data" / "graftwork.sqlite3", isolation_level=None, timeout=10)
    holder.execute("BEGIN IMMEDIATE")
    assert running.wait(20) == 1
    holder.execute("ROLLBACK")
    holder.close()
    assert product.call(*command("slow", place, "--resume")).returncode == 0
    assert_all_lines_once_and_in_order(place)
    assert drafts_of(product, place) == 60


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A folder on a disk of 16 KB, and what makes it larger. Without the right to mount, `/dev/full` stands in."""
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield small, lambda: subprocess.run(["mount", "-o", "remount,size=1m", str(small)], check=True) and None
        subprocess.run(["umount", str(small)], check=True)
        return
    temporary = small / ".out.jsonl.progress.new"
    temporary.symlink_to("/dev/full")
    yield small, temporary.unlink


def test_a_full_disk_ends_the_run_with_one_error_and_resume_completes_it(product, place, small_disk):
    _, make_larger = small_disk
    full = product.call(*command("quick", place, output="small/out.jsonl"), check=False)
    assert full.returncode == 1
    assert "store.disk_full" in full.stderr
    assert "Traceback" not in full.stderr
    make_larger()
    assert product.call(*command("quick", place, "--resume", output="small/out.jsonl")).returncode == 0
    assert_all_lines_once_and_in_order(place, "small/out.jsonl")


def test_a_row_of_50_megabytes_is_set_aside_in_constant_memory(product, place):
    small, large = place / "in.jsonl", place / "large.jsonl"
    with large.open("wb") as stream:
        stream.write(b'{"id": "big", "text": "')
        for _ in range(50):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n' + small.read_bytes())
    code = (
        "import resource, sys\nfrom graftwork.cli.main import cli\n"
        "try:\n    cli(sys.argv[1:], prog_name='graftwork')\n"
        "finally:\n    print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    peaks = []
    for source, output in ((small, "a.jsonl"), (large, "b.jsonl")):
        arguments = ["run", "quick", "--input", str(source), "--output", str(place / output)]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=product.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == (3 if source == large else 0), done.stderr
        peaks.append(int(done.stdout.split("peak")[1]))
    assert peaks[1] - peaks[0] < 25
    assert "longer than the limit" in written(place / "b.jsonl.rejected.jsonl")[0]["reason"]
    assert_all_lines_once_and_in_order(place, "b.jsonl")
