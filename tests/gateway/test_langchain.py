"""Ordinary examples of LangChain, unchanged."""

import pytest
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from support.gateway import calls_tool


@pytest.fixture
def model(gateway, make_key):
    return ChatOpenAI(model="m", base_url=f"{gateway().url}/v1", api_key=make_key(), max_retries=0)


def test_invoke(model):
    answer = model.invoke("Hello")
    assert answer.content == "You said: Hello"
    assert answer.usage_metadata["input_tokens"] == 11


def test_stream(model):
    chunks = list(model.stream("Hello"))
    assert "".join(str(chunk.content) for chunk in chunks) == "You said: Hello"
    assert len(chunks) > 2


def test_bind_tools(model, provider):
    @tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return city

    provider.handler = calls_tool("get_weather", '{"city":"Paris"}')
    answer = model.bind_tools([get_weather]).invoke("Weather?")
    assert answer.tool_calls[0]["args"] == {"city": "Paris"}
    assert provider.last["tools"][0]["function"]["name"] == "get_weather"


def test_embeddings(gateway, make_key):
    embeddings = OpenAIEmbeddings(
        model="m", base_url=f"{gateway().url}/v1", api_key=make_key(), check_embedding_ctx_length=False
    )
    assert embeddings.embed_documents(["a", "b"]) == [[0.25, -0.5], [0.25, -0.5]]
