"""Two JSON values leaf by leaf. Objects of an array are compared with those of the other that they resemble most."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graftwork.core.scoring.normal import same

# Deeper than any answer that a schema asks for; without an end, a hostile draft could exhaust the stack.
MAX_DEPTH = 40
# Where two pairings agree equally, the one with more literal agreement is taken.
_EXACT_BONUS = 1e-3


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that is no container. `field` is its path without positions in arrays, `pointer` its JSON pointer."""

    field: str
    pointer: str
    value: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """What was expected at a place, and what the draft has there. One of both may be missing."""

    gold: Leaf | None
    draft: Leaf | None

    @property
    def field(self) -> str:
        leaf = self.gold or self.draft
        assert leaf is not None
        return leaf.field

    @property
    def same(self) -> bool:
        return self.gold is not None and self.draft is not None and same(self.gold.value, self.draft.value)

    @property
    def equal(self) -> bool:
        """Literally; `true` is not 1, although Python says so."""
        if self.gold is None or self.draft is None:
            return False
        one, other = self.gold.value, self.draft.value
        return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


@dataclass(frozen=True, slots=True)
class _Place:
    field: str = ""
    pointer: str = ""
    depth: int = 0

    def key(self, name: str) -> "_Place":
        escaped = name.replace("~", "~0").replace("/", "~1")
        return _Place(f"{self.field}.{name}".lstrip("."), f"{self.pointer}/{escaped}", self.depth + 1)

    def item(self, number: int) -> "_Place":
        return _Place(f"{self.field}[]", f"{self.pointer}/{number}", self.depth + 1)


def leaves(value: Any) -> list[Leaf]:
    """Every leaf that holds something: null, an empty text and an empty container do not."""
    return list(_leaves(value, _Place()))


def pairs(gold: Any, draft: Any) -> list[Pair]:
    """Every leaf of both, paired. Arrays are aligned by the pairing that agrees most (Kuhn 1955), in any order."""
    return list(_pairs(gold, draft, _Place(), _Place()))


def _leaves(value: Any, place: _Place) -> Iterator[Leaf]:
    if place.depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, place.key(str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, place.item(number))
    elif value is not None and value != "":
        yield Leaf(place.field, place.pointer, value)


def _pairs(gold: Any, draft: Any, at_gold: _Place, at_draft: _Place) -> Iterator[Pair]:
    if isinstance(gold, dict) and isinstance(draft, dict) and at_gold.depth < MAX_DEPTH:
        for name in dict.fromkeys([*gold, *draft]):
            yield from _pairs(gold.get(name), draft.get(name), at_gold.key(name), at_draft.key(name))
    elif isinstance(gold, list) and isinstance(draft, list) and at_gold.depth < MAX_DEPTH:
        yield from _aligned(gold, draft, at_gold, at_draft)
    elif isinstance(gold, dict | list) or isinstance(draft, dict | list):
        yield from (Pair(leaf, None) for leaf in _leaves(gold, at_gold))
        yield from (Pair(None, leaf) for leaf in _leaves(draft, at_draft))
    else:
        one, other = next(_leaves(gold, at_gold), None), next(_leaves(draft, at_draft), None)
        if one or other:
            yield Pair(one, other)


def _aligned(gold: list[Any], draft: list[Any], at_gold: _Place, at_draft: _Place) -> Iterator[Pair]:
    partner = _partners(gold, draft, at_gold, at_draft)
    for number, inner in enumerate(gold):
        if number in partner:
            other = partner[number]
            yield from _pairs(inner, draft[other], at_gold.item(number), at_draft.item(other))
        else:
            yield from (Pair(leaf, None) for leaf in _leaves(inner, at_gold.item(number)))
    for other in sorted(set(range(len(draft))) - set(partner.values())):
        yield from (Pair(None, leaf) for leaf in _leaves(draft[other], at_draft.item(other)))


def _partners(gold: list[Any], draft: list[Any], at_gold: _Place, at_draft: _Place) -> dict[int, int]:
    if not gold or not draft:
        return {}
    import numpy as np  # noqa: PLC0415 - scipy takes 20 MB, and only a score of arrays needs it
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - as above

    gains = np.array(
        [
            [_gain(one, other, at_gold.item(row), at_draft.item(column)) for column, other in enumerate(draft)]
            for row, one in enumerate(gold)
        ]
    )
    rows, columns = linear_sum_assignment(gains, maximize=True)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if gains[row, column] > 0}


def _gain(gold: Any, draft: Any, at_gold: _Place, at_draft: _Place) -> float:
    found = [pair for pair in _pairs(gold, draft, at_gold, at_draft) if pair.same]
    return len(found) + _EXACT_BONUS * sum(pair.equal for pair in found)
