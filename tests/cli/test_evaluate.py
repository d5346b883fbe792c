"""`graftwork evaluate`: what is scored, what is refused, and that nothing is stored or sent that may not be."""

import asyncio
import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from aiohttp import web

from graftwork.apps.vault.models import PlaceholderPage, ScopeKey
from graftwork.apps.work.models import Item, ThreadRule
from support.scripted import Script, serve

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [
    {"id": "n-1", "thread": "t-1", "text": "Within 14 days", "expected": {"facts": ["14 days"], "forbidden": ["cash"]}},
    {"id": "n-2", "thread": "t-2", "text": "Never <script>alert(1)</script>", "expected": {"facts": ["14 days"]}},
    {"id": "n-3", "thread": "t-2", "text": "Nothing is expected of this one"},
]


@pytest.fixture
def evaluate(graftwork, note_reply, tmp_path) -> Callable[..., object]:
    def evaluate(*options: object, rows: object = ROWS, name: str = "note_reply"):
        file = tmp_path / "data.jsonl"
        lines = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
        file.write_text(lines, encoding="utf-8")
        return graftwork("evaluate", name, "--data", file, *options)

    return evaluate


def test_scores_are_shown_with_their_counts_and_units(evaluate):
    done = evaluate()
    assert done.exit_code == 0, done.output
    assert re.search(r"^facts\.kept +0\.500 +unknown +2 +1 +share$", done.stdout, re.MULTILINE)
    assert "Not scored, as no row says what to expect: fields" in done.stdout
    assert re.search(r"rows +3 of 2 threads", done.stdout)
    assert re.search(r"without a draft +0", done.stdout)


def test_nothing_is_stored(evaluate):
    keys = ScopeKey.objects.count()
    evaluate()
    assert (Item.objects.count(), ScopeKey.objects.count()) == (0, keys)


