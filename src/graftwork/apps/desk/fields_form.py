"""A JSON draft as a form: one control for each value, beside the words that it was taken from.

The form is built from the schema of the use case, so that a value that the model left out can be filled in. The JSON
text stays the truth: the page's script writes every change of a control into it, and leaves what was not touched as it
was. What the schema describes by no means that a form has, is a control that holds JSON.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graftwork.apps.desk.fields_schema import NodeKind, control_for, kind_of, may_be_null, resolved
from graftwork.core.extraction.codes import CodeList
from graftwork.core.output_shape import escaped
from graftwork.core.types import FieldEvidence

MAX_DEPTH = 8
# A longer list of codes is typed, not picked.
MOST_CHOICES = 200
_MISSING: Any = object()
_BOOLEANS = (("true", "yes"), ("false", "no"))

# By JSON pointer: the evidence of a value, and the place to light as JSON.
Evidence = Mapping[str, tuple[FieldEvidence, str]]


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the form.

    `json` is the value as it stands in the text, empty where it is not there; `empty` is what an emptied control
    writes, empty for nothing. `text` is that of the control; of a choice it is JSON, as are its options (JSON, words).
    `rest` is what an object holds beyond the schema: it is kept. An array's `blank` is what a new element looks like.
    `number` counts the elements of an array from 1.
    """

    kind: NodeKind
    key: str
    label: str
    path: str
    json: str = field(default="", repr=False)
    empty: str = ""
    text: str = field(default="", repr=False)
    choices: Sequence[tuple[str, str]] = field(default=(), repr=False)
    children: "Sequence[Node]" = ()
    blank: "Node | None" = None
    rest: str = field(default="{}", repr=False)
    number: int | None = None
    whole: bool = False
    reason: str = ""
    lights: str = ""
    others: Sequence[tuple[str, str]] = field(default=(), repr=False)

    @property
    def control_id(self) -> str:
        """The id of its control. A pointer may hold all that an id may, except white space."""
        return "value" + "_".join(self.path.split())

    @property
    def said_id(self) -> str:
        """The id of what is said about it."""
        return f"said-{self.control_id}"

    @property
    def shown(self) -> str:
        """The value in words, for reading."""
        return dict(self.choices).get(self.text, self.text)


def form_of(
    schema: Mapping[str, Any] | None,
    text: str,
    evidence: Evidence,
    *,
    codes: Mapping[str, CodeList] | None = None,
    nulls: bool = False,
) -> Node | None:
    """The form for the JSON `text`; `None` where it is no object. With `nulls` any value may be null."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if schema is None or not isinstance(value, dict):
        return None
    node = _Builder(schema, evidence, codes or {}, nulls).node(schema, value, _Place())
    return node if node.kind == "object" else None


def leaves(node: Node) -> Iterator[Node]:
    """The values of the form, in its order."""
    if node.kind not in ("object", "array"):
        yield node
    for child in node.children:
        yield from leaves(child)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the form a node stands; `followed` are the references of the schema on the way."""

    key: str = ""
    path: str = ""
    label: str = ""
    depth: int = 0
    number: int | None = None
    required: bool = False
    followed: tuple[str, ...] = ()

    def property(self, key: str, *, required: bool) -> "_Place":
        path = f"{self.path}/{escaped(key)}"
        return _Place(key, path, "", self.depth + 1, None, required, self.followed)

    def element(self, label: str, place: int | None) -> "_Place":
        """`place` is `None` for a new element: no value has its path, so it shows no evidence of another one."""
        number = 0 if place is None else place + 1
        path = f"{self.path}/{'-' if place is None else place}"
        return _Place("", path, label, self.depth + 1, number, required=False, followed=self.followed)


@dataclass(frozen=True, slots=True)
class _Builder:
    root: Mapping[str, Any]
    evidence: Evidence
    codes: Mapping[str, CodeList]
    nulls: bool

    def node(self, schema: Any, value: Any, at: _Place) -> Node:
        schema, followed = resolved(schema, self.root, at.followed)
        at = _Place(at.key, at.path, at.label, at.depth, at.number, at.required, followed)
        label = str(schema.get("title") or at.label or at.key.replace("_", " ").capitalize())
        kind = kind_of(schema)
        if at.depth > MAX_DEPTH or (kind not in ("object", "array") and isinstance(value, dict | list)):
            kind = "json"
        if kind == "object":
            return self._object(schema, value, at, label)
        if kind == "array":
            return self._array(schema, value, at, label)
        return self._leaf(kind, schema, value, at, label)

    def _object(self, schema: Mapping[str, Any], value: Any, at: _Place, label: str) -> Node:
        held = value if isinstance(value, dict) else {}
        required = schema.get("required", ())
        children = [
            self.node(part, held.get(name, _MISSING), at.property(name, required=name in required))
            for name, part in schema["properties"].items()
        ]
        rest = {name: one for name, one in held.items() if name not in schema["properties"]}
        return Node(
            "object", at.key, label, at.path, _dumped(value), children=children, rest=_dumped(rest), number=at.number
        )

    def _array(self, schema: Mapping[str, Any], value: Any, at: _Place, label: str) -> Node:
        items = schema["items"]
        children = [
            self.node(items, one, at.element(label, place))
            for place, one in enumerate(value if isinstance(value, list) else ())
        ]
        blank = _Builder(self.root, {}, self.codes, self.nulls).node(items, _MISSING, at.element(label, None))
        return Node("array", at.key, label, at.path, _dumped(value), children=children, blank=blank, number=at.number)

    def _leaf(self, kind: str, schema: Mapping[str, Any], value: Any, at: _Place, label: str) -> Node:
        found, lights = self.evidence.get(at.path, (None, ""))
        choices = self._choices(schema)
        text = "" if value in (_MISSING, None) else value if isinstance(value, str) else _dumped(value)
        control = control_for(kind, schema, text, choices)
        if control in ("choice", "boolean"):
            text = "" if text == "" else _dumped(value)
            choices = choices or _BOOLEANS
            choices = choices if text in ("", *(one for one, _ in choices)) else [*choices, (text, _words(text))]
        elif control == "json":
            text = "" if value is _MISSING else json.dumps(value, indent=2, ensure_ascii=False)
        return Node(
            control,
            at.key,
            label,
            at.path,
            _dumped(value),
            self._empty(schema, kind, required=at.required),
            text,
            choices,
            number=at.number,
            whole=kind == "integer",
            reason=found.reason if found else "",
            lights=lights,
            others=[(one, dict(choices).get(one, _words(one))) for one in found.others] if found else (),
        )

    def _choices(self, schema: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        given = [schema["const"]] if "const" in schema else schema.get("enum", ())
        if given:
            return [(_dumped(one), _words(_dumped(one))) for one in given if one is not None]
        listed = self.codes.get(str(schema.get("x-codes", "")))
        if listed is None or len(listed.meanings) > MOST_CHOICES:
            return ()
        return [(_dumped(code), f"{code} · {said}" if said else code) for code, said in listed.meanings.items()]

    def _empty(self, schema: Mapping[str, Any], kind: str, *, required: bool) -> str:
        """An emptied control is an unknown value, written in a way that the schema allows, if there is one."""
        if self.nulls or may_be_null(schema):
            return "null"
        if not required:
            return ""
        return '""' if kind == "string" and not schema.get("enum") else "null"


def _dumped(value: Any) -> str:
    return "" if value is _MISSING else json.dumps(value, ensure_ascii=False)


def _words(text: str) -> str:
    """A value that is given as JSON, in words."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else text
