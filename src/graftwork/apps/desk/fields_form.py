"""A JSON draft as a form: one control for each value, beside the words that it was taken from.

The form is built from the schema of the use case, so that a value that the model left out can be filled in. The JSON
text stays the truth: the page's script writes every change of a control into it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graftwork.core.types import FieldEvidence

NodeKind = Literal["object", "array", "text", "long_text", "number", "choice", "boolean", "date"]
MAX_DEPTH = 8
LONG_CHARACTERS = 80
_BLANK = "-"

# By JSON pointer: the evidence of a value, and the place to light as JSON.
Evidence = Mapping[str, tuple[FieldEvidence, str]]


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the form. `text` is that of a control; an array's `blank` is what a new element looks like.

    `rest` is what the object holds beyond the schema, as JSON: it is kept. `reason` says why a value is missing.
    """

    kind: NodeKind
    key: str
    label: str
    path: str
    text: str = ""
    choices: Sequence[str] = ()
    children: "Sequence[Node]" = ()
    blank: "Node | None" = None
    rest: str = "{}"
    reason: str = ""
    lights: str = ""
    others: Sequence[str] = ()
    whole: bool = False


def form_of(schema: Mapping[str, Any] | None, text: str, evidence: Evidence) -> Node | None:
    """The form for the JSON `text`; `None` where it is no object, or the schema is more than a form can show."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if schema is None or not isinstance(value, dict):
        return None
    try:
        return _node(schema, value, schema, evidence, key="", path="", depth=0)
    except _TooMuchError:
        return None


class _TooMuchError(Exception):
    """The schema holds what this form has no control for."""


def _node(
    schema: Mapping[str, Any],
    value: Any,
    root: Mapping[str, Any],
    evidence: Evidence,
    *,
    key: str,
    path: str,
    depth: int,
) -> Node:
    schema = _resolved(schema, root)
    if depth > MAX_DEPTH:
        raise _TooMuchError
    label = str(schema.get("title") or key.replace("_", " ").capitalize())
    match _type_of(schema):
        case "object":
            return _object(schema, value if isinstance(value, dict) else {}, root, evidence, key, label, path, depth)
        case "array":
            return _array(schema, value if isinstance(value, list) else [], root, evidence, key, label, path, depth)
        case kind:
            return _leaf(kind, schema, value, evidence, key, label, path)


def _object(
    schema: Mapping[str, Any], value: Mapping[str, Any], root: Mapping[str, Any], evidence: Evidence, key: str,
    label: str, path: str, depth: int,
) -> Node:  # fmt: skip
    properties = schema.get("properties", {})
    children = [
        _node(part, value.get(name), root, evidence, key=name, path=f"{path}/{_escaped(name)}", depth=depth + 1)
        for name, part in properties.items()
    ]
    rest = {name: one for name, one in value.items() if name not in properties}
    return Node("object", key, label, path, children=children, rest=json.dumps(rest))


def _array(
    schema: Mapping[str, Any], value: Sequence[Any], root: Mapping[str, Any], evidence: Evidence, key: str,
    label: str, path: str, depth: int,
) -> Node:  # fmt: skip
    items = schema.get("items", {"type": "string"})
    children = [
        _node(items, one, root, evidence, key="", path=f"{path}/{place}", depth=depth + 1)
        for place, one in enumerate(value)
    ]
    # A path that no value has, so that a new element shows no evidence of another one.
    blank = _node(items, None, root, {}, key="", path=f"{path}/{_BLANK}", depth=depth + 1)
    return Node("array", key, label, path, children=children, blank=blank)


def _leaf(
    kind: str, schema: Mapping[str, Any], value: Any, evidence: Evidence, key: str, label: str, path: str
) -> Node:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    found, lights = evidence.get(path, (None, ""))
    choices = [str(choice) for choice in schema.get("enum", ()) if choice is not None]
    control = _control(kind, schema, text, choices)
    return Node(
        control,
        key,
        label,
        path,
        text=text,
        choices=choices if text in ("", *choices) else [*choices, text],
        reason=found.reason if found else "",
        lights=lights if found and found.start is not None else "",
        others=[_plain(one) for one in found.others] if found else (),
        whole=kind == "integer",
    )


def _control(kind: str, schema: Mapping[str, Any], text: str, choices: Sequence[str]) -> NodeKind:
    if choices:
        return "choice"
    if kind in ("integer", "number"):
        return "number"
    if kind == "boolean":
        return "boolean"
    if schema.get("format") == "date":
        return "date"
    return "long_text" if len(text) > LONG_CHARACTERS or "\n" in text else "text"


def _plain(other: str) -> str:
    try:
        value = json.loads(other)
    except ValueError:
        return other
    return value if isinstance(value, str) else other


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    if kind is None and "enum" in schema:
        return "string"
    if kind is None and "properties" in schema:
        return "object"
    if kind not in ("object", "array", "string", "integer", "number", "boolean"):
        raise _TooMuchError
    return str(kind)


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(MAX_DEPTH):
        reference = schema.get("$ref")
        if reference is None:
            break
        found: Any = root
        for step in str(reference).split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        schema = found
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return options[0] if len(options) == 1 else schema


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
