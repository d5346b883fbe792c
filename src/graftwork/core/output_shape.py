"""A JSON Schema as what extraction needs of it: a tree of fields, items and leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graftwork.core.output_errors import SchemaUnsupported

LEAF_TYPES = ("string", "integer", "number", "boolean")
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `rules` is its resolved schema without null, `choices` what it may be where that is a closed set.

    A `verbatim` one is its own quote: the model writes the words of the text once.
    """

    types: tuple[str, ...]
    rules: Mapping[str, Any]
    choices: tuple[Any, ...] = ()
    evidence: bool = True
    codes: str = ""
    format: str = ""
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """An array. `repeats` says that equal items stand for different things (`"uniqueItems": false` in the schema)."""

    item: "Shape"
    max_items: int | None = None
    min_items: int | None = None
    repeats: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object, with its properties in the schema's order."""

    properties: Mapping[str, "Shape"]
    required: frozenset[str] = field(default=frozenset())
    description: str = ""


Shape = Leaf | Items | Fields


def read_shape(schema: Mapping[str, Any]) -> Fields:
    """The shape of `schema`. Raises `SchemaUnsupported` where no form, grammar and evidence can be made of it."""
    shape = _Reader(schema).read(schema, "", (), evidence=True)
    if not isinstance(shape, Fields):
        raise SchemaUnsupported("/", "is not an object with properties")
    return shape


class _Reader:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def read(self, node: Any, path: str, seen: tuple[str, ...], *, evidence: bool) -> Shape:
        node, seen = self._resolved(node, path, seen)
        if path.count("/") > 2 * MAX_DEPTH:
            raise SchemaUnsupported(path, "is nested too deeply")
        evidence = evidence and node.get("x-evidence", True) is not False
        types = _types(node)
        if types == ("object",):
            return self._fields(node, path, seen, evidence)
        if types == ("array",):
            return self._items(node, path, seen, evidence)
        if not types or not set(types) <= set(LEAF_TYPES):
            raise SchemaUnsupported(path or "/", "has no type, or one of several that are not all plain values")
        return _leaf(node, types, evidence)

    def _fields(self, node: Mapping[str, Any], path: str, seen: tuple[str, ...], evidence: bool) -> Fields:
        if not isinstance(node.get("properties"), Mapping) or "patternProperties" in node:
            raise SchemaUnsupported(path or "/", "is an object whose properties are not named")
        properties = {
            str(name): self.read(child, f"{path}/properties/{escaped(str(name))}", seen, evidence=evidence)
            for name, child in node["properties"].items()
        }
        return Fields(properties, frozenset(node.get("required", ())), str(node.get("description", "")))

    def _items(self, node: Mapping[str, Any], path: str, seen: tuple[str, ...], evidence: bool) -> Items:
        if not isinstance(node.get("items"), Mapping) or "prefixItems" in node:
            raise SchemaUnsupported(path or "/", "is an array without one schema for its items")
        item = self.read(node["items"], f"{path}/items", seen, evidence=evidence)
        if isinstance(item, Items):
            raise SchemaUnsupported(path or "/", "is an array of arrays")
        limits = node.get("maxItems"), node.get("minItems")
        return Items(item, *limits, node.get("uniqueItems") is False, str(node.get("description", "")))

    def _resolved(self, node: Any, path: str, seen: tuple[str, ...]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """`node` with references followed, null taken out, and an alternative or part that stands alone put in."""
        while isinstance(node, Mapping):
            if "$ref" in node:
                reference = str(node["$ref"])
                if reference in seen:
                    raise SchemaUnsupported(path or "/", "refers to itself")
                seen = (*seen, reference)
                node = self._target(reference, path) | _without(node, "$ref")
            elif word := next((word for word in ("anyOf", "oneOf", "allOf") if word in node), None):
                node = self._joined(node, word, path, seen)
            else:
                return node, seen
        raise SchemaUnsupported(path or "/", "is no schema of an object")

    def _target(self, reference: str, path: str) -> dict[str, Any]:
        start, *steps = reference.split("/")
        found: Any = self._root
        for step in steps:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        if start != "#" or not isinstance(found, Mapping):
            raise SchemaUnsupported(path or "/", "refers to what this schema does not hold")
        return dict(found)

    def _joined(self, node: Mapping[str, Any], word: str, path: str, seen: tuple[str, ...]) -> dict[str, Any]:
        parts = [self._resolved(part, path, seen)[0] for part in node[word]]
        parts = [part for part in parts if part.get("type") != "null"]
        rest = _without(node, word)
        if len(parts) == 1:
            return dict(parts[0]) | rest
        plain = word != "allOf" and all(set(_types(part)) <= set(LEAF_TYPES) and _types(part) for part in parts)
        if not plain:
            raise SchemaUnsupported(path or "/", f"has `{word}` with more than one thing that is not a plain value")
        types = list(dict.fromkeys(name for part in parts for name in _types(part)))
        if all(_choices(part) for part in parts):
            return {"type": types, "enum": [value for part in parts for value in _choices(part)], **rest}
        return {"type": types, **rest}


def escaped(name: str) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _without(node: Mapping[str, Any], word: str) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != word}


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    given = node.get("type")
    if given is None:
        guessed = {"properties": "object", "items": "array"}
        found = next((name for word, name in guessed.items() if word in node), None)
        return (found,) if found else tuple(dict.fromkeys(map(_type_of, _choices(node))))
    names = [given] if isinstance(given, str) else list(given)
    return tuple(name for name in names if name != "null")


def _choices(node: Mapping[str, Any]) -> tuple[Any, ...]:
    given = [node["const"]] if "const" in node else node.get("enum", ())
    return tuple(value for value in given if value is not None)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    return "string" if isinstance(value, str) else "other"


_NOT_RULES = ("title", "examples", "default", "$defs", "definitions", "x-evidence", "x-codes", "type", "enum", "const")


def _leaf(node: Mapping[str, Any], types: tuple[str, ...], evidence: bool) -> Leaf:
    codes, form = str(node.get("x-codes", "")), str(node.get("format", ""))
    in_words = types == ("string",) and not (_choices(node) or codes or form)
    return Leaf(
        types,
        {name: value for name, value in node.items() if name not in _NOT_RULES},
        _choices(node),
        evidence,
        codes,
        form,
        verbatim=evidence and in_words and node.get("x-evidence") == "verbatim",
    )
