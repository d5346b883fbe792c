"""Calls that go out: what is posted, how it is signed, and what each answer means."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown, TryFailed
from graftwork.systems.webhook.file import WebhookConnector
from graftwork.systems.webhook.sending import seconds_of
from graftwork.systems.webhook.signing import SCHEMES, key_bytes, verify
from graftwork.systems.webhook.system import WebhookSystem
from support.systems import NOW, delivery, surroundings

SECRET = "whsec_Z3JhZnR3b3JrLXRlc3RzLXNlY3JldC0xNw=="
NEXT = "whsec_dGhlLW5leHQtc2VjcmV0LW9mLXRoZS10ZXN0cw=="


@dataclass
class Target:
    """A server that answers as it is told, and keeps what it got. `status` 0 hangs up, -1 says nothing at all."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"answer-of-the-target"
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def target() -> Iterator[Target]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            found.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if found.status == -1:
                time.sleep(1.5)
            if found.status <= 0:
                self.close_connection = True
                return
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(found.answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found.answer)

        do_HEAD = do_POST  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller that has heard enough
    found = Target(f"http://127.0.0.1:{server.server_address[1]}/hook")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def there() -> Iterator[Target]:
    with target() as found:
        yield found


def system(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **push: Any) -> WebhookSystem:
    monkeypatch.setenv("OUT", SECRET)
    monkeypatch.setenv("OUT_NEXT", NEXT)
    monkeypatch.setenv("OUT_AUTH", "Bearer planted-token-17")
    table = {"url": url, "secrets": ["env:OUT"], "timeout_seconds": 0.5, **push}
    data = {"name": "crm", "use_case": "support_reply", "system": "webhook", "push": table}
    return WebhookSystem(WebhookConnector.model_validate(data), surroundings(folder))


def test_a_decision_is_posted_signed_and_a_repeat_says_the_same(there, tmp_path, monkeypatch):
    out = system(there.url, tmp_path, monkeypatch, authorization="env:OUT_AUTH")
    assert out.push(delivery(values={"a": 1}, reason="tone", reviewer="ada")).reference == "gw-0190c0de"
    out.push(delivery(values={"a": 1}, reason="tone", reviewer="ada", tries=2, unsure=True))
    (path, headers, body), (_, again, same) = there.calls
    assert path == "/hook"
    assert json.loads(body) == {
        "version": 1,
        "id": "gw-0190c0de",
        "type": "review.approved",
        "use_case": "support_reply",
        "item": {"id": "17", "thread": "17"},
        "decision": "accepted",
        "decided_at": "2026-11-22T12:00:00Z",
        "text": "Your parcel left on Monday.",
        "values": {"a": 1},
        "reason": "tone",
        "note": "",
    }
    assert same == body
    assert headers["webhook-id"] == again["webhook-id"] == headers["idempotency-key"] == "gw-0190c0de"
    assert headers["content-type"] == "application/json"
    assert headers["authorization"] == "Bearer planted-token-17"
    verify(SCHEMES["standard"], [key_bytes(SECRET, "whsec")], headers, body, now=NOW, window_seconds=1)


def test_while_the_secret_is_changed_both_sign(there, tmp_path, monkeypatch):
    system(there.url, tmp_path, monkeypatch, secrets=["env:OUT", "env:OUT_NEXT"]).push(delivery())
    _, headers, body = there.calls[0]
    for secret in (SECRET, NEXT):
        verify(SCHEMES["standard"], [key_bytes(secret, "whsec")], headers, body, now=NOW, window_seconds=1)


def test_who_decided_is_said_only_where_the_file_asks_for_it(there, tmp_path, monkeypatch):
    system(there.url, tmp_path, monkeypatch, name_reviewer=True).push(delivery(reviewer="ada"))
    assert json.loads(there.calls[0][2])["reviewer"] == "ada"


@pytest.mark.parametrize(
    ("status", "error", "more"),
    [
        (204, None, {}),
        (301, Rejected, {}),
        (302, Rejected, {}),
        (307, Rejected, {}),
        (400, Rejected, {}),
        (401, TargetDenied, {}),
        (403, TargetDenied, {}),
        (404, Rejected, {}),
        (408, TryFailed, {"unsure": False}),
        (409, Conflict, {}),
        (410, Rejected, {}),
        (422, Rejected, {}),
        (429, TargetDown, {"retry_after_seconds": 7.0}),
        (500, TryFailed, {"unsure": True}),
        (502, TryFailed, {"unsure": True}),
        (503, TargetDown, {"retry_after_seconds": 7.0}),
    ],
)
def test_what_each_status_means(there, tmp_path, monkeypatch, status, error, more):
    there.status = status
    there.headers = {"Retry-After": "7", "Location": there.url.replace("/hook", "/elsewhere")}
    out = system(there.url, tmp_path, monkeypatch)
    if error is None:
        assert out.push(delivery())
    else:
        with pytest.raises(error) as raised:
            out.push(delivery())
        assert str(status) in str(raised.value)
        assert "answer-of-the-target" not in f"{raised.value}{raised.value!r}"
        assert {name: getattr(raised.value, name) for name in more} == more
    assert [path for path, _, _ in there.calls] == ["/hook"]  # one try, and no redirect followed


