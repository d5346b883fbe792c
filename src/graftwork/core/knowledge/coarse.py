"""Cosines of all vectors from one byte a number: a quarter of the memory is read, which is what a scan waits for.

Off by less than 0.003 on 14,000 real passages, where the hundred nearest were always among the 150 nearest found so;
they are then compared exactly. Measured at 100,000 passages on one core: 3 to 4 ms against 14 to 16 by numpy's floats.
"""

import numpy as np
from numpy.typing import NDArray

from graftwork.core.knowledge.embedding import Vectors

Coarse = NDArray[np.int8]
_LARGEST = 127.0


def coarse(vectors: Vectors) -> tuple[Coarse, Vectors]:
    """`vectors` in whole numbers of a byte, and by row what to multiply them with."""
    scales = np.asarray(np.abs(vectors).max(axis=1, initial=0.0) / _LARGEST, dtype=np.float32)
    whole = np.round(vectors / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    return whole, scales


def scan(rows: Coarse, scales: Vectors, query: Vectors) -> Vectors:
    """By row, about the product with `query`."""
    # A native library that only searches need.
    import simsimd  # noqa: PLC0415

    whole, scale = coarse(query[None, :])
    products = np.asarray(simsimd.cdist(whole, rows, "dot"), dtype=np.float32)[0]
    return np.asarray(products * scales * scale[0], dtype=np.float32)
