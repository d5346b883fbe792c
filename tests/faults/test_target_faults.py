"""A target that is down, asks to wait, fails, answers by halves or too late: all arrives, in order, without hurry."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from support.product import free_port

pytestmark = pytest.mark.django_db
ITEMS = 12
CONNECTOR = """
name = "desk_of_old"
use_case = "note_reply"
system = "webhook"

[push]
of = "all"
on = ["approved", "escalated"]
url = "http://127.0.0.1:{port}/events"
secrets = ["env:TARGET_SECRET"]
timeout_seconds = 0.5
parallel = 4
first_wait_seconds = 2
longest_wait_seconds = 60
pause_after = 50
"""


class Target:
    """Knows a call by its id, as the specification of webhooks asks, and misbehaves by plan."""

    def __init__(self) -> None:
        self.port = free_port()
        self.plan: list[str] = []
        self.taken: list[dict[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.moments: list[datetime] = []
        self.now: datetime | None = None
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def up(self) -> None:
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                target.answer(self, self.headers["webhook-id"], body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, call: BaseHTTPRequestHandler, name: str, body: dict[str, Any]) -> None:
        with self._lock:
            self.calls[name] += 1
            assert self.now is not None
            self.moments.append(self.now)
            step = self.plan.pop(0) if self.plan else "take"
            if step in ("take", "half", "late") and all(one["id"] != name for one in self.taken):
                self.taken.append({**body, "id": name})
        if step == "late":
            threading.Event().wait(1.0)
        status = {"wait": 429, "fail": 500}.get(step, 200)
        call.send_response(status)
        call.send_header("Content-Length", "400" if step == "half" else "2")
        if step == "wait":
            call.send_header("Retry-After", "30")
        call.end_headers()
        with suppress(BrokenPipeError):  # who waited too long has gone
            call.wfile.write(b"{" if step == "half" else b"{}")
        call.close_connection = call.close_connection or step == "half"


@pytest.fixture
def target(
    write_connector: Callable[..., str],
    note_reply: object,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Target]:
    monkeypatch.setenv("TARGET_SECRET", "whsec_" + base64.b64encode(b"a" * 32).decode())
    made = Target()
    write_connector(text=CONNECTOR.format(port=made.port))
    yield made
    made.down()


def test_everything_arrives_once_in_order_and_nothing_is_asked_in_a_hurry(
    target,
    make_items,
    make_user,
    now,
    process,
):
    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.connectors.models import Delivery
    from graftwork.apps.connectors.pushing import push_turn
    from graftwork.apps.work.actions.reviewing import Verdict, claim, decide

    rita, olaf = actor_for_user(make_user("rita")), actor_for_user(make_user("olaf", "owner"))
    for item in make_items(ITEMS):
        for person, verdict in ((rita, Verdict("escalate", note="Covered?")), (olaf, Verdict("approve", "It is."))):
            claim(person, item.pk, now)
            decide(person, item.pk, verdict, now)
    target.plan = ["wait", *["fail", "take", "half", "take", "late"] * 5]
    clock = now + timedelta(minutes=1)
    for second in range(1_200):
        target.now = clock
        if second == 60:
            target.up()
        push_turn(process, "desk_of_old", clock=lambda: clock)  # noqa: B023 - called in this round
        if not Delivery.objects.exclude(state="delivered").exists():
            break
        clock += timedelta(seconds=1)
    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"delivered": 2 * ITEMS}
    assert len(target.taken) == 2 * ITEMS
    by_item: dict[str, list[str]] = {}
    for body in target.taken:
        by_item.setdefault(body["item"]["id"], []).append(body["type"])
    assert set(map(tuple, by_item.values())) == {("review.escalated", "review.approved")}
    # 26 steps of the plan, of which 16 lead to another call; and nothing for 30 s after it was asked to wait
    assert sum(target.calls.values()) <= 2 * ITEMS + 20
    asked = target.moments[0]
    assert not [moment for moment in target.moments if timedelta(0) < moment - asked < timedelta(seconds=30)]


def test_while_it_is_down_it_is_tried_seldom_and_costs_no_delivery_a_try(
    target,
    make_items,
    approve,
    now,
    process,
    monkeypatch,
):
    from graftwork.apps.connectors import pushing
    from graftwork.apps.connectors.models import Delivery

    [item] = make_items(1)
    approve(item)
    turns = Counter()

    original = pushing._push
    monkeypatch.setattr(pushing, "_push", lambda *args: (turns.update(["send"]), original(*args))[1])
    for second in range(600):
        pushing.push_turn(process, "desk_of_old", clock=lambda: now + timedelta(seconds=60 + second))  # noqa: B023
    assert turns["send"] <= 18  # 2, 4, 8, 16, 32 seconds, then once a minute
    row = Delivery.objects.get()
    assert (row.state, row.tries) == ("waiting", 0)
