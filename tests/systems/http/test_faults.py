"""Hostile and broken systems: nothing hangs, nothing grows without bound, nothing leaves for another host."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.errors import ConnectorInvalid, Rejected, TargetDenied, TargetDown, TargetError, TryFailed
from graftwork.systems.http.system import HttpSystem
from support.httpfake import HttpFake, Reply, refused_port
from support.httpsystem import PULL, PUSH, connector, opened, pull_all
from support.systems import delivery, surroundings

TICKETS = {"tickets": [{"id": 1, "subject": "A kettle", "body": "x" * 1_000}]}


@pytest.fixture
def fake() -> Iterator[HttpFake]:
    with HttpFake() as running:
        running.on("GET", "/tickets", Reply(TICKETS))
        yield running


@pytest.mark.parametrize("fault", ["close", "half", "half_chunked"])
def test_half_an_answer_fails_and_the_next_try_gets_a_whole_one(fake: HttpFake, tmp_path: Path, fault: Any) -> None:
    system = opened(fake, tmp_path, PULL)
    fake.next("GET", "/tickets", Reply(TICKETS, fault=fault))

    with pytest.raises(TryFailed, match="broke off"):
        system.pull(None, 10)
    records, _ = pull_all(system)

    assert [record.key for record in records] == ["1"]


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[1", b'{"tickets": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"tickets": [' + b"9" * 5_000 + b"]}",
     b'{"tickets": {}}', b'{"tickets": "x"}'],
)  # fmt: skip
def test_an_answer_that_is_no_listing_fails_without_being_quoted(fake: HttpFake, tmp_path: Path, body: bytes) -> None:
    fake.on("GET", "/tickets", Reply(body))

    with pytest.raises(TryFailed) as failed:
        pull_all(opened(fake, tmp_path, PULL))

    assert "html" not in str(failed.value).lower()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"tickets": null}', b'{"tickets": []}', b"[]", b"3"])
def test_an_answer_that_says_nothing_is_an_empty_listing(fake: HttpFake, tmp_path: Path, body: bytes) -> None:
    fake.on("GET", "/tickets", Reply(body))

    assert pull_all(opened(fake, tmp_path, PULL))[0] == []


def test_an_answer_that_is_too_large_is_left_unread_also_where_it_is_packed_small(
    fake: HttpFake, tmp_path: Path
) -> None:
    file = "http = { largest_answer_mb = 1 }\n" + PULL
    bomb = gzip.compress(b" " * 300_000_000)
    fake.on("GET", "/tickets", Reply(bomb, headers={"Content-Encoding": "gzip"}))
    began = time.monotonic()

    with pytest.raises(TryFailed, match="more than 1 MB"):
        opened(fake, tmp_path, file).pull(None, 10)
    fake.on("GET", "/tickets", Reply(b" " * 1_100_000))
    with pytest.raises(TryFailed, match="more than 1 MB"):
        opened(fake, tmp_path, file).pull(None, 10)

    assert time.monotonic() - began < 5


def test_a_packed_answer_is_unpacked_and_a_broken_one_fails(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/tickets", Reply(TICKETS, compressed=True))
    assert len(pull_all(opened(fake, tmp_path, PULL))[0]) == 1

    fake.on("GET", "/tickets", Reply(b"no gzip", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(TryFailed, match="unpacked"):
        opened(fake, tmp_path, PULL).pull(None, 10)


@pytest.mark.parametrize("fault", ["drip_headers", "drip_body"])
def test_a_system_that_answers_byte_by_byte_is_given_up(fake: HttpFake, tmp_path: Path, fault: Any) -> None:
    fake.on("GET", "/tickets", Reply(TICKETS, fault=fault))
    began = time.monotonic()

    with pytest.raises(TryFailed):
        opened(fake, tmp_path, "http = { read_seconds = 0.5, total_seconds = 1 }\n" + PULL).pull(None, 10)

    assert time.monotonic() - began < 5


def test_a_redirect_on_the_same_host_is_followed_to_read_and_one_elsewhere_never(
    fake: HttpFake, tmp_path: Path
) -> None:
    with HttpFake() as other:
        other.on_anything(lambda asked: Reply(TICKETS))
        fake.on("GET", "/moved", Reply({}, 307, {"Location": "/tickets"}))
        fake.on("GET", "/away", Reply({}, 302, {"Location": f"{other.url}/tickets"}))
        fake.on("GET", "/round", Reply({}, 302, {"Location": "/round"}))

        assert len(pull_all(opened(fake, tmp_path, PULL.replace("/tickets", "/moved")))[0]) == 1
        for path in ("/away", "/round"):
            with pytest.raises(TargetDenied, match="redirect"):
                opened(fake, tmp_path, PULL.replace("/tickets", path)).pull(None, 10)

        assert other.requests == []
        assert len(fake.asked("GET", "/round")) <= 4


def test_a_name_that_is_not_known_and_a_port_that_is_closed_are_a_system_that_is_down(tmp_path: Path) -> None:
    for url in ("http://no-such-host.invalid.internal", f"http://127.0.0.1:{refused_port()}"):
        with pytest.raises(TargetDown):
            HttpSystem(connector(PULL, url), surroundings(tmp_path)).pull(None, 10)


def test_a_certificate_that_nobody_signed_is_not_trusted(fake: HttpFake, tmp_path: Path) -> None:
    """The fake speaks no TLS, which is the least that a connection must notice."""
    with pytest.raises(TargetDown):
        HttpSystem(connector(PULL, fake.url.replace("http:", "https:")), surroundings(tmp_path)).pull(None, 10)

    assert fake.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://desk.example.com", "ftp://desk.example.com", "https://", "https://user:pw@desk.example.com",
     "https://desk.example.com/?a=1", "https://desk.example.com/#x", "desk.example.com", "https://desk.example.com:x"],
)  # fmt: skip
def test_a_base_that_is_no_address_or_in_the_clear_is_refused_without_being_quoted(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConnectorInvalid) as refused:
        HttpSystem(connector(PULL, url), surroundings(tmp_path))

    assert "pw" not in str(refused.value).replace("plain_http", "")
    assert "http.base_url" in str(refused.value)


@pytest.mark.parametrize("site", ["evil.example.com/", "x@evil.example.com", "x#", "x?", "a\\b", "a:1", "", "a b"])
def test_a_setting_cannot_lead_to_another_host(tmp_path: Path, site: str) -> None:
    file = f'[settings]\nsite = {site!r}\n[http]\nbase_url = "https://{{setting.site}}.desk.example.com/api"\n' + PULL

    with pytest.raises(ConnectorInvalid):
        HttpSystem(connector(file), surroundings(tmp_path))


def test_plain_http_is_for_the_own_network_unless_the_file_says_so(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:1", "http://erp.internal/x", "http://10.0.0.5", "https://desk.example.com"):
        HttpSystem(connector(PULL, url), surroundings(tmp_path))
    HttpSystem(connector("http = { plain_http = true }\n" + PULL, "http://desk.example.com"), surroundings(tmp_path))


def test_what_fails_leaves_as_an_error_of_ours_without_a_cause_that_quotes(fake: HttpFake, tmp_path: Path) -> None:
    failing = opened(fake, tmp_path, PULL + PUSH)
    fake.on("GET", "/tickets", Reply({}, fault="close"))
    fake.on("POST", "/tickets/17/notes", Reply({"error": "my number is 4711"}, 422))
    for call in (
        lambda: failing.pull(None, 10),
        lambda: failing.push(delivery(text="4711", origin={"key": "17"})),
        lambda: failing.push(delivery(text="4711", origin={})),
    ):
        with pytest.raises(TargetError) as failed:
            call()
        assert failed.value.__cause__ is None
        assert failed.value.__suppress_context__ or failed.value.__context__ is None
        assert "4711" not in str(failed.value) + repr(failed.value)


def test_a_system_without_a_table_says_so(fake: HttpFake, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        opened(fake, tmp_path, PUSH).pull(None, 10)
    with pytest.raises(Rejected):
        opened(fake, tmp_path, PULL).push(delivery())


def test_a_check_changes_nothing_and_tells_what_answered(fake: HttpFake, tmp_path: Path) -> None:
    fake.on("GET", "/me", Reply({"name": "my number is 4711"}))
    lines = opened(fake, tmp_path, PULL + PUSH + '[probe]\npath = "/me"\n').check()

    assert lines[0] == f"address http://127.0.0.1:{fake.port}"
    assert "HTTP 200" in lines[1]
    assert "1 on its first page" in lines[2]
    assert "4711" not in " ".join(lines)
    assert {asked.method for asked in fake.requests} == {"GET"}
    assert "nothing was tried" in opened(fake, tmp_path, PUSH).check()[-1]
