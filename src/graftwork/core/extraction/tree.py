"""Values with their evidence, as a tree in the form of the schema: what is read, merged, and flattened at the end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Union

from graftwork.core.extraction.normalising import normalised
from graftwork.core.output_shape import Fields, Items, Shape, escaped
from graftwork.core.types import FieldEvidence, Notice


@dataclass(frozen=True, slots=True)
class Window:
    """`start` to `end` of a text, in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """One leaf: its value, and its evidence with the path still to be filled in (`None` for a plain judgement)."""

    value: Any = field(repr=False)
    evidence: FieldEvidence | None = None


Node = Union[Read, "dict[str, Node]", "list[Node]"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many values of one field (`treatments.date`) were left empty, and why."""

    code: Literal["no_evidence", "invalid_output"]
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was taken out of a text: the plain value, where each part of it stands, and what a person must know.

    `evidence` has an entry for each leaf but the plain judgements that hold; `left_out` is what `notices` are made of.
    """

    value: dict[str, Any] = field(repr=False)
    evidence: tuple[FieldEvidence, ...] = field(default=(), repr=False)
    notices: tuple[Notice, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def flattened(root: Mapping[str, Node], left_out: Sequence[LeftOut], extra: Sequence[Notice] = ()) -> Extracted:
    """The value and the evidence of `root`, each entry under its path."""
    evidence: list[FieldEvidence] = []
    value = _flat(dict(root), "", evidence)
    summed = _summed(left_out)
    notices = dict.fromkeys((*_notices(summed), *extra))
    return Extracted(value, tuple(evidence), tuple(notices), summed)


def _flat(node: Node, path: str, evidence: list[FieldEvidence]) -> Any:
    if isinstance(node, dict):
        return {name: _flat(child, f"{path}/{escaped(name)}", evidence) for name, child in node.items()}
    if isinstance(node, list):
        return [_flat(child, f"{path}/{place}", evidence) for place, child in enumerate(node)]
    if node.evidence is not None:
        evidence.append(replace(node.evidence, path=path))
    return node.value


def attached(extracted: Extracted, shape: Fields) -> dict[str, Node]:
    """The tree that `extracted` was flattened from."""
    by_path = {entry.path: entry for entry in extracted.evidence}
    tree = _attached(extracted.value, shape, "", by_path)
    assert isinstance(tree, dict)
    return tree


def _attached(value: Any, shape: Shape, path: str, by_path: Mapping[str, FieldEvidence]) -> Node:
    if isinstance(shape, Fields):
        return {
            name: _attached(value[name], child, f"{path}/{escaped(name)}", by_path)
            for name, child in shape.properties.items()
        }
    if isinstance(shape, Items):
        return [_attached(child, shape.item, f"{path}/{place}", by_path) for place, child in enumerate(value)]
    return Read(value, by_path.get(path))


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Read]]:
    """The leaves of `node` outside of arrays in it, with their paths from it."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from leaves(child, f"{path}/{escaped(name)}")
    elif isinstance(node, Read):
        yield path, node


def is_empty(node: Node) -> bool:
    """Whether every leaf of `node` is null."""
    if isinstance(node, Read):
        return node.value is None
    return all(is_empty(child) for child in (node.values() if isinstance(node, dict) else node))


def key(node: Node) -> Any:
    """What two nodes share that say the same: their values, whatever the spelling. Never a place."""
    if isinstance(node, dict):
        return tuple((name, key(child)) for name, child in node.items())
    if isinstance(node, list):
        return tuple(key(child) for child in node)
    return value_key(node.value)


def value_key(value: Any) -> tuple[str, Any]:
    """The same for equal values in different spellings, and only for them: 1 is not true."""
    if isinstance(value, str):
        return "text", normalised(value) or value
    if isinstance(value, bool) or value is None:
        return "sign", value
    return "number", value


def without_repeats(nodes: Sequence[Node], shape: Items) -> list[Node]:
    """`nodes` with each that says what an earlier one says left out, unless the schema wants repeats."""
    if shape.repeats:
        return list(nodes)
    first: dict[Any, Node] = {}
    for node in nodes:
        first.setdefault(key(node), node)
    return list(first.values())


def _summed(left_out: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    counts: dict[tuple[Literal["no_evidence", "invalid_output"], str], int] = {}
    for one in left_out:
        counts[one.code, one.field] = counts.get((one.code, one.field), 0) + one.count
    return tuple(LeftOut(code, name, count) for (code, name), count in counts.items())


def _notices(left_out: Sequence[LeftOut]) -> Iterator[Notice]:
    told: dict[Literal["no_evidence", "invalid_output"], str] = {
        "no_evidence": "Left empty, because the text does not say it",
        "invalid_output": "Left empty, because the model's value is not one that the schema allows",
    }
    for code, sentence in told.items():
        named = [f"{one.field or 'the whole'} ({one.count})" for one in left_out if one.code == code]
        if named:
            yield Notice(code, f"{sentence}: {', '.join(named)}.")
