"""Over HTTP: a real server process, real requests."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import anyio
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from graftwork.config.workspace import McpSettings
from graftwork.mcp.http import Door
from support.product import free_port, wait_until

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


class Server:
    def __init__(self, company, *options, **env):
        self.port = free_port()
        self.company = company
        env = {**company.env, **env}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "graftwork", "mcp", "--http", "--port", str(self.port), *options],
            env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        wait_until(self._answers, 30, "the server")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/mcp"

    def post(self, message, **headers):
        """Status, headers and body of the answer."""
        sent = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {self.company.token}",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        request = urllib.request.Request(self.url, body, {name: value for name, value in sent.items() if value})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def _answers(self):
        try:
            return self.post(LIST)[0] < 500
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        code = self.process.wait(15)
        self.log = self.process.stderr.read().decode()
        return code


@pytest.fixture(scope="module")
def server(company):
    server = Server(company)
    yield server
    if server.process.poll() is None:
        server.close()


def test_an_assistant_calls_tools_with_its_own_token(server, company):
    async def run(token):
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
            Client(streamable_http_client(server.url, http_client=http)) as client,
        ):
            found = await client.call_tool("search_knowledge", {"question": "parcel"})
            item = {"use_case": "note_reply", "id": "http-1", "fields": {"text": "Hello"}}
            return found, await client.call_tool("submit_item", item)

    found, made = anyio.run(run, company.token)
    assert found.structured_content["sources"] == ["handbook"]
    assert made.structured_content["id"] == "http-1"
    reader = company.make_token("http reader", "knowledge:read")
    found, refused = anyio.run(run, reader)
    assert not found.is_error
    assert refused.content[0].text.startswith("access.denied: this needs the scope items:write")


@pytest.mark.parametrize("header", [None, "Bearer gw_wrong", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer " + "x" * 5_000])
def test_a_request_without_a_token_that_holds_is_asked_for_one(server, header):
    status, headers, body = server.post(LIST, Authorization=header)
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["error"]["code"] == "access.not_signed_in"


def test_a_token_revoked_meanwhile_holds_for_no_further_request(server, company):
    token = company.make_token("http leaver", "items:read")
    assert server.post(LIST, Authorization=f"Bearer {token}")[0] != 401
    company.call("token", "revoke", "http leaver")
    assert server.post(LIST, Authorization=f"Bearer {token}")[0] == 401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"]
)
def test_a_page_of_another_site_is_not_let_in_even_with_a_token(server, origin):
    status, _, body = server.post(LIST, Origin=origin)
    assert (status, json.loads(body)["error"]["code"]) == (403, "mcp.origin")


def test_another_name_for_this_machine_is_not_let_in(server):
    assert server.post(LIST, Host="rebound.example")[0] == 403
    assert server.post(LIST, Host=f"localhost:{server.port}")[0] != 403


BODIES = [b"{", b"[]", b'{"planted": 1}', b"[" * 100_000]


@pytest.mark.parametrize("body", BODIES, ids=["half", "list", "other", "deep"])
def test_what_is_no_message_is_refused(server, body):
    assert 400 <= server.post(body)[0] < 500


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_are_no_streams_and_no_sessions(server, company, method):
    headers = {"Authorization": f"Bearer {company.token}", "Accept": "text/event-stream"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(server.url, headers=headers, method=method), timeout=10)
    assert (refused.value.code, refused.value.headers["Allow"]) == (405, "POST")


def test_a_request_that_is_too_large_is_not_read(server):
    try:
        status = server.post(b" " * 17_000_000)[0]
    except urllib.error.URLError:  # the answer came, and the connection went, while we still sent
        status = 413
    assert status == 413


def test_it_ends_in_order_and_its_log_holds_neither_token_nor_message(company):
    server = Server(company)
    server.post(LIST, Authorization="Bearer gw_planted")
    server.post(b'{"planted": 1}')
    server.post({**LIST, "method": "tools/call", "params": {"name": "planted", "arguments": {"planted": 1}}})
    assert server.close() == -signal.SIGTERM  # uvicorn ends in order, then by the signal that it was sent
    assert "planted" not in server.log
    assert company.token not in server.log


@pytest.mark.parametrize(
    ("settings", "headers", "is_let_in"),
    [
        ({}, {"host": "127.0.0.1:8200"}, True),
        ({}, {"host": "[::1]:8200"}, True),
        ({}, {}, False),
        ({}, {"host": "graftwork.example"}, False),
        ({}, {"host": "127.0.0.1:8200", "origin": "http://127.0.0.1:8200"}, True),
        ({}, {"host": "evil.example:8200", "origin": "http://evil.example:8200"}, False),
        ({"public_url": "https://ai.example.com"}, {"host": "ai.example.com"}, True),
        (
            {"public_url": "https://ai.example.com"},
            {"host": "ai.example.com", "origin": "https://ai.example.com"},
            True,
        ),
        ({"public_url": "https://ai.example.com"}, {"host": "ai.example.com", "origin": "https://example.com"}, False),
        ({"host": "0.0.0.0"}, {"host": "10.0.0.7:8200"}, True),
        ({"host": "0.0.0.0"}, {"host": "evil.example", "origin": "http://evil.example"}, False),
    ],
)
def test_the_names_that_a_server_is_known_by(settings, headers, is_let_in):
    try:
        Door(lambda *args: None, McpSettings(**settings))._check_names(headers)
    except Exception:
        assert not is_let_in
    else:
        assert is_let_in
