"""Quantiles of skewed times from counts in bins, each a little wider than the last, and how far two arms lie apart."""

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from graftwork.core.stats import CONFIDENCE, SEED, Estimate

# Whoever only needs the number of a bin, as the web process does when it starts, needs no numpy.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# DDSketch (C. Masson, J. E. Rim and H. K. Lee, VLDB 12 (2019), 2195-2205, section 2.1): bins whose edges grow by gamma
# keep every quantile within this relative error.
RELATIVE_ERROR = 0.01
_LOG_GAMMA = math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR))
# Up to here a value counts as 0; a microsecond is below any time that a person spends.
_SMALLEST = 1e-6
_DRAWS = 4_000
# Below so many values beyond a quantile, its interval would be that of a few of the largest.
_LEAST_BEYOND = 5


def bin_of(value: float) -> int:
    """The bin of a value: 0 for 0, above it for positive values, the same below it for negative ones.

    Raises `ValueError` for infinite values and NaN.
    """
    if not math.isfinite(value):
        raise ValueError("only finite values have a bin")
    size = abs(value)
    if size <= _SMALLEST:
        return 0
    number = max(1, math.ceil(math.log(size / _SMALLEST) / _LOG_GAMMA))
    return number if value > 0 else -number


def middle_of(number: int) -> float:
    """The value that stands for a bin: within 1 % of everything in it."""
    low, high = _edges(number)
    return 2 * low * high / (low + high) if number else 0.0


def quantile(bins: Mapping[int, int], q: float) -> float | None:
    """The `q` quantile of binned values, within 1 %; between two values as numpy does (type 7 of R. J. Hyndman and
    Y. Fan, The American Statistician 50 (1996), 361-365). `None` without values; `ValueError` for q beyond 0 to 1.
    """
    _check(q)
    numbers, ends = _cumulated(bins)
    if not numbers:
        return None
    position = float(ends[-1] - 1) * q
    rank = math.floor(position)
    first, second = _of_rank(numbers, ends, rank), _of_rank(numbers, ends, math.ceil(position))
    return first + (position - rank) * (second - first)


def quantile_difference(
    assisted: Mapping[int, int],
    control: Mapping[int, int],
    q: float,
    *,
    unit: str,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Estimate | None:
    """The `q` quantile of assisted minus that of control, with a bootstrap interval over values.

    A bootstrap draw of a quantile is the value below which a share lies that follows a beta distribution with
    parameters (n + 1) q and (n + 1) (1 - q): J. S. Maritz and R. G. Jarrett, JASA 73 (1978), 194-196. So nothing is
    drawn but shares, and 10 million values cost as much as 100. Percentile interval (Efron 1979); the same `seed` gives
    the same. Within a bin values count as spread evenly. Values are taken for independent: with several from one
    thread the interval is too narrow.

    `None` where an arm is empty. Without bounds where an arm has fewer than five values beyond the quantile, or both
    arms are one bin each. `n` counts values.
    """
    values = quantile(assisted, q), quantile(control, q)
    if values[0] is None or values[1] is None:
        return None
    gap = values[0] - values[1]
    arms = [_cumulated(assisted), _cumulated(control)]
    counts = [int(ends[-1]) for _, ends in arms]
    if min(counts) * min(q, 1 - q) < _LEAST_BEYOND or all(len(numbers) == 1 for numbers, _ in arms):
        return Estimate(gap, None, None, sum(counts), unit, confidence)
    import numpy as np  # noqa: PLC0415 - as above

    generator = np.random.default_rng(seed)
    first, second = (_drawn(numbers, ends, q, generator) for numbers, ends in arms)
    low, high = np.quantile(first - second, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(gap, float(low), float(high), sum(counts), unit, confidence)


def _of_rank(numbers: list[int], ends: "Floats", rank: int) -> float:
    """The value at a rank that counts from 0."""
    import numpy as np  # noqa: PLC0415 - as above

    return middle_of(numbers[int(np.searchsorted(ends, rank, side="right"))])


def _drawn(numbers: list[int], ends: "Floats", q: float, generator: "np.random.Generator") -> "Floats":
    import numpy as np  # noqa: PLC0415 - as above

    total = ends[-1]
    places = generator.beta((total + 1) * q, (total + 1) * (1 - q), size=_DRAWS) * total
    at = np.minimum(np.searchsorted(ends, places, side="left"), len(numbers) - 1)
    edges = np.array([_edges(number) for number in numbers])
    begins = np.concatenate([[0.0], ends[:-1]])
    within = (places - begins[at]) / (ends[at] - begins[at])
    drawn: Floats = edges[at, 0] + within * (edges[at, 1] - edges[at, 0])
    return drawn


def _edges(number: int) -> tuple[float, float]:
    """Lower and upper edge, in the order of values."""
    if number == 0:
        return 0.0, 0.0
    size = abs(number)
    inner, outer = (_SMALLEST * math.exp(_LOG_GAMMA * step) for step in (size - 1, size))
    return (inner, outer) if number > 0 else (-outer, -inner)


def _cumulated(bins: Mapping[int, int]) -> tuple[list[int], "Floats"]:
    """Bins that hold something, in order, and how many values lie in each and all before it."""
    import numpy as np  # noqa: PLC0415 - as above

    numbers = sorted(number for number, count in bins.items() if count > 0)
    return numbers, np.array(list(itertools.accumulate(bins[number] for number in numbers)), dtype=float)


def _check(q: float) -> None:
    if not 0 <= q <= 1:
        raise ValueError("a quantile lies between 0 and 1")
