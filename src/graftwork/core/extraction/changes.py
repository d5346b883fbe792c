"""What a person changed in a JSON draft, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz import fuzz

from graftwork.core.output_shape import escaped

# Below this likeness (0 to 1) two items are two things: one was removed and another added.
SAME_ITEM = 0.5
# Pairs that are compared at most; longer lists are paired in their order.
MAX_PAIRS = 40_000
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change. `path` is a JSON pointer: into the final JSON, for what was removed into the draft's.

    `before` is `None` for what was added, `after` for what was removed; `kind` tells these from a null.
    """

    path: str
    before: Any = field(repr=False)
    after: Any = field(repr=False)
    kind: Literal["changed", "added", "removed"] = "changed"


def field_changes(before: Any, after: Any) -> list[FieldChange]:
    """The changes that turn `before` into `after`, in the order of the final JSON.

    Items of lists are paired by likeness, in their order, so that an item taken out at the start is one removal.
    """
    return list(_changes(before, after, "", "", 0))


def _changes(before: Any, after: Any, old_path: str, path: str, depth: int) -> Iterator[FieldChange]:
    if _equal(before, after):
        return
    if depth < MAX_DEPTH and isinstance(before, dict) and isinstance(after, dict):
        yield from _in_objects(before, after, old_path, path, depth)
    elif depth < MAX_DEPTH and isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, old_path, path, depth)
    else:
        yield FieldChange(path, before, after)


def _in_objects(
    before: dict[str, Any], after: dict[str, Any], old_path: str, path: str, depth: int
) -> Iterator[FieldChange]:
    for name, value in before.items():
        if name not in after:
            yield FieldChange(f"{old_path}/{escaped(name)}", value, None, "removed")
    for name, value in after.items():
        step = f"/{escaped(name)}"
        if name in before:
            yield from _changes(before[name], value, old_path + step, path + step, depth + 1)
        else:
            yield FieldChange(path + step, None, value, "added")


def _in_lists(before: list[Any], after: list[Any], old_path: str, path: str, depth: int) -> Iterator[FieldChange]:
    pairs = _pairs(before, after)
    kept, matched = {old for old, _ in pairs}, {new: old for old, new in pairs}
    for place, value in enumerate(before):
        if place not in kept:
            yield FieldChange(f"{old_path}/{place}", value, None, "removed")
    for place, value in enumerate(after):
        if place in matched:
            old = matched[place]
            yield from _changes(before[old], value, f"{old_path}/{old}", f"{path}/{place}", depth + 1)
        else:
            yield FieldChange(f"{path}/{place}", None, value, "added")


def _pairs(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[int, int]]:
    """Which item became which: in order, with the most likeness in total (Needleman and Wunsch 1970, gaps free)."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    same = [(n, n) for n in range(head)]
    ends = [(len(before) - n, len(after) - n) for n in range(tail, 0, -1)]
    in_order = len(old) * len(new) > MAX_PAIRS
    middle = [(n, n) for n in range(min(len(old), len(new)))] if in_order else _aligned(old, new)
    return [*same, *((head + a, head + b) for a, b in middle), *ends]


def _common(before: Sequence[Any], after: Sequence[Any]) -> int:
    shorter = min(len(before), len(after))
    return next((n for n in range(shorter) if not _equal(before[n], after[n])), shorter)


def _aligned(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    likeness = [[_likeness(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in reversed(range(len(old))):
        for column in reversed(range(len(new))):
            paired = _with_pair(best, likeness, row, column)
            best[row][column] = max(best[row + 1][column], best[row][column + 1], paired)
    pairs = []
    row = column = 0
    while row < len(old) and column < len(new):
        if best[row][column] == _with_pair(best, likeness, row, column):
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def _with_pair(best: list[list[float]], likeness: list[list[float]], row: int, column: int) -> float:
    like = likeness[row][column]
    return best[row + 1][column + 1] + like if like >= SAME_ITEM else -1.0


def _likeness(one: Any, other: Any, depth: int = 0) -> float:
    """0 (nothing in common) to 1 (equal); of objects the mean over their fields."""
    if _equal(one, other):
        return 1.0
    if isinstance(one, str) and isinstance(other, str):
        return fuzz.ratio(one, other) / 100
    if depth < MAX_DEPTH and isinstance(one, dict) and isinstance(other, dict):
        common = [_likeness(value, other[name], depth + 1) for name, value in one.items() if name in other]
        return sum(common) / len({*one, *other})
    if depth < MAX_DEPTH and isinstance(one, list) and isinstance(other, list):
        shorter = zip(one, other, strict=False)
        return sum(_likeness(a, b, depth + 1) for a, b in shorter) / max(len(one), len(other))
    return 0.0


def _equal(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)
