"""Sums of made-up units, for tests and benchmarks of core/value."""

from graftwork.core.value.moments import Moments


def of_items(y, x=None):
    """Units of one item each."""
    return of_units(y, [1.0] * len(y), x)


def of_units(y, d, x=None):
    """Units with a numerator, a denominator and, if given, a covariate each."""
    xs = [0.0] * len(y) if x is None else x
    return Moments.total(Moments.of(float(a), float(b), float(c)) for a, b, c in zip(y, d, xs, strict=True))
