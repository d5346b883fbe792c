"""Fields that look like structure: what no API has is masked, and a value in what has to stay is refused."""

import json

import httpx2
import pytest

from graftwork.config.workspace import GatewaySettings
from graftwork.gateway.guarding import open_guard

CARD, IBAN, MAIL = "4111111111111111", "DE89370400440532013000", "charlie@example.org"
KEY = "AKIAIOSFODNN7EXAMPLE"
NAMED = ("Charlie Douglas", "Charlie.Douglas", "charlie_douglas", "Charlie")


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    return open_guard(tmp_path_factory.mktemp("guard"), GatewaySettings(ner=False, languages="en"))


@pytest.fixture
def post(gateway, engine, rules, make_key):
    engines = [engine("away", zone="managed"), engine("claude", zone="managed", protocol="anthropic")]
    servers = {name: gateway(*engines, masks=rules, unmaskable=name) for name in ("refuse", "pass")}
    key = make_key()

    def ask(body, path="/v1/chat/completions", unmaskable="refuse"):
        head = {"Authorization": f"Bearer {key}"}
        return httpx2.post(f"{servers[unmaskable].url}{path}", json={"model": "m", **body}, headers=head, timeout=60)

    return ask


def user(content="x", **more):
    return {"messages": [{"role": "user", "content": content}], **more}


def with_schema(schema):
    return user(tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])


def called(call_id):
    call = {"id": call_id, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    return {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}


MASKED = {
    "id of an unknown object": (user(x_customer={"id": CARD}), CARD),
    "id that is a key": (user(x_customer={"id": KEY}), KEY),
    "id beside the body's fields": (user(id=CARD), CARD),
    "status": (user(x={"status": IBAN}), IBAN),
    "status of a message": ({"messages": [{"role": "user", "content": "x", "status": IBAN}]}, IBAN),
    "signature": (user(x={"signature": MAIL}), MAIL),
    "signature of a text": (user([{"type": "text", "text": "x", "signature": MAIL}]), MAIL),
    "signature that is none": ({"messages": [{"role": "assistant", "content": [
        {"type": "thinking", "thinking": "x", "signature": MAIL}]}]}, MAIL),
    "sealed part outside of the history": (user(x={"type": "thinking", "signature": IBAN}), IBAN),
    "phase": ({"messages": [{"role": "user", "content": "x", "phase": "Charlie.Douglas"}]}, "Charlie.Douglas"),
    "number of an unknown object": (user(x={"created_at": int(CARD)}), CARD),
    "name of a field": (user(charlie_douglas=1), "charlie_douglas"),
    "name of a field inside": (user(x={"charlie_douglas": {"a": 1}}), "charlie_douglas"),
    "name in metadata": (user(metadata={"charlie_douglas": "x"}), "charlie_douglas"),
}  # fmt: skip


@pytest.mark.parametrize("place", MASKED)
def test_a_value_in_a_field_that_no_api_has_there_is_masked(post, provider, place):
    body, value = MASKED[place]
    assert post(body).status_code == 200
    sent = json.dumps(provider.last)
    assert value not in sent
    assert "_1]" in sent


REFUSED = {
    "id of a call": called(CARD),
    "key as the id of a call": called(KEY),
    "id of an answer to a call": {"messages": [{"role": "tool", "tool_call_id": IBAN, "content": "x"}]},
    "sealed thought": {"messages": [{"role": "assistant", "content": [
        {"type": "thinking", "thinking": "x", "signature": IBAN}]}]},
    "time": user(created_at=int(CARD)),
    "seed": user(seed=int(CARD)),
    "pattern": with_schema({"type": "string", "pattern": f"^(Charlie Douglas|{IBAN})$"}),
    "pattern with a name": with_schema({"type": "string", "pattern": "^(Mr Charlie Douglas|x)$"}),
    "address of a schema": with_schema({"$id": f"https://example.com/{MAIL}"}),
    "name of a tool": user(tools=[{"type": "function", "function": {"name": KEY}}]),
    "name of a member": with_schema({"properties": {KEY: {"type": "string"}}}),
}  # fmt: skip


@pytest.mark.parametrize("place", REFUSED)
def test_a_value_in_what_has_to_stay_as_it_is_sends_nothing(post, provider, place):
    found = post(REFUSED[place])
    assert (found.status_code, found.json()["error"]["code"]) == (403, "gateway.value")
    assert not provider.received
    assert not [value for value in (CARD, IBAN, MAIL, KEY, *NAMED) if value in found.text]


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "mcp", "server_label": "x", "server_url": "https://example.com/mcp", "headers": {"X-User": MAIL}},
        {"type": "mcp", "server_label": "x", "server_url": "https://example.com/mcp", "authorization": "abc"},
        {"type": "mcp", "server_label": "x", "server_url": "https://example.com/mcp?user=charlie"},
    ],
)
def test_a_server_of_tools_gets_headers_only_where_the_policy_says_so(post, provider, tool):
    found = post({"input": "x", "tools": [tool]}, "/v1/responses")
    assert (found.status_code, found.json()["error"]["code"]) == (403, "gateway.part")
    assert not provider.received
    assert post({"input": "x", "tools": [tool]}, "/v1/responses", "pass").status_code == 200
    assert provider.last["tools"] == [tool]


def test_a_token_for_a_server_of_tools_does_not_leave(post, provider):
    server = {"type": "url", "url": "https://example.com/mcp", "name": "x", "authorization_token": "abc"}
    assert post(user(mcp_servers=[server])).json()["error"]["code"] == "gateway.part"
    assert not provider.received


def test_what_the_apis_define_goes_through_as_it_is(post, provider):
    seal = "EqQBCkYIBxgCKkBxR3Zk+/" * 40 + "=="
    parts = [
        {"type": "thinking", "thinking": "x", "signature": seal},
        {"type": "tool_use", "id": "toolu_01A09q90qw90lq917835lq9", "name": "get_weather", "input": {}},
    ]
    results = [{"type": "tool_result", "tool_use_id": "toolu_01A09q90qw90lq917835lq9", "content": "mild"}]
    calls = called("call_abc123DEF456ghi789JKL012")["messages"]
    messages = [*calls, {"role": "assistant", "content": parts}, {"role": "user", "content": results}]
    tool = {"type": "mcp", "server_label": "x", "server_url": "https://example.com/mcp", "require_approval": "never"}
    body = {
        "messages": messages, "reasoning_effort": "low", "service_tier": "auto", "parallel_tool_calls": True,
        "stream_options": {"include_usage": False}, "tools": [tool], "seed": 1234567890123456,
        "context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]},
    }  # fmt: skip
    assert post(body).status_code == 200
    assert provider.last == {"model": "m", **body}
    item = {"type": "reasoning", "id": "rs_68af4030baa48193b0b43b4c2a176a1a0e6967589f080e78", "summary": []}
    said = {"role": "user", "content": "x"}
    body = {
        "input": [{**item, "encrypted_content": seal}, said],
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    assert post(body, "/v1/responses").status_code == 200
    assert provider.last == {"model": "m", **body}
