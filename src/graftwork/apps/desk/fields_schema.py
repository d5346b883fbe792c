"""Which control of a form a part of a JSON Schema asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

NodeKind = Literal["object", "array", "text", "long_text", "number", "choice", "boolean", "date", "json"]
LONG_CHARACTERS = 60


def kind_of(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else [one for one in kinds if one != "null"]
    if not kinds and isinstance(schema.get("properties"), Mapping):
        kinds = ["object"]
    if not kinds and ("enum" in schema or "const" in schema):
        kinds = ["string"]
    kind = kinds[0] if len(kinds) == 1 else ""
    if kind == "object" and isinstance(schema.get("properties"), Mapping):
        return kind
    if kind == "array" and isinstance(schema.get("items"), Mapping) and "prefixItems" not in schema:
        return kind
    return kind if kind in ("string", "integer", "number", "boolean") else "json"


def control_for(kind: str, schema: Mapping[str, Any], text: str, choices: Sequence[tuple[str, str]]) -> NodeKind:
    if kind == "json":
        return "json"
    if choices:
        return "choice"
    if kind == "boolean":
        return "boolean"
    if kind in ("integer", "number"):
        return "number"
    if schema.get("format") == "date":
        return "date"
    # A control of one line drops the ends of lines.
    return "long_text" if len(text) > LONG_CHARACTERS or "\n" in text or "\r" in text else "text"


def resolved(
    schema: Any, root: Mapping[str, Any], followed: tuple[str, ...]
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """`schema` with references followed and null taken out; empty, which is any JSON, where that leads nowhere.

    A reference back to itself is not followed: a new element of it would hold new elements without end.
    """
    while isinstance(schema, Mapping) and "$ref" in schema:
        reference = str(schema["$ref"])
        if reference in followed:
            return {}, followed
        followed = (*followed, reference)
        schema = _target(reference, root)
    if not isinstance(schema, Mapping):
        return {}, followed
    parts = schema.get("anyOf", schema.get("oneOf", ()))
    options = [one for one in parts if isinstance(one, Mapping) and one.get("type") != "null"]
    if len(options) != 1:
        return schema, followed
    found, followed = resolved(options[0], root, followed)
    may_be_null = {"type": [found["type"], "null"]} if isinstance(found.get("type"), str) else {}
    return {**found, **may_be_null, **{key: one for key, one in schema.items() if key == "title"}}, followed


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    start, *steps = reference.split("/")
    found: Any = root if start == "#" else None
    for step in steps:
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found


def may_be_null(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    return (not isinstance(kinds, str) and "null" in kinds) or None in schema.get("enum", ())
