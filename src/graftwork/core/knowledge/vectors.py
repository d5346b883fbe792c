"""The half of the index that finds meaning. Every vector is compared: nothing is missed, and nothing is to be tuned."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graftwork.core.knowledge.embedding import Vectors
from graftwork.core.knowledge.errors import VectorsDiffer

_FIRST_ROWS = 256
NOT_ALLOWED = np.float32(-2.0)


@dataclass(frozen=True, slots=True)
class Rows:
    """One state: row by row the entry's number (rising), the number of its source, whether it is there, its vector.

    Later rows are written behind these in the same memory; what these show does not change.
    """

    numbers: NDArray[np.int64]
    sources: NDArray[np.int32]
    alive: NDArray[np.bool_]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.numbers)

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of `numbers`, all of which are there."""
        return np.searchsorted(self.numbers, numbers)

    def cosines(self, query: Vectors, allowed: NDArray[np.int32] | None) -> Vectors:
        """By row, the cosine with `query`; `NOT_ALLOWED` for what was deleted or is of another source."""
        found: Vectors = self.vectors @ query
        if allowed is not None:
            found[~np.isin(self.sources, allowed)] = NOT_ALLOWED
        if not self.alive.all():
            found[~self.alive] = NOT_ALLOWED
        return found


def empty_rows(dimensions: int) -> Rows:
    return Rows(
        np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.bool_), np.empty((0, dimensions), np.float32)
    )


class RowStore:
    """Memory for rows that grows by doubling, so that adding one document does not copy the others."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._size = 0
        self._numbers = np.empty(_FIRST_ROWS, np.int64)
        self._sources = np.empty(_FIRST_ROWS, np.int32)
        self._vectors = np.empty((_FIRST_ROWS, dimensions), np.float32)

    def append(self, rows: Rows, numbers: NDArray[np.int64], source: NDArray[np.int32], vectors: Vectors) -> Rows:
        """`rows`, which must be the last state, and behind them the new ones. Raises `VectorsDiffer`."""
        if vectors.shape != (len(numbers), self._dimensions):
            raise VectorsDiffer(self._dimensions, vectors.shape[-1] if vectors.ndim == 2 else 0)
        end = self._size + len(numbers)
        self._make_room(end)
        self._numbers[self._size : end] = numbers
        self._sources[self._size : end] = source
        self._vectors[self._size : end] = vectors
        self._size = end
        alive = np.concatenate([rows.alive, np.ones(len(numbers), np.bool_)])
        return Rows(self._numbers[:end], self._sources[:end], alive, self._vectors[:end])

    def compact(self, rows: Rows) -> Rows:
        """`rows` without the deleted ones, in memory of their own."""
        kept = rows.alive
        self._numbers, self._sources, self._vectors = rows.numbers[kept], rows.sources[kept], rows.vectors[kept]
        self._size = len(self._numbers)
        return Rows(self._numbers, self._sources, np.ones(self._size, np.bool_), self._vectors)

    def _make_room(self, size: int) -> None:
        room = max(len(self._numbers), _FIRST_ROWS)
        while room < size:
            room *= 2
        if room > len(self._numbers):
            self._numbers = _grown(self._numbers, room)
            self._sources = _grown(self._sources, room)
            self._vectors = _grown(self._vectors, room)


def _grown(array: NDArray[Any], room: int) -> NDArray[Any]:
    grown = np.empty((room, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
