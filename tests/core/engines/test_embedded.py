"""The embedded engine with the real SmolLM2."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from graftwork.core.engines.embedded import EmbeddedEngine
from graftwork.core.engines.embedded_server import EmbeddedServer
from graftwork.core.errors import EngineContextExceeded, EngineUnavailable
from graftwork.core.types import GenerationRequest, Message
from support.scripted import a_request

T = TypeVar("T")
SYSTEM = "You answer letters to a shop that repairs bicycles. " + "Be polite, be short, and promise nothing. " * 12


@pytest.fixture(scope="module")
def server(test_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    running = EmbeddedServer(test_model, "smollm2-135m", slots=2, context_tokens_per_slot=1024, log_path=log)
    running.start()
    yield running
    running.stop()


@asynccontextmanager
async def engine_at(server: EmbeddedServer) -> AsyncIterator[EmbeddedEngine]:
    engine = EmbeddedEngine(
        name="e", model=server.model_name, url=server.url, api_key=server.api_key, slots=2, context_tokens=1024
    )
    try:
        yield engine
    finally:
        await engine.close()


def ask(server: EmbeddedServer, use: Callable[[EmbeddedEngine], Awaitable[T]]) -> T:
    async def go() -> T:
        async with engine_at(server) as engine:
            return await use(engine)

    return asyncio.run(go())


def letter(text: str, **changes: object) -> GenerationRequest:
    return GenerationRequest((Message("system", SYSTEM), Message("user", text)), max_tokens=8, **changes)  # type: ignore[arg-type] - a table of settings


@pytest.mark.model
def test_the_real_model_answers_in_pieces_with_its_counts(server: EmbeddedServer) -> None:
    pieces: list[str] = []
    answer = ask(server, lambda engine: engine.generate(a_request("Say hello."), pieces.append))
    assert "".join(pieces) == answer.text != ""
    assert len(pieces) > 1
    assert answer.prompt_tokens is not None
    assert answer.completion_tokens is not None
    assert answer.prompt_tokens > 5 < answer.completion_tokens
    assert (answer.model, answer.zone, answer.cost) == ("smollm2-135m", "local", None)


@pytest.mark.model
def test_shared_instructions_are_read_once_and_on_request_again(server: EmbeddedServer) -> None:
    first = ask(server, lambda engine: engine.generate(letter("The chain is broken.")))
    again = ask(server, lambda engine: engine.generate(letter("The saddle is gone.")))
    anew = ask(server, lambda engine: engine.generate(letter("The lamp is dark.", reuse_prefix=False)))
    assert first.prompt_tokens is not None
    assert again.cached_tokens is not None
    assert again.cached_tokens > first.prompt_tokens // 2
    assert anew.cached_tokens == 0


@pytest.mark.model
def test_json_is_held_to_the_schema(server: EmbeddedServer) -> None:
    schema = {
        "type": "object",
        "properties": {"urgent": {"type": "boolean"}, "topic": {"enum": ["chain", "lamp"]}},
        "required": ["urgent", "topic"],
        "additionalProperties": False,
    }
    request = a_request("My lamp is broken, hurry!", json_schema=schema, max_tokens=64)
    value = json.loads(ask(server, lambda engine: engine.generate(request)).text)
    assert set(value) == {"urgent", "topic"}
    assert isinstance(value["urgent"], bool)


@pytest.mark.model
def test_tokens_are_counted_by_the_model(server: EmbeddedServer) -> None:
    assert ask(server, lambda engine: engine.count_tokens("hello world")) == 2


@pytest.mark.model
def test_a_request_beyond_the_context_of_a_slot_is_named(server: EmbeddedServer) -> None:
    with pytest.raises(EngineContextExceeded):
        ask(server, lambda engine: engine.generate(a_request("word " * 1100)))


@pytest.mark.model
def test_cancelling_stops_the_servers_work(server: EmbeddedServer) -> None:
    def cpu_seconds() -> float:
        fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def go(engine: EmbeddedEngine) -> float:
        begun = asyncio.Event()
        task = asyncio.create_task(
            engine.generate(a_request("Tell a very long story.", max_tokens=900), lambda _: begun.set())
        )
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(1.0)
        before = cpu_seconds()
        await asyncio.sleep(1.0)
        return cpu_seconds() - before

    assert ask(server, go) < 0.3


@pytest.mark.model
@pytest.mark.parametrize("path", ["/v1/models", "/slots", "/metrics", "/props", "/", "/v1/chat/completions"])
def test_nothing_but_health_answers_without_the_key(server: EmbeddedServer, path: str) -> None:
    base = server.url.removesuffix("/v1")
    assert urllib.request.urlopen(f"{base}/health").status == 200
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(base + path)
    assert caught.value.code in (401, 404)


@pytest.mark.model
def test_neither_key_nor_text_shows_in_command_line_log_or_repr(server: EmbeddedServer) -> None:
    ask(server, lambda engine: engine.generate(a_request("Swordfish is the word.")))
    assert server.log_path is not None
    log = server.log_path.read_text()
    assert "Swordfish" not in log
    assert server.api_key not in log + repr(server) + Path(f"/proc/{server.pid}/cmdline").read_text()


@pytest.mark.model
def test_a_server_that_was_killed_comes_back_at_the_same_address(test_model: Path) -> None:
    server = EmbeddedServer(test_model, "smollm2-135m", slots=1, context_tokens_per_slot=512)
    server.start()
    url = server.url
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)  # ignored
    assert server.alive()
    os.kill(server.pid, signal.SIGKILL)
    while server.alive():
        time.sleep(0.05)
    server.start()
    assert server.url == url
    assert server.alive()
    server.stop()
    assert not server.alive()


@pytest.mark.model
def test_the_server_ends_when_its_parent_is_killed(test_model: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from graftwork.core.engines.embedded_server import EmbeddedServer\n"
        "server = EmbeddedServer(Path(sys.argv[1]), 'm', slots=1, context_tokens_per_slot=512); server.start()\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(test_model)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_file_that_is_no_model_is_named_with_the_log(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_text("no model")
    server = EmbeddedServer(tmp_path / "m.gguf", "m", log_path=tmp_path / "engine.log")
    with pytest.raises(EngineUnavailable, match="did not start"):
        server.start()
    assert not server.alive()