def test_the_json_has_every_figure_and_no_text_of_an_item(evaluate, note_reply, tmp_path):
    evaluate("--json", tmp_path / "out.json")
    text = (tmp_path / "out.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert (found["schema"], found["release"]) == ("graftwork.evaluation/1", note_reply.release)
    assert found["rows"] == {"read": 3, "drafted": 3, "failed": 0, "rejected": 0, "threads": 2}
    kept = next(score for score in found["scores"] if score["score"] == "facts.kept")
    assert (kept["value"], kept["low"], kept["n"], kept["scored"], kept["unscored"]) == (0.5, None, 2, 2, 1)
    f1 = next(score for score in found["scores"] if score["score"] == "fields.f1")
    assert (f1["value"], f1["scored"], f1["unscored"]) == (None, 0, 3)
    assert [item["scores"]["facts.kept"] for item in found["items"]] == [1.0, 0.0, None]
    assert "Nothing is expected" not in text


def test_the_same_drafts_give_the_same_figures(evaluate, tmp_path):
    rows = [{"id": f"n-{n}", "text": f"Within {n} days", "expected": {"facts": ["4 days"]}} for n in range(9)]
    for name in ("one.json", "two.json"):
        evaluate("--json", tmp_path / name, rows=rows)
    one, two = (json.loads((tmp_path / name).read_text())["scores"] for name in ("one.json", "two.json"))
    assert one == two


def test_the_page_is_self_contained_and_shows_the_worst_row_first(evaluate, tmp_path):
    evaluate("--html", tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert page.index("<strong>n-2</strong>") < page.index("<strong>n-1</strong>") < page.index("<strong>n-3</strong>")
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script>") == 1
    assert not re.search(r"(src|href)=", page)
    assert "http" not in page.replace("http-equiv", "")


def test_files_that_hold_content_are_their_owners_alone(evaluate, tmp_path):
    evaluate("--html", tmp_path / "out.html", "--json", tmp_path / "out.json")
    for name in ("out.html", "out.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_bad_rows_are_named_by_line_and_the_others_are_scored(evaluate, tmp_path):
    rows = json.dumps(ROWS[0]) + '\n{\n{"text": "x", "expected": {"fact": ["y"]}}\n'
    done = evaluate("--json", tmp_path / "out.json", rows=rows)
    assert done.exit_code == 3
    assert "line 2: not JSON" in done.stderr
    assert "line 3: unknown key `expected.fact`; did you mean `facts`?" in done.stderr
    assert [row["line"] for row in json.loads((tmp_path / "out.json").read_text())["rejected"]] == [2, 3]


@pytest.mark.parametrize(
    ("rows", "code"), [("", "input.empty"), ("{\n", "scoring.no_rows"), ('{"text": ""}\n', "scoring.no_rows")]
)
def test_data_without_a_row_to_score_is_refused(evaluate, rows, code):
    refused = evaluate(rows=rows)
    assert refused.exit_code == 2
    assert code in refused.stderr


def test_without_data_the_sample_beside_the_use_case_is_taken(graftwork, note_reply, workspace_folder):
    refused = graftwork("evaluate", "note_reply")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("scoring.no_data: use case `note_reply`")
    sample = workspace_folder / "usecases" / "note_reply.sample.jsonl"
    sample.write_text(json.dumps(ROWS[0]) + "\n", encoding="utf-8")
    try:
        assert graftwork("evaluate", "note_reply").exit_code == 0
    finally:
        sample.unlink()


def test_a_limit_stops_early_and_is_no_failure(evaluate):
    done = evaluate("--limit", 1)
    assert done.exit_code == 0
    assert re.search(r"rows +1 of 1 thread", done.stdout)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_drafted(evaluate, tmp_path):
    refused = evaluate("--json", tmp_path / "no" / "out.json")
    assert refused.exit_code == 1
    assert "facts" not in refused.stdout
    same = evaluate("--json", tmp_path / "out", "--html", tmp_path / "out")
    assert (same.exit_code, "same file" in same.stderr) == (2, True)


SLOW = """\
name = "note_reply"
title = "Slow"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
echo_delay_seconds = 0.2
slots = 1
"""


def test_ctrl_c_shows_what_is_scored_by_then(evaluate, write_usecase, tmp_path):
    write_usecase(SLOW)
    rows = [{**ROWS[0], "id": f"n-{n}"} for n in range(200)]
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    stopped = evaluate("--json", tmp_path / "out.json", rows=rows)
    timer.join()
    assert stopped.exit_code == 130
    assert "Ended after" in stopped.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["complete"] is False
    assert 0 < found["rows"]["drafted"] < 200
    assert "facts.kept" in stopped.stdout


# --- sources ----------------------------------------------------------------------------------------------------------

GROUNDED = """\
name = "note_reply"
title = "Answer"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["hb"]
"""
ASKED = [{"id": "n-1", "text": "How many days of leave are there?", "expected": {"documents": ["hb/leave.md"]}}]


@pytest.fixture
def embedding(monkeypatch):
    """Vectors without a model: the words of a text, hashed."""
    from graftwork.apps.knowledge.embedding import Embedding
    from support.embedding import WordEmbedder

    monkeypatch.setattr(Embedding, "embedder", lambda self: WordEmbedder())


def test_passages_are_looked_up_in_the_folder_that_is_named(evaluate, write_usecase, embedding, tmp_path):
    write_usecase(GROUNDED)
    (tmp_path / "sources" / "hb").mkdir(parents=True)
    (tmp_path / "sources" / "hb" / "leave.md").write_text("# Leave\n\nThere are 28 days of leave.\n")
    (tmp_path / "sources" / "hb" / "pay.md").write_text("# Pay\n\nWages come at the end of each month.\n")
    done = evaluate("--sources", tmp_path / "sources", "--json", tmp_path / "out.json", rows=ASKED)
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["items"][0]["scores"]["retrieval.mrr"] == 1
    assert len(found["knowledge"]) == 1


def test_a_source_that_is_nowhere_is_refused_with_where_it_was_looked_for(evaluate, write_usecase, tmp_path):
    write_usecase(GROUNDED)
    (tmp_path / "sources").mkdir()
    refused = evaluate("--sources", tmp_path / "sources", rows=ASKED)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("scoring.no_sources: use case `note_reply` draws on the source `hb`")
    assert evaluate(rows=ASKED).stderr.startswith("scoring.no_sources")


def test_questions_go_to_no_managed_server_that_the_policy_keeps_them_from(
    evaluate, write_usecase, monkeypatch, tmp_path
):
    from graftwork.apps.knowledge.embedding import Embedding

    write_usecase(GROUNDED)
    (tmp_path / "sources" / "hb").mkdir(parents=True)
    monkeypatch.setattr(Embedding, "zone", "managed")
    refused = evaluate("--sources", tmp_path / "sources", rows=ASKED)
    assert (refused.exit_code, refused.stderr.partition(":")[0]) == (2, "scoring.managed_embedding")


# --- engines that are somebody's server -------------------------------------------------------------------------------

NAME = "Annabel Quistgaard"
MANAGED = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
url = "{url}"
zone = "{zone}"
slots = 2
[privacy]
ner = false
managed = "{managed}"
"""


class Server:
    """A chat server on loopback that keeps what it is sent and answers with `answer`."""

    def __init__(self) -> None:
        self.script = Script()
        self.script.handlers = [self._handle]
        self.answer: Callable[[str], str] = lambda prompt: "Within 14 days."
        self.status = lambda prompt: 200
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.runner = asyncio.run_coroutine_threadsafe(serve(self.script), self.loop).result(5)

    @property
    def received(self) -> str:
        return json.dumps([body for _, body in self.script.requests], ensure_ascii=False)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        if self.status(prompt) != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status(prompt))
        text = self.answer(prompt)
        if not body.get("stream"):
            return web.json_response({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
        piece = json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]})
        return web.Response(text=f"data: {piece}\n\ndata: [DONE]\n\n", content_type="text/event-stream")


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.close()


def managed(server: Server, policy: str, zone: str = "managed") -> str:
    return MANAGED.format(url=server.script.url, managed=policy, zone=zone)


def test_a_managed_engine_gets_nothing_where_the_policy_says_never(evaluate, write_usecase, server):
    write_usecase(managed(server, "never"))
    refused = evaluate()
    assert refused.exit_code != 0
    assert refused.stderr.startswith("usecase.managed")
    assert server.script.requests == []


def test_a_managed_engine_gets_masked_text_and_nothing_of_it_is_kept(evaluate, write_usecase, server, tmp_path):
    write_usecase(managed(server, "masked"))
    server.answer = lambda prompt: "Dear " + (re.findall(r"\[PERSON_\d+\]", prompt) or ["nobody"])[-1]
    rows = [{"id": "n-1", "text": f"My name is {NAME}, please answer.", "expected": {"facts": [NAME]}}]
    keys = ScopeKey.objects.count()
    done = evaluate("--json", tmp_path / "out.json", rows=rows)
    assert done.exit_code == 0, done.output
    assert server.script.requests
    assert "Quistgaard" not in server.received
    assert json.loads((tmp_path / "out.json").read_text())["items"][0]["scores"]["facts.kept"] == 1
    assert (ScopeKey.objects.count(), PlaceholderPage.objects.count(), ThreadRule.objects.count()) == (keys, 0, 0)


def test_a_statement_without_support_is_marked_on_the_page_and_scored(evaluate, write_usecase, server, tmp_path):
    write_usecase(managed(server, "never", zone="local") + '[grounding]\nagainst = "item"\n')
    server.answer = lambda prompt: "Refunds take 99 weeks at Quorvex."
    rows = [{"id": "n-1", "text": "The parcel comes within 14 days."}]
    done = evaluate("--html", tmp_path / "out.html", rows=rows)
    assert re.search(r"^support\.unsupported +1\.000 ", done.stdout, re.MULTILINE)
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert re.search(r'<mark title="[^"]*99[^"]*">Refunds take 99 weeks at Quorvex\.</mark>', page)


def test_an_item_that_fails_is_counted_by_its_code_and_the_others_are_scored(evaluate, write_usecase, server):
    write_usecase(managed(server, "never", zone="local"))
    server.status = lambda prompt: 400 if "script" in prompt else 200
    done = evaluate()
    assert done.exit_code == 3
    assert re.search(r"without a draft +1 \(engine\.[a-z_]+ 1\)", done.stdout)
    assert re.search(r"^facts\.kept +1\.000 ", done.stdout, re.MULTILINE)


def test_an_engine_that_is_down_ends_it_with_what_is_wrong(evaluate, write_usecase, server):
    write_usecase(managed(server, "never", zone="local"))
    server.status = lambda prompt: 401
    refused = evaluate()
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-2].startswith("engine.")
