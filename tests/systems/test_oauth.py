import base64
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from graftwork.systems.errors import SecretMissing, TargetDenied, TargetDown
from graftwork.systems.oauth import OAuth2, TokenSource, check_token_url
from graftwork.systems.secret import scrub


@dataclass
class Provider:
    """A token server on loopback; `answers` are given in order, the last one for ever."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, status: int = 200, headers: dict[str, str] | None = None, **said: object) -> None:
        self.answers.append((status, headers or {}, json.dumps(said).encode()))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with _provider() as provider:
        yield provider


@contextmanager
def _provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            provider.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, content = provider.answers.pop(0) if len(provider.answers) > 1 else provider.answers[0]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/token"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OAUTH_TEST_SECRET", "s3cret of the client")
    (tmp_path / "refresh").write_text("first-refresh-token\n")
    return tmp_path


def source(provider: Provider, folder: Path, **changes: object) -> TokenSource:
    arguments: dict[str, object] = {"client_secret_place": "env:OAUTH_TEST_SECRET", "folder": folder, **changes}
    return TokenSource(provider.url, "our-client", **arguments)  # type: ignore[arg-type]


def test_client_credentials_are_sent_as_form_fields(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="token-of-one-hour", expires_in=3600)
    assert source(provider, folder, scope="mail.read").token() == "token-of-one-hour"
    assert provider.asked == [
        {
            "grant_type": "client_credentials",
            "scope": "mail.read",
            "client_id": "our-client",
            "client_secret": "s3cret of the client",
        }
    ]


def test_client_credentials_can_be_sent_as_http_basic(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="token-of-one-hour")
    source(provider, folder, client_auth="basic").token()
    assert base64.b64decode(provider.headers[0]["authorization"].removeprefix("Basic ")) == (
        b"our-client:s3cret+of+the+client"
    )
    assert "client_secret" not in provider.asked[0]


def test_a_token_is_asked_for_again_shortly_before_it_expires(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="first-token", expires_in=3600)
    provider.answer(access_token="second-token", expires_in="3600")
    clock = Clock()
    tokens = source(provider, folder, clock=clock)
    assert tokens.token() == "first-token"
    clock.now += 3530
    assert tokens.token() == "first-token"
    clock.now += 20
    assert tokens.token() == "second-token"
    assert len(provider.asked) == 2


def test_a_refused_token_is_forgotten_but_not_a_newer_one(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="first-token")
    provider.answer(access_token="second-token")
    tokens = source(provider, folder)
    tokens.token()
    tokens.forget("first-token")
    assert tokens.token() == "second-token"
    tokens.forget("first-token")
    assert tokens.token() == "second-token"
    assert len(provider.asked) == 2


def test_many_threads_share_one_token(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="shared-token")
    tokens, found = source(provider, folder), []
    threads = [threading.Thread(target=lambda: found.append(tokens.token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["shared-token"] * 8
    assert len(provider.asked) == 1


def test_a_rotated_refresh_token_replaces_the_one_in_its_file(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="an-access-token", refresh_token="second-refresh-token")
    place = "file:refresh"
    source(provider, folder, refresh_token_place=place).token()
    assert provider.asked[0]["refresh_token"] == "first-refresh-token"
    assert (folder / "refresh").read_text() == "second-refresh-token"
    assert (folder / "refresh").stat().st_mode & 0o777 == 0o600
    source(provider, folder, refresh_token_place=place).token()
    assert provider.asked[1]["refresh_token"] == "second-refresh-token"
    assert [path.name for path in folder.iterdir()] == ["refresh"]


def test_a_rotated_refresh_token_of_the_environment_lives_in_memory_until_the_place_changes(
    provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTH_TEST_REFRESH", "first-refresh-token")
    provider.answer(access_token="an-access-token", refresh_token="second-refresh-token")
    tokens = source(provider, folder, refresh_token_place="env:OAUTH_TEST_REFRESH")
    for _ in range(2):
        tokens.token()
        tokens.forget()
    monkeypatch.setenv("OAUTH_TEST_REFRESH", "allowed-anew")
    tokens.token()
    asked = [asked["refresh_token"] for asked in provider.asked]
    assert asked == ["first-refresh-token", "second-refresh-token", "allowed-anew"]


def test_a_service_account_signs_what_it_asserts(provider: Provider, folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    provider.answer(access_token="an-access-token")
    OAuth2(
        token_url=provider.url,
        grant="jwt_bearer",
        private_key="file:key.pem",
        issuer="robot@example.com",
        subject="support@example.com",
        scope="mail",
    ).source(folder).token()
    head, claims, signature = provider.asked[0]["assertion"].split(".")
    key.public_key().verify(_unpadded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    said = json.loads(_unpadded(claims))
    assert (said["iss"], said["sub"], said["aud"]) == ("robot@example.com", "support@example.com", provider.url)
    assert said["exp"] - said["iat"] == 300


@pytest.mark.parametrize(
    ("status", "said", "error", "reason"),
    [
        (400, {"error": "invalid_grant"}, TargetDenied, "the token server answered 400, invalid_grant"),
        (401, {"error": "invalid_client"}, TargetDenied, "the token server answered 401, invalid_client"),
        (400, {"error": "mrs miller is locked"}, TargetDenied, "the token server answered 400"),
        (302, {}, TargetDenied, "the token server answered 302"),
        (200, {}, TargetDenied, "the token server's answer holds no access token"),
        (200, {"access_token": "two\r\nlines"}, TargetDenied, "the token server's answer holds no access token"),
        (429, {}, TargetDown, "the token server answered 429"),
        (503, {}, TargetDown, "the token server answered 503"),
    ],
)
def test_what_the_provider_answers_becomes_an_error_without_its_words(
    provider: Provider, folder: Path, status: int, said: dict[str, object], error: type[TargetDown], reason: str
) -> None:
    provider.answer(status, {"Retry-After": "7", "Location": "http://127.0.0.1:1/elsewhere"}, **said)
    with pytest.raises(error) as raised:
        source(provider, folder).token()
    assert raised.value.reason == reason
    if status in (429, 503):
        assert raised.value.retry_after_seconds == 7


def test_a_provider_that_is_not_there_is_down(folder: Path) -> None:
    with pytest.raises(TargetDown, match="cannot be reached"):
        TokenSource("http://127.0.0.1:9/", "our-client", "env:OAUTH_TEST_SECRET", folder=folder).token()


def test_an_answer_without_end_is_cut_off(provider: Provider, folder: Path) -> None:
    provider.answer(access_token="x" * 2_000_000)
    with pytest.raises(TargetDown, match="no end"):
        source(provider, folder).token()


def test_a_missing_secret_is_named_by_its_place(provider: Provider, folder: Path) -> None:
    with pytest.raises(SecretMissing, match="env:OAUTH_TEST_NONE"):
        source(provider, folder, client_secret_place="env:OAUTH_TEST_NONE").token()


def test_tokens_and_secrets_are_kept_out_of_logs(
    provider: Provider, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answer(access_token="planted-access", refresh_token="planted-refresh")
    with caplog.at_level(logging.DEBUG):
        source(provider, folder, refresh_token_place="file:refresh").token()
    for secret in ("planted-access", "planted-refresh", "s3cret of the client", "first-refresh-token"):
        assert secret not in caplog.text
        assert scrub(f"<{secret}>") == "<•••>"


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://login.example.com/token", True),
        ("http://login.example.com/token", False),
        ("http://127.0.0.1:8080/token", True),
        ("http://sso.internal/token", True),
        ("https://user:pass@login.example.com/", False),
        ("https:///token", False),
        ("https://login.example.com:x/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_secrets_are_sent_encrypted_or_stay_on_our_own_network(url: str, taken: bool) -> None:
    if taken:
        assert check_token_url(url) == url
    else:
        with pytest.raises(ValueError, match="must"):
            check_token_url(url)


@pytest.mark.parametrize(
    ("table", "missing"),
    [
        ({"client_id": "a"}, "client_secret"),
        ({"client_id": "a", "grant": "refresh_token"}, "refresh_token"),
        ({"grant": "jwt_bearer", "client_id": "a"}, "private_key"),
        ({"grant": "jwt_bearer", "private_key": "file:key.pem"}, "issuer"),
    ],
)
def test_the_table_names_what_its_grant_needs(table: dict[str, str], missing: str) -> None:
    with pytest.raises(ValidationError, match=f"needs `{missing}`"):
        OAuth2.model_validate({"token_url": "https://login.example.com/token", **table})


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
