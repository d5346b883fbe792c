"""The page about a new HTTP system: its two files, as they are printed there, against what its table says."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graftwork.core.items import read_row
from graftwork.core.usecase_file import load
from graftwork.systems.contract import Receipt, System
from graftwork.systems.errors import Conflict, TargetDown, TryFailed
from graftwork.systems.loading import load_connector, open_system
from support.httpfake import Asked, HttpFake, Reply
from support.httpsystem import pull_all
from support.systems import delivery, surroundings

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "how-to" / "connect-an-http-system.md"
TOKEN = "desk-t0ken-17"


class CaseDesk:
    """What the table of the page says, and nothing more."""

    def __init__(self, fake: HttpFake) -> None:
        self.cases: dict[int, dict[str, Any]] = {}
        self.messages: dict[int, list[dict[str, Any]]] = {}
        fake.on_anything(self.answer)

    def say(self, case: int, by: str, text: str, **more: Any) -> int:
        message = {"id": 300 + sum(map(len, self.messages.values())), "by": by, "text": text, "internal": False, **more}
        self.messages.setdefault(case, []).append(message)
        known = self.cases.setdefault(case, {"id": case, "title": f"Case {case}", "state": "open", "customer": "k-88"})
        known["changed"] = f"2026-11-22T09:{message['id'] - 300:02}:00Z"
        return int(message["id"])

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-desk-token") != TOKEN:
            return Reply({}, 401)
        if asked.path == "/api/cases":
            return Reply({"cases": self.listed(asked)})
        case = int(asked.path.split("/")[3])
        match asked.method, asked.path.endswith("/messages"):
            case "GET", True:
                return Reply({"messages": self.messages[case]})
            case "POST", True:
                return Reply({"id": self.say(case, "graftwork", **asked.json)}, 201)
            case "PUT", False:
                self.cases[case] |= asked.json
                return Reply({})
        return Reply({}, 404)

    def listed(self, asked: Asked) -> list[dict[str, Any]]:
        page, size, start = int(asked.one("page") or 1), int(asked.one("size") or 50), asked.one("changed_from") or ""
        found = sorted(self.cases.values(), key=lambda case: case["changed"])
        return [case for case in found if case["changed"] >= start][(page - 1) * size : page * size]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpFake]:
    """The desk of the page, under the name and the port that the page gives it."""
    monkeypatch.setenv("CASE_DESK_TOKEN", TOKEN)
    with HttpFake() as running:
        real = socket.getaddrinfo

        def desk_is_here(host: str, port: int, *more: Any, **named: Any) -> Any:
            here = (host, port) == ("desk.internal", 8090)
            return real("127.0.0.1", running.port, *more, **named) if here else real(host, port, *more, **named)

        monkeypatch.setattr(socket, "getaddrinfo", desk_is_here)
        yield running


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    printed = re.findall(r"`(connectors/[\w/]+\.toml)`[^\n]*\n\n```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [name for name, _ in printed] == ["connectors/systems/case_desk.toml", "connectors/cases.toml"]
    (tmp_path / "connectors" / "systems").mkdir(parents=True)
    for name, text in printed:
        (tmp_path / name).write_text(text, "utf-8")
    opened = open_system(load_connector(tmp_path / "connectors" / "cases.toml"), surroundings(tmp_path))
    yield opened
    opened.close()


def test_cases_come_in_and_the_approved_text_goes_back(fake: HttpFake, system: System) -> None:
    desk = CaseDesk(fake)
    for case in range(1, 56):
        desk.say(case, "k-88", "Where is my kettle?")
    desk.say(55, "staff", "We are looking.", internal=True)
    desk.say(55, "k-88", "And?")
    desk.say(54, "staff", "It left on Monday.")

    records, cursor = pull_all(system)  # type: ignore[arg-type]  # as every system
    last = next(record for record in records if record.thread == "55")
    receipt = system.push(delivery(origin=last.origin))
    again, _ = pull_all(system, cursor=cursor)  # type: ignore[arg-type]

    assert "rate" not in system.check()[0]
    assert len(records) == 54  # of the last one staff has the last word
    use_case = load(ROOT / "src" / "graftwork" / "usecases" / "support_reply.toml")
    assert all(read_row(use_case, record.row, line=1) for record in records)
    assert last.row["conversation"] == [
        {"from": "customer", "text": "Where is my kettle?"},
        {"from": "customer", "text": "And?"},
    ]
    assert receipt == Receipt(str(desk.messages[55][-1]["id"]))
    assert desk.messages[55][-1]["text"] == "Your parcel left on Monday."
    assert desk.cases[55]["state"] == "draft_ready"
    assert again == []  # our own message is no news
    desk.cases[55]["state"] = "open"
    desk.say(55, "k-88", "Thank you, but which Monday?")
    (news,), _ = pull_all(system, cursor=cursor)  # type: ignore[arg-type]
    assert (news.thread, news.key) == ("55", f"55-{desk.messages[55][-1]['id']}")


def test_a_broken_answer_writes_no_second_message_and_a_new_one_of_the_customer_is_a_conflict(
    fake: HttpFake, system: System
) -> None:
    desk = CaseDesk(fake)
    desk.say(17, "k-88", "Where is my kettle?")
    (record,), _ = pull_all(system)  # type: ignore[arg-type]
    took = desk.answer

    def break_off(asked: Asked) -> Reply:
        found = took(asked)
        return Reply(found.body, found.status, fault="close") if asked.method == "POST" else found

    fake.on_anything(break_off)
    with pytest.raises(TryFailed) as failed:
        system.push(delivery(origin=record.origin))
    fake.on_anything(took)
    receipt = system.push(delivery(origin=record.origin, unsure=failed.value.unsure))
    desk.say(17, "k-88", "Hello?")
    with pytest.raises(Conflict):
        system.push(delivery(key="gw-second", origin=record.origin))

    assert receipt.reference == "301"
    assert [message["by"] for message in desk.messages[17]] == ["k-88", "graftwork", "k-88"]


def test_too_many_requests_wait_as_long_as_the_desk_says(fake: HttpFake, system: System) -> None:
    fake.on_anything(lambda asked: Reply({}, 429, {"Retry-After": "20"}))

    with pytest.raises(TargetDown) as down:
        system.pull(None, 50)

    assert 15 < (down.value.retry_after_seconds or 0) <= 20
