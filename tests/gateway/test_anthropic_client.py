"""Ordinary examples of the official `anthropic` client, unchanged: to an engine of its protocol, and translated."""

import anthropic
import pytest

from support.gateway import calls_tool, says

TOOL = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(params=["anthropic", "openai"])
def protocol(request):
    return request.param


@pytest.fixture
def client(gateway, engine, make_key, protocol):
    server = gateway(engine("upstream", protocol=protocol))
    with anthropic.Anthropic(base_url=server.url, api_key=make_key(), max_retries=0) as client:
        yield client


def test_a_message(client, provider, protocol):
    answer = client.messages.create(model="m", max_tokens=100, system="Be brief.", messages=HELLO)
    assert answer.content[0].text == "You said: Hello"
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0
    path, headers, body = provider.received[-1]
    assert path == ("/v1/messages" if protocol == "anthropic" else "/v1/chat/completions")
    if protocol == "anthropic":
        assert headers["x-api-key"] == "sk-upstream-secret"
        assert body["system"] == "Be brief."
    else:
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_a_stream(client):
    with client.messages.stream(model="m", max_tokens=100, messages=HELLO) as stream:
        pieces = list(stream.text_stream)
        answer = stream.get_final_message()
    assert "".join(pieces) == "You said: Hello"
    assert len(pieces) > 2, "the stream has collapsed"
    assert answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens > 0


def test_a_tool_call_and_its_result(client, provider, protocol):
    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    answer = client.messages.create(model="m", max_tokens=100, messages=HELLO, tools=[TOOL])
    assert answer.stop_reason == "tool_use"
    [use] = answer.content
    assert use.input == {"city": "Paris"}
    provider.handler = says("It is sunny.")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "sunny"}
    history = [*HELLO, {"role": "assistant", "content": answer.content}, {"role": "user", "content": [result]}]
    final = client.messages.create(model="m", max_tokens=100, messages=history, tools=[TOOL])
    assert final.content[0].text == "It is sunny."
    if protocol == "openai":
        assert provider.last["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"city":"Paris"}'
        assert provider.last["messages"][2] == {"role": "tool", "tool_call_id": use.id, "content": "sunny"}


def test_a_streamed_tool_call(client, provider):
    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    with client.messages.stream(model="m", max_tokens=100, messages=HELLO, tools=[TOOL]) as stream:
        answer = stream.get_final_message()
    assert answer.content[0].input == {"city": "Paris"}


def test_an_unknown_model_raises_the_clients_own_exception(client):
    with pytest.raises(anthropic.NotFoundError) as refused:
        client.messages.create(model="unknown", max_tokens=1, messages=HELLO)
    assert refused.value.body["error"]["type"] == "not_found_error"


def test_a_wrong_key_raises_the_clients_own_exception(client):
    with pytest.raises(anthropic.AuthenticationError):
        client.with_options(api_key="gw-wrong").messages.create(model="m", max_tokens=1, messages=HELLO)


def test_the_models_are_listed(client):
    assert [model.id for model in client.models.list()] == ["m"]


def test_tokens_are_counted_by_an_engine_that_can(gateway, engine, make_key):
    server = gateway(engine("upstream", protocol="anthropic"), engine("other", models={"n": "n"}))
    with anthropic.Anthropic(base_url=server.url, api_key=make_key(), max_retries=0) as client:
        assert client.messages.count_tokens(model="m", messages=HELLO).input_tokens == 7
        with pytest.raises(anthropic.BadRequestError) as refused:
            client.messages.count_tokens(model="n", messages=HELLO)
    assert refused.value.body["error"]["code"] == "gateway.protocol"