@pytest.mark.parametrize("status", [0, -1])
def test_no_whole_answer_may_have_arrived_and_is_sent_again_under_the_same_id(there, tmp_path, monkeypatch, status):
    out = system(there.url, tmp_path, monkeypatch)
    there.status = status
    with pytest.raises(TryFailed) as failed:
        out.push(delivery())
    assert failed.value.unsure
    there.status = 200
    out.push(delivery(unsure=True))
    assert [headers["webhook-id"] for _, headers, _ in there.calls] == ["gw-0190c0de"] * 2


@pytest.mark.parametrize("secret", ["Bearer planted\nX-Other: 1", "Bearer planted-\u20ac-token"])
def test_an_authorization_that_is_no_header_is_not_quoted(there, tmp_path, monkeypatch, secret):
    out = system(there.url, tmp_path, monkeypatch, authorization="env:OUT_AUTH")
    monkeypatch.setenv("OUT_AUTH", secret)
    with pytest.raises(TargetDenied) as denied:
        out.push(delivery())
    assert "planted" not in f"{denied.value}{denied.value!r}{denied.value.__cause__}"
    assert there.calls == []


def test_nobody_there_is_down(there, tmp_path, monkeypatch):
    with target() as gone:
        url = gone.url
    with pytest.raises(TargetDown) as down:
        system(url, tmp_path, monkeypatch).push(delivery())
    assert url not in str(down.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    import subprocess

    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_address[1]}/"
    with pytest.raises(TargetDown):
        system(url, tmp_path, monkeypatch, timeout_seconds=5).push(delivery())
    assert got == []
    system(url, tmp_path, monkeypatch, timeout_seconds=5, ca_file="cert").push(delivery())
    assert len(got) == 1
    server.shutdown()
    server.server_close()


def test_an_endless_answer_holds_nothing_up(there, tmp_path, monkeypatch):
    there.answer = b"x" * 5_000_000
    out = system(there.url, tmp_path, monkeypatch)
    began = time.monotonic()
    out.push(delivery())
    out.push(delivery())
    assert time.monotonic() - began < 5


def test_check_looks_and_posts_nothing(there, tmp_path, monkeypatch):
    there.status = 405
    assert system(there.url, tmp_path, monkeypatch).check() == [
        "the address to post to answers (HTTP 405 to a HEAD request)"
    ]
    assert there.calls[0][2] == b""


@pytest.mark.parametrize("url", ["https://crm.example.com/hook", "http://127.0.0.1:8080/", "http://crm.internal/hook"])
def test_addresses_that_may_be_called(url, tmp_path, monkeypatch):
    assert system(url, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "url",
    ["http://crm.example.com/hook", "https://user:pass@crm.example.com/", "ftp://crm.example.com", "crm", "https://"],
)
def test_addresses_that_may_not(url, tmp_path, monkeypatch):
    with pytest.raises(ValidationError):
        system(url, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0), ("0", 0.0), ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0), ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("", None), (None, None), ("soon", None), ("-5", None), ("9" * 50, None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(header, seconds):
    assert seconds_of(header, NOW) == seconds


def test_the_receiver_of_the_docs_takes_what_we_post_once(tmp_path, monkeypatch):
    """The program in the guide, run as it stands there."""
    guide = (Path(__file__).parents[3] / "docs/how-to/connect-webhooks.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    space: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(program, "receiver.py", "exec"), space)
    monkeypatch.setitem(space, "now", NOW.timestamp)
    server = ThreadingHTTPServer(("127.0.0.1", 0), space["Receiver"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    out = system(f"http://127.0.0.1:{server.server_address[1]}/", tmp_path, monkeypatch, timeout_seconds=5)
    out.push(delivery())
    out.push(delivery(unsure=True))
    assert [event["text"] for event in space["taken"].values()] == ["Your parcel left on Monday."]
    monkeypatch.setenv("OUT", NEXT)
    with pytest.raises(TargetDenied):
        out.push(delivery(key="gw-2"))
    assert list(space["taken"]) == ["gw-0190c0de"]
    server.shutdown()
    server.server_close()
