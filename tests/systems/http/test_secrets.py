"""Credentials over HTTP: each way to show them, and that a planted one turns up nowhere else."""

import base64
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.errors import ConnectorError, TargetDenied, TargetDown, TargetError
from graftwork.systems.http.system import HttpSystem
from graftwork.systems.secret import scrub
from support.httpfake import Asked, HttpFake, Reply, refused_port
from support.httpsystem import PULL, PUSH, connector, opened, pull_all
from support.systems import delivery, surroundings

PLANTED = "pl4nted-s3cret-0815"
SETTINGS = '[settings]\nuser = "ann@example.com"\n[settings.token]\nsecret = true\nvalue = "env:ACME_TOKEN"\n'

AUTHS = {
    "basic": 'kind = "basic"\nuser = "{setting.user}/token"\npassword = "{setting.token}"',
    "bearer": 'kind = "bearer"\ntoken = "{setting.token}"',
    "header": 'kind = "header"\nname = "X-Key"\nvalue = "Token token={setting.token}"',
    "query": 'kind = "query"\nname = "api_key"\nvalue = "{setting.token}"\nnothing_else = true',
}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpFake]:
    monkeypatch.setenv("ACME_TOKEN", PLANTED)
    with HttpFake() as running:
        running.on("GET", "/tickets", Reply({"tickets": []}))
        yield running


def file(kind: str, rest: str = PULL) -> str:
    return f"{SETTINGS}[http.auth]\n{AUTHS[kind]}\n{rest}"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("basic", {"authorization": "Basic " + base64.b64encode(f"ann@example.com/token:{PLANTED}".encode()).decode()}),
        ("bearer", {"authorization": f"Bearer {PLANTED}"}),
        ("header", {"x-key": f"Token token={PLANTED}"}),
    ],
)
def test_a_secret_is_shown_in_the_header_that_the_file_names(
    fake: HttpFake, tmp_path: Path, kind: str, shown: dict[str, str]
) -> None:
    pull_all(opened(fake, tmp_path, file(kind)))

    (asked,) = fake.requests
    assert shown.items() <= asked.headers.items()
    assert PLANTED not in asked.target


