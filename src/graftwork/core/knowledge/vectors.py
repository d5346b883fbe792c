"""The half of the index that finds meaning. Every vector is compared: nothing is missed, and nothing is to be tuned."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graftwork.core.knowledge.coarse import Coarse, coarse, scan
from graftwork.core.knowledge.embedding import Vectors
from graftwork.core.knowledge.errors import VectorsDiffer

_FIRST_ROWS = 256
# Up to here an exact scan takes a millisecond.
_EXACT_ROWS = 3_000
# Up to here it is quicker to copy the rows together than to scan them all.
_FEW_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Rows:
    """One state: row by row the entry's number (rising), the number of its source, whether it is there, its vector.

    Later rows are written behind these in the same memory; what these show does not change.
    """

    numbers: NDArray[np.int64]
    sources: NDArray[np.int32]
    alive: NDArray[np.bool_]
    vectors: Vectors
    coarse: Coarse
    scales: Vectors

    def __len__(self) -> int:
        return len(self.numbers)

    def places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of `numbers`, all of which are there."""
        return np.searchsorted(self.numbers, numbers)

    def readable(self, allowed: NDArray[np.int32] | None) -> NDArray[np.int64]:
        """The places of what was not deleted and is of one of these sources, or of any."""
        if allowed is None:
            return np.arange(len(self)) if self.alive.all() else np.flatnonzero(self.alive)
        return np.flatnonzero(self.alive & np.isin(self.sources, allowed))

    def cosines(self, query: Vectors, places: NDArray[np.int64]) -> Vectors:
        """The cosines with `query` at `places`. Of many they are near ones, from `coarse`; `exact` does not round."""
        if len(places) <= _EXACT_ROWS:
            return self.exact(places, query)
        if len(places) < len(self) * _FEW_SHARE:
            return scan(self.coarse[places], self.scales[places], query)
        found = scan(self.coarse, self.scales, query)
        return found if len(places) == len(self) else found[places]

    def exact(self, places: NDArray[np.int64], query: Vectors) -> Vectors:
        """The cosines of the rows at `places`."""
        found: Vectors = self.vectors[places] @ query
        return found


def empty_rows(dimensions: int) -> Rows:
    vectors = np.empty((0, dimensions), np.float32)
    return Rows(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.bool_), vectors, *coarse(vectors))


class RowStore:
    """Memory for rows that grows by doubling, so that adding one document does not copy the others."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._size = 0
        self._numbers = np.empty(_FIRST_ROWS, np.int64)
        self._sources = np.empty(_FIRST_ROWS, np.int32)
        self._vectors = np.empty((_FIRST_ROWS, dimensions), np.float32)
        self._coarse = np.empty((_FIRST_ROWS, dimensions), np.int8)
        self._scales = np.empty(_FIRST_ROWS, np.float32)

    def append(self, rows: Rows, numbers: NDArray[np.int64], source: NDArray[np.int32], vectors: Vectors) -> Rows:
        """`rows`, which must be the last state, and behind them the new ones. Raises `VectorsDiffer`."""
        if vectors.shape != (len(numbers), self._dimensions):
            raise VectorsDiffer(self._dimensions, vectors.shape[-1] if vectors.ndim == 2 else 0)
        end = self._size + len(numbers)
        self._make_room(end)
        self._numbers[self._size : end] = numbers
        self._sources[self._size : end] = source
        self._vectors[self._size : end] = vectors
        self._coarse[self._size : end], self._scales[self._size : end] = coarse(vectors)
        self._size = end
        alive = np.concatenate([rows.alive, np.ones(len(numbers), np.bool_)])
        return self._rows(alive)

    def compact(self, rows: Rows) -> Rows:
        """`rows` without the deleted ones, in memory of their own."""
        kept = rows.alive
        self._numbers, self._sources, self._vectors = rows.numbers[kept], rows.sources[kept], rows.vectors[kept]
        self._coarse, self._scales = rows.coarse[kept], rows.scales[kept]
        self._size = len(self._numbers)
        return self._rows(np.ones(self._size, np.bool_))

    def _rows(self, alive: NDArray[np.bool_]) -> Rows:
        end = self._size
        return Rows(
            self._numbers[:end], self._sources[:end], alive, self._vectors[:end], self._coarse[:end], self._scales[:end]
        )

    def _make_room(self, size: int) -> None:
        room = max(len(self._numbers), _FIRST_ROWS)
        while room < size:
            room *= 2
        if room > len(self._numbers):
            self._numbers = _grown(self._numbers, room)
            self._sources = _grown(self._sources, room)
            self._vectors = _grown(self._vectors, room)
            self._coarse = _grown(self._coarse, room)
            self._scales = _grown(self._scales, room)


def _grown(array: NDArray[Any], room: int) -> NDArray[Any]:
    grown = np.empty((room, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
