"""A system that bears few requests: all deliveries arrive, all records come in. Time is scaled down a hundredfold."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graftwork.systems.errors import TargetDown
from graftwork.systems.http import limits
from graftwork.systems.http.system import HttpSystem
from support.httpfake import Asked, HttpFake, Reply
from support.httpsystem import PULL, PUSH, opened
from support.systems import delivery

RATE = "http = { rate = { requests = 20, per_seconds = 0.6 } }\n"
FILE = (
    RATE
    + PUSH
    + """
[push.requests.find]
path = "/tickets/{origin.key}/notes"
items = "notes"
mark = "mark"
[[push.requests]]
method = "PUT"
path = "/tickets/{origin.key}"
body = { status = "pending" }
"""
)
EACH = '[pull.each.comments]\npath = "/tickets/{item.id}/comments"\nitems = "comments"\n'


@pytest.fixture(autouse=True)
def _scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_SLEEP_SECONDS", 0.02)
    monkeypatch.setattr(limits, "LONGEST_SLEEP_BETWEEN_SECONDS", 0.6)


def test_deliveries_of_three_requests_all_arrive_and_none_is_begun_twice(tmp_path: Path) -> None:
    with HttpFake() as fake:
        notes: list[str] = []
        fake.on("GET", "/tickets/17/notes", Reply({"notes": []}))
        fake.on("POST", "/tickets/17/notes", lambda asked: (notes.append(asked.json["mark"]), Reply({"id": 1}, 201))[1])
        fake.on("PUT", "/tickets/17", Reply({}))
        system = opened(fake, tmp_path, FILE)
        with ThreadPoolExecutor(4) as threads:
            waited = list(threads.map(lambda number: _pushed(system, f"gw-{number:04}"), range(30)))
        system.close()

    assert sorted(notes) == [f"gw-{number:04}" for number in range(30)]
    assert any(waited)
    assert len(fake.requests) == 90


def _pushed(system: HttpSystem, key: str) -> int:
    for tries in range(200):
        try:
            system.push(delivery(key=key, origin={"key": "17"}))
        except TargetDown as down:
            time.sleep(down.retry_after_seconds or 0)
        else:
            return tries
    pytest.fail("it never arrived")


def test_records_that_need_further_requests_come_in_a_few_at_a_time(tmp_path: Path) -> None:
    tickets = [{"id": number, "subject": "A kettle", "body": "Where is it?"} for number in range(12)]
    asked_for: list[str] = []

    def comments(asked: Asked) -> Reply:
        asked_for.append(asked.path)
        return Reply({"comments": []})

    with HttpFake() as fake:
        fake.on("GET", "/tickets", Reply({"tickets": tickets}))
        for ticket in tickets:
            fake.on("GET", f"/tickets/{ticket['id']}/comments", comments)
        system = opened(fake, tmp_path, RATE + PULL + EACH)
        keys, cursor, more = [], None, True
        for _ in range(200):
            try:
                pulled = system.pull(cursor, 200)
            except TargetDown as down:
                time.sleep(down.retry_after_seconds or 0)
                continue
            assert pulled.records or not pulled.more  # each call that asks brings something
            keys += [record.key for record in pulled.records]
            cursor, more = dict(pulled.cursor), pulled.more
            if not more:
                break
        system.close()

    assert (keys, more) == ([str(number) for number in range(12)], False)
    assert len(asked_for) == 12
