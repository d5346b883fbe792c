"""`graftwork up` as a person runs it: ready, drafting, mending itself, and gone without a trace when told to end."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.product import Product, children, free_port, kill_hard, wait_until

pytestmark = pytest.mark.slow

USE_CASE = """
name = "up_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
echo_delay_seconds = {delay}
slots = 2
"""

STATE = """
import json
from graftwork.apps.work.models import Item
print(json.dumps(list(Item.objects.order_by("pk").values_list("external_id", "state", "lease_owner"))))
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    made = Product(tmp_path_factory.mktemp("up"), worker_sweep_seconds=1, worker_poll_seconds=0.1)
    made.add_usecase("up_reply", USE_CASE.format(delay=0))
    (made.folder / "usecases" / "first_try.toml").unlink()  # it would load a model
    made.env["GRAFTWORK_TEST_TOKEN"] = _token(made)
    return made


@pytest.fixture
def up(product: Product) -> Iterator[subprocess.Popen[bytes]]:
    running = start(product)
    wait_until(product.answers, 30, "the desk to answer")
    yield running
    below = [pid for pids in children(running.pid).values() for pid in pids]
    if running.poll() is None:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            kill_hard(running.pid, *below)
            running.wait()


def start(product: Product) -> subprocess.Popen[bytes]:
    """Without a model: the packaged use case's is never asked for here, and loading it would take the time."""
    (product.folder / "log").write_bytes(b"")
    product.env["GRAFTWORK_MODELS"] = str(product.folder / "no-models")
    return product.start("up")


def _token(product: Product) -> str:
    product.call("user", "add", "feeder", "--role", "ops")
    shown = product.call("token", "add", "feeder", "--user", "feeder", "--scope", "items:write").stdout
    return next(word for word in shown.split() if word.startswith("gw_"))


def post(product: Product, *names: str) -> None:
    body = json.dumps({"use_case": "up_reply", "items": [{"id": name, "text": "Where is it?"} for name in names]})
    headers = {"Authorization": f"Bearer {product.env['GRAFTWORK_TEST_TOKEN']}", "Content-Type": "application/json"}
    request = urllib.request.Request(product.url("/api/v1/items/batch"), body.encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200


def states(product: Product) -> dict[str, str]:
    return {name: state for name, state, _ in json.loads(product.python(STATE))}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def gone(pids: list[int]) -> bool:
    return not any(alive(pid) for pid in pids)


def descendants(pid: int) -> list[int]:
    return [child for pids in children(pid).values() for child in pids]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_an_item_handed_in_is_drafted_and_the_end_is_clean(product, up, number):
    post(product, f"a-{number}")
    wait_until(lambda: states(product).get(f"a-{number}") == "ready", 15, "the draft")
    below = descendants(up.pid)
    assert len(below) == 2
    asked = time.monotonic()
    up.send_signal(number)
    assert up.wait(15) == 0
    assert time.monotonic() - asked < 15
    assert gone(below)
    log = (product.folder / "log").read_text(encoding="utf-8")
    assert "Ready in " in log
    assert "Traceback" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_what_is_being_drafted_is_given_back_at_the_end(product, up, number):
    product.add_usecase("up_reply", USE_CASE.format(delay=30))
    try:
        post(product, *(f"b-{number}-{n}" for n in range(6)))
        wait_until(lambda: "drafting" in states(product).values(), 15, "a lease")
        below = descendants(up.pid)
        up.send_signal(number)
        assert up.wait(15) == 0
        assert gone(below)
        rows = [row for row in json.loads(product.python(STATE)) if row[0].startswith(f"b-{number}")]
        assert {(state, owner) for _, state, owner in rows} == {("waiting", "")}
    finally:
        product.add_usecase("up_reply", USE_CASE.format(delay=0))


def test_a_worker_that_is_killed_is_started_again_and_takes_over(product, up):
    product.add_usecase("up_reply", USE_CASE.format(delay=2))
    try:
        post(product, "c-1", "c-2")
        wait_until(lambda: states(product)["c-1"] == "drafting", 40, "a lease")
        [worker] = children(up.pid)["worker"]
        kill_hard(worker)
        wait_until(lambda: children(up.pid).get("worker", [worker]) != [worker], 30, "another worker")
        wait_until(lambda: {states(product)[name] for name in ("c-1", "c-2")} == {"ready"}, 60, "both drafts")
        assert "The worker ended (code -9); starting it again." in (product.folder / "log").read_text(encoding="utf-8")
    finally:
        product.add_usecase("up_reply", USE_CASE.format(delay=0))


def test_a_web_server_that_is_killed_answers_again(product, up):
    [web] = children(up.pid)["web"]
    kill_hard(web)
    wait_until(
        lambda: children(up.pid).get("web", [web]) != [web] and product.answers(), 15, "the desk to answer again"
    )


def test_when_the_supervisor_is_killed_its_processes_end_by_themselves(product, up):
    below = descendants(up.pid)
    kill_hard(up.pid)
    up.wait()
    wait_until(lambda: gone(below), 10, "the web server and the worker to end")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", product.port))


def test_a_port_that_is_taken_is_one_clear_error(product):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", product.port))
        other.listen()
        refused = product.call("up", check=False)
    assert refused.returncode == 2
    assert f"workspace.port_taken: 127.0.0.1:{product.port} is in use by another program" in refused.stderr
    assert "GRAFTWORK_WEB_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_of_the_gateway_is_the_same_error_before_anything_starts(product):
    port = free_port()
    env = {"GRAFTWORK_GATEWAY_ENABLED": "true", "GRAFTWORK_GATEWAY_PORT": str(port)}
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        product.env.update(env)
        try:
            answers = [product.call(command, check=False) for command in ("up", "gateway")]
        finally:
            for name in env:
                del product.env[name]
    for refused in answers:
        assert refused.returncode == 2
        assert f"workspace.port_taken: 127.0.0.1:{port} is in use by another program" in refused.stderr
        assert "GRAFTWORK_GATEWAY_PORT" in refused.stderr
