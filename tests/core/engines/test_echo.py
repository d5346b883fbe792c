"""The engine for tests."""

import asyncio
import json
from typing import Any

import jsonschema
import pytest

from graftwork.core.engines.echo import EchoEngine
from support.scripted import a_request


def test_it_answers_with_the_item_in_the_fence() -> None:
    pieces: list[str] = []
    answer = asyncio.run(EchoEngine().generate(a_request("Do it.\n<item>\none two\n</item>"), pieces.append))
    assert answer.text == "Echo: one two"
    assert pieces == [answer.text]
    assert (answer.completion_tokens, answer.finish_reason, answer.cost, answer.zone) == (3, "stop", None, "local")


def test_it_stops_at_the_limit() -> None:
    answer = asyncio.run(EchoEngine().generate(a_request("one two three", max_tokens=2)))
    assert (answer.text, answer.finish_reason) == ("Echo: one", "length")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string", "minLength": 3}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {"type": "integer"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "number", "exclusiveMinimum": 0.5}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "number", "maximum": -1}}, "required": ["a"]},
        {
            "type": "object",
            "properties": {"a": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/row"}}},
            "required": ["a"],
            "$defs": {"row": {"type": "object", "properties": {"x": {"type": ["boolean", "null"]}}, "required": ["x"]}},
        },
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}]}}, "required": ["a"]},
    ],
)
def test_its_json_fits_the_schema(schema: dict[str, Any]) -> None:
    answer = asyncio.run(EchoEngine().generate(a_request(json_schema=schema)))
    jsonschema.validate(json.loads(answer.text), schema)
