"""One byte a number is near enough to find the nearest, which are then compared exactly."""

import numpy as np
import pytest

from graftwork.core.knowledge import vectors as vectors_module
from graftwork.core.knowledge.coarse import coarse, scan
from graftwork.core.knowledge.embedding import Vectors, unit_length
from graftwork.core.knowledge.vectors import RowStore, empty_rows


def some(count: int, dimensions: int = 384, seed: int = 1) -> Vectors:
    return unit_length(np.random.default_rng(seed).standard_normal((count, dimensions), dtype=np.float32))


def test_products_are_near_the_exact_ones() -> None:
    rows, query = some(2_000), some(1, seed=2)[0]
    assert np.abs(scan(*coarse(rows), query) - rows @ query).max() < 0.01


def test_a_vector_of_zeros_has_no_product() -> None:
    zeros = np.zeros((2, 384), np.float32)
    assert scan(*coarse(zeros), some(1)[0]).tolist() == [0.0, 0.0]
    assert scan(*coarse(some(2)), zeros[0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dimensions", [1, 3, 64, 385, 1024])
def test_vectors_of_any_length_are_compared(dimensions: int) -> None:
    rows = some(50, dimensions)
    assert int(np.argmax(scan(*coarse(rows), rows[7]))) == int(np.argmax(rows @ rows[7]))


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_many_rows_hide_what_may_not_be_read_as_few_do(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    store, rows = RowStore(384), empty_rows(384)
    rows = store.append(rows, np.arange(300), np.arange(300, dtype=np.int32) % 3, some(300))
    query, places = some(1, seed=3)[0], rows.readable(np.array([1], np.int32))
    assert (len(places), set(rows.sources[places])) == (100, {1})
    exact = rows.cosines(query, places)
    monkeypatch.setattr(vectors_module, "_EXACT_ROWS", 10)
    monkeypatch.setattr(vectors_module, "_FEW_SHARE", share)
    assert np.abs(rows.cosines(query, places) - exact).max() < 0.01
