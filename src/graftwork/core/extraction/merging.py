"""One result out of what the windows of a long text gave, with the conflicts between them shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from graftwork.core.extraction.tree import (
    Extracted,
    Node,
    Read,
    Window,
    attached,
    flattened,
    key,
    leaves,
    value_key,
    without_repeats,
)
from graftwork.core.extraction.validating import NOT_GIVEN, NOT_GIVEN_REQUIRED
from graftwork.core.output_shape import Fields, Items, Shape, read_shape
from graftwork.core.types import FieldEvidence, Notice


def merge(parts: Sequence[tuple[Window, Extracted]], schema: Mapping[str, Any], field: str = "") -> Extracted:
    """One result out of those of the windows, with its offsets in the whole text.

    `field` is the one that was read by windows, every field where empty. Lists are joined, and what two windows both
    saw is listed once. Of different values for one field the one that most windows gave is kept, then the first; the
    others are named in its evidence, with a notice. A value goes before null.
    """
    shape = read_shape(schema)
    trees = [_shifted(attached(found, shape), window.start, field) for window, found in parts]
    joiner = _Joiner()
    root = joiner.fields(trees, shape, "")
    left_out = list(chain.from_iterable(found.left_out for _, found in parts))
    made = {notice for _, found in parts for notice in flattened({}, found.left_out).notices}
    extra = [notice for _, found in parts for notice in found.notices if notice not in made]
    return flattened(root, left_out, [*extra, *joiner.notices()])


def _shifted(tree: dict[str, Node], by: int, field: str) -> dict[str, Node]:
    return {name: _shifted_node(child, by, field) for name, child in tree.items()}


def _shifted_node(node: Node, by: int, field: str) -> Node:
    if isinstance(node, dict):
        return _shifted(node, by, field)
    if isinstance(node, list):
        return [_shifted_node(child, by, field) for child in node]
    found = node.evidence
    # Excerpts have no field: they are shown whole with every window.
    if found is None or found.field is None or found.start is None or found.end is None:
        return node
    if field and found.field != field:
        return node
    return Read(node.value, replace(found, start=found.start + by, end=found.end + by))


@dataclass
class _Joiner:
    conflicts: list[str] = field(default_factory=list)

    def notices(self) -> list[Notice]:
        named = ", ".join(dict.fromkeys(self.conflicts))
        sentence = f"The text gives more than one value for {named}. One was kept; look at the others before you send."
        return [Notice("conflict", sentence)] if named else []

    def fields(self, trees: Sequence[Mapping[str, Node]], shape: Fields, name: str) -> dict[str, Node]:
        return {
            key: self._node([tree[key] for tree in trees], child, f"{name}.{key}".lstrip("."))
            for key, child in shape.properties.items()
        }

    def _node(self, nodes: Sequence[Node], shape: Shape, name: str) -> Node:
        if isinstance(shape, Fields):
            return self.fields([node for node in nodes if isinstance(node, dict)], shape, name)
        if isinstance(shape, Items):
            return self._items([node for node in nodes if isinstance(node, list)], shape, name)
        return self._leaf([node for node in nodes if isinstance(node, Read)], name)

    def _items(self, lists: Sequence[list[Node]], shape: Items, name: str) -> list[Node]:
        kept: list[Node] = []
        for nodes in lists:
            before = len(kept)  # two items of one window are two things: only those of earlier ones can be the same
            for node in nodes:
                place = next((n for n in range(before) if _is_same(kept[n], node)), None)
                if place is None:
                    kept.append(node)
                else:
                    kept[place] = self._node([kept[place], node], shape.item, name)
        return without_repeats(kept, shape)

    def _leaf(self, reads: Sequence[Read], name: str) -> Read:
        given = [read for read in reads if read.value is not None]
        if not given:
            return next((read for read in reads if _says_why(read)), reads[0])
        votes: dict[Any, list[Read]] = {}
        for read in given:
            votes.setdefault(value_key(read.value), []).append(read)
        ranked = sorted(votes.values(), key=len, reverse=True)  # stable: the first of equals stays first
        best = ranked[0][0]
        others = [json.dumps(group[0].value, ensure_ascii=False) for group in ranked[1:]]
        earlier = [other for read in given if read.evidence for other in read.evidence.others]
        own = json.dumps(best.value, ensure_ascii=False)
        different = tuple(other for other in dict.fromkeys([*earlier, *others]) if other != own)
        if others:
            self.conflicts.append(name)
        return Read(best.value, replace(best.evidence or FieldEvidence(""), others=different)) if different else best


def _says_why(read: Read) -> bool:
    return read.evidence is not None and read.evidence.reason not in ("", NOT_GIVEN, NOT_GIVEN_REQUIRED)


def _is_same(one: Node, other: Node) -> bool:
    """Whether two windows saw the same item: it says the same in both, or one of them saw less of it at that place."""
    if key(one) == key(other):
        return True
    pairs = [(read, dict(leaves(other)).get(path)) for path, read in leaves(one)]
    at_one_place = False
    for mine, its in pairs:
        if its is None or mine.value is None or its.value is None:
            continue
        if value_key(mine.value) != value_key(its.value):
            return False
        at_one_place = at_one_place or _overlap(mine.evidence, its.evidence)
    return at_one_place


def _overlap(one: FieldEvidence | None, other: FieldEvidence | None) -> bool:
    if one is None or other is None or None in (one.start, one.end, other.start, other.end):
        return False
    if (one.field, one.excerpt) != (other.field, other.excerpt):
        return False
    return one.start < other.end and other.start < one.end  # type: ignore[operator]  # none of the four is None here