def test_a_key_in_addresses_is_sent_and_never_kept(fake: HttpFake, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply({"tickets": [], "next": f"{asked.target}&p=2" if asked.one("p") is None else None})

    fake.on("GET", "/tickets", answer)
    system = opened(fake, tmp_path, file("query") + 'pages = { kind = "next", next = "next" }')

    first = system.pull(None, 10)
    system.pull(first.cursor, 10)

    assert PLANTED not in str(first.cursor)
    assert [asked.one("api_key") for asked in fake.requests] == [PLANTED, PLANTED]


def test_a_key_in_addresses_needs_the_word_that_there_is_no_other_way(tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="nothing_else"):
        connector(file("query").replace("nothing_else = true", ""))


def test_a_rotated_secret_is_taken_up_by_the_next_request(
    fake: HttpFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = opened(fake, tmp_path, file("bearer"))
    pull_all(system)
    monkeypatch.setenv("ACME_TOKEN", "another-one-17")
    pull_all(system)

    assert [asked.headers["authorization"] for asked in fake.requests] == [f"Bearer {PLANTED}", "Bearer another-one-17"]


@pytest.mark.parametrize(("kind", "value"), [("bearer", ""), ("bearer", "a\r\nX-Evil: 1"), ("header", "日本日本日本")])
def test_a_secret_that_is_missing_or_no_header_lets_everything_wait(
    fake: HttpFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, value: str
) -> None:
    monkeypatch.setenv("ACME_TOKEN", value)

    with pytest.raises(TargetDenied) as denied:
        opened(fake, tmp_path, file(kind)).pull(None, 10)

    assert fake.requests == []
    assert "Evil" not in str(denied.value)


@pytest.mark.parametrize(
    "place", ["path = '/x/{setting.token}'", "query = { a = '{setting.token}' }", "body = '{setting.token}'"]
)
def test_a_secret_may_be_named_where_credentials_stand_only(place: str) -> None:
    with pytest.raises(ConnectorError, match=r"secrets may stand in \[http.auth\] only"):
        connector(SETTINGS + PULL.replace('path = "/tickets"', place))


@pytest.mark.parametrize("value", [PLANTED, "env:", "file:", "env:GRAFTWORK_KEY", 17, ""])
def test_a_secret_that_stands_in_the_file_is_refused_without_being_shown(value: Any) -> None:
    text = file("bearer").replace('"env:ACME_TOKEN"', repr(value))

    with pytest.raises(ConnectorError) as refused:
        connector(text)

    assert PLANTED not in str(refused.value) + repr(refused.value)
    assert "settings.token" in str(refused.value)


@pytest.mark.parametrize("kind", sorted(AUTHS))
@pytest.mark.parametrize("reply", [
    Reply({"error": PLANTED}, 401), Reply({"error": PLANTED}, 400), Reply({"error": PLANTED}, 500),
    Reply(PLANTED.encode()), Reply({}, 302, {"Location": f"https://elsewhere.example.com/{PLANTED}"}),
    Reply({}, fault="close"), Reply({}, headers={"Bad Header": PLANTED, "X:": PLANTED}),
], ids=lambda reply: f"{reply.status}{reply.fault}")  # fmt: skip
def test_a_planted_secret_is_in_no_error_no_log_and_no_representation(
    fake: HttpFake, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, reply: Reply
) -> None:
    caplog.set_level(logging.DEBUG)
    made = connector("http.read_seconds = 0.3\n" + file(kind, PULL + PUSH), fake.url)
    system = HttpSystem(made, surroundings(tmp_path))
    fake.on_anything(lambda asked: reply)
    fake.on("GET", "/tickets", reply)
    told: list[str] = [repr(made), repr(system), str(vars(system)), str(made.model_dump())]
    for call in (
        lambda: system.pull(None, 10),
        lambda: system.push(delivery(origin={"key": "17"})),
        system.check,
    ):
        try:
            told.append(repr(call()))
        except TargetError as error:
            told += [str(error), repr(error), "".join(traceback.format_exception(error))]

    shown = " ".join(told) + caplog.text
    assert PLANTED not in shown
    assert base64.b64encode(f":{PLANTED}".encode()).decode()[4:20] not in shown


def test_an_unreachable_system_tells_no_secret_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ACME_TOKEN", PLANTED)
    system = HttpSystem(connector(file("query"), f"http://127.0.0.1:{refused_port()}"), surroundings(tmp_path))

    with pytest.raises(TargetDown) as down:
        system.pull(None, 10)

    assert PLANTED not in caplog.text + "".join(traceback.format_exception(down.value))


def test_what_was_read_is_scrubbed_wherever_else_it_might_turn_up(fake: HttpFake, tmp_path: Path) -> None:
    pull_all(opened(fake, tmp_path, file("basic")))

    shown = fake.requests[0].headers["authorization"]
    assert scrub(f"{PLANTED} {shown}") == "••• Basic •••"


# ---- OAuth 2 and CSRF ----------------------------------------------------------------------------

OAUTH = (
    SETTINGS
    + '[http.auth]\nkind = "oauth2"\ntoken_url = "{url}/token"\nclient_id = "us"\nclient_secret = "{setting.token}"\n'
    + PULL
    + PUSH
)


def test_an_access_token_is_fetched_once_and_anew_where_it_is_refused(fake: HttpFake, tmp_path: Path) -> None:
    tokens = iter(["first-token-1", "second-token-2"])
    good = {"first-token-1"}
    fake.on("POST", "/token", lambda asked: Reply({"access_token": next(tokens), "expires_in": 3600}))

    def answer(asked: Asked) -> Reply:
        return Reply({"tickets": []}, 200 if asked.headers["authorization"].removeprefix("Bearer ") in good else 401)

    fake.on("GET", "/tickets", answer)
    system = opened(fake, tmp_path, OAUTH.replace("{url}", fake.url))
    pull_all(system)
    pull_all(system)
    good.clear()
    good.add("second-token-2")
    pull_all(system)
    good.clear()
    with pytest.raises(ConnectorError):  # the fake has no third one
        pull_all(system)

    assert len(fake.asked("POST", "/token")) == 3
    assert PLANTED.encode() in fake.asked("POST", "/token")[0].body


def test_a_client_secret_is_the_name_of_a_setting_and_nothing_else() -> None:
    with pytest.raises(ConnectorError, match=r"setting\.NAME"):
        connector(OAUTH.replace('"{setting.token}"', '"abc{setting.token}"').replace("{url}", "https://id.example.com"))


def test_a_write_goes_with_a_fresh_token_of_the_system_and_its_cookies(fake: HttpFake, tmp_path: Path) -> None:
    given = iter(["csrf-1", "csrf-2"])
    now: list[str] = []

    def hand_out(asked: Asked) -> Reply:
        assert asked.headers["x-csrf-token"] == "Fetch"
        now[:] = [next(given)]
        return Reply({}, headers={"X-CSRF-Token": now[0], "Set-Cookie": f"session={now[0]}; Path=/; HttpOnly"})

    def take(asked: Asked) -> Reply:
        if asked.headers.get("x-csrf-token") != now[0] or asked.headers.get("cookie") != f"session={now[0]}":
            return Reply({}, 403, {"X-CSRF-Token": "Required"})
        return Reply({"id": 1}, 201)

    fake.on("GET", "/root", hand_out)
    fake.on("POST", "/tickets/17/notes", take)
    system = opened(fake, tmp_path, file("bearer", PULL + PUSH) + '[http.csrf]\npath = "/root"\n')

    system.push(delivery(origin={"key": "17"}))
    system.push(delivery(origin={"key": "17"}))
    now[:] = ["elsewhere"]  # the session is over
    fake.on("GET", "/root", lambda asked: Reply({}, headers={"X-CSRF-Token": "stale"}))
    with pytest.raises(TargetDenied):
        system.push(delivery(origin={"key": "17"}))
    fake.on("GET", "/root", hand_out)
    system.push(delivery(origin={"key": "17"}))

    assert len(fake.asked("POST", "/tickets/17/notes")) == 6
