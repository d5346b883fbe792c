"""The schema that the model is held to: each value is given with the words that it was taken from."""

from collections.abc import Mapping
from typing import Any

from graftwork.core.output_shape import Fields, Items, Leaf, Shape, read_shape

# Where a schema names no limit. A model that repeats itself ends here instead of at the limit of its tokens.
DEFAULT_MAX_ITEMS = 40


def schema_with_evidence(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`schema` as a grammar of the engine: leaves become `{"quote", "value"}`, all may be null, nothing else may come.

    The quote stands first, so that a small model copies before it concludes. A property with `"x-evidence": false` (a
    judgement, not an extract) stays a plain value; so does a text with `"x-evidence": "verbatim"`, which is looked up
    as its own quote and costs half of the tokens. What grammars do not enforce, or what would press a model to write
    another value than the text has (`pattern`, `format`, `minimum`), is left to `validating.extract`. Raises
    `SchemaUnsupported`.
    """
    return _held(read_shape(schema))


def _held(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Fields):
        held = {name: _held(child) for name, child in shape.properties.items()}
        return _described(_object(held), shape.description)
    if isinstance(shape, Items):
        array = {"type": "array", "items": _held(shape.item), "maxItems": shape.max_items or DEFAULT_MAX_ITEMS}
        return _described(array, shape.description)
    value = _value(shape)
    if shape.evidence and not shape.verbatim:
        value = _object({"quote": {"type": ["string", "null"]}, "value": value})
    return _described(value, str(shape.rules.get("description", "")))


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _value(leaf: Leaf) -> dict[str, Any]:
    value: dict[str, Any] = {"type": [*leaf.types, "null"]}
    if leaf.choices:
        value["enum"] = [*leaf.choices, None]
    return value


def _described(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "description": description} if description else schema
