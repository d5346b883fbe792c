"""Ordinary examples of the official `openai` client, unchanged."""

import json

import openai
import pytest

from support.gateway import calls_tool, says

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def client(gateway, make_key):
    with openai.OpenAI(base_url=f"{gateway().url}/v1", api_key=make_key(), max_retries=0) as client:
        yield client


def test_a_chat_completion(client, provider):
    answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Say this is a test"}])
    assert answer.choices[0].message.content == "You said: Say this is a test"
    assert answer.usage.total_tokens == 16
    path, headers, _ = provider.received[-1]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sk-upstream-secret"


def test_a_stream(client, provider):
    stream = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Say this is a test"}], stream=True
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "You said: Say this is a test"
    assert len(chunks) > 5, "the stream has collapsed"
    assert provider.last["stream_options"] == {"include_usage": True}


def test_a_stream_with_usage_when_the_caller_asks_for_it(client):
    stream = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hi"}], stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert chunks[-1].choices == []
    assert chunks[-1].usage.prompt_tokens == 11


def test_a_tool_call(client, provider):
    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    answer = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Weather?"}], tools=[WEATHER], tool_choice="required"
    )
    [call] = answer.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "Paris"}
    assert provider.last["tools"] == [WEATHER]
    assert provider.last["tool_choice"] == "required"


def test_a_streamed_tool_call(client, provider):
    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    with client.chat.completions.stream(
        model="m", messages=[{"role": "user", "content": "Weather?"}], tools=[WEATHER]
    ) as stream:
        answer = stream.get_final_completion()
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"city":"Paris"}'


def test_a_json_schema(client, provider):
    provider.handler = says('{"name":"x"}')
    schema = {"name": "thing", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    answer = client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "a thing"}],
        response_format={"type": "json_schema", "json_schema": schema},
    )
    assert json.loads(answer.choices[0].message.content) == {"name": "x"}
    assert provider.last["response_format"]["json_schema"] == schema


def test_several_choices_in_a_stream(client):
    stream = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "two"}], n=2, stream=True)
    texts = {0: "", 1: ""}
    for chunk in stream:
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert texts == {0: "You said: two", 1: "You said: two"}


def test_a_response(client):
    answer = client.responses.create(model="m", instructions="Be brief.", input="Hello")
    assert answer.output_text == "You said: Hello"


def test_a_streamed_response(client):
    events = list(client.responses.create(model="m", input="Hello", stream=True))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "You said: Hello"
    assert events[-1].type == "response.completed"


def test_a_function_call_of_a_response(client, provider):
    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    tool = {"type": "function", **WEATHER["function"]}
    answer = client.responses.create(model="m", input="Weather?", tools=[tool])
    assert answer.output[0].arguments == '{"city":"Paris"}'


def test_a_response_that_continues_another(client, provider):
    client.responses.create(model="m", input="And then?", previous_response_id="resp_1")
    assert provider.last["previous_response_id"] == "resp_1"


def test_embeddings(client):
    answer = client.embeddings.create(model="m", input=["one", "two"], encoding_format="float")
    assert [row.index for row in answer.data] == [0, 1]
    assert answer.data[0].embedding == [0.25, -0.5]


def test_models(client):
    assert [model.id for model in client.models.list()] == ["m"]
    assert client.models.retrieve("m").owned_by == "local"


def test_headers_tell_engine_zone_masked_overhead_and_request(client):
    raw = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": "hi"}], extra_headers={"X-Request-Id": "mine-1"}
    )
    assert raw.headers["x-graftwork-engine"] == "local"
    assert raw.headers["x-graftwork-zone"] == "local"
    assert raw.headers["x-graftwork-masked"] == "none"
    assert 0 <= float(raw.headers["x-graftwork-overhead-ms"]) < 1000
    assert raw.headers["x-request-id"] == "mine-1"


def test_errors_raise_the_exceptions_of_the_client(client, gateway):
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="unknown", messages=[])
    assert refused.value.code == "gateway.model"
    with pytest.raises(openai.AuthenticationError) as refused:
        client.with_options(api_key="gw-wrong").models.list()
    assert refused.value.code == "gateway.key"
