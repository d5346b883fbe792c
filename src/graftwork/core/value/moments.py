"""What a sample says about a mean or a ratio, as sums: kept per day, arm and reviewer, and added up again.

Each randomised unit (an item, a thread, a customer) contributes a numerator y (such as seconds), a denominator d (such
as items) and a covariate x that was known before the pilot touched it: one number per unit, that of its first item. A
mean over items is the ratio y / d with d = 1. Sums of squares and products are over units, so that the spread between
units is the one that counts (the delta method; Deng, Knoblich and Lu, Applying the delta method in metric analytics,
KDD 2018).
"""

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over `units` units. Added and subtracted term by term; a difference of two may stand for one day."""

    units: float = 0.0
    y: float = 0.0
    d: float = 0.0
    x: float = 0.0
    yy: float = 0.0
    dd: float = 0.0
    xx: float = 0.0
    yd: float = 0.0
    yx: float = 0.0
    dx: float = 0.0

    @classmethod
    def of(cls, y: float, d: float = 1.0, x: float = 0.0) -> Self:
        """One unit."""
        return cls(1.0, y, d, x, y * y, d * d, x * x, y * d, y * x, d * x)

    @classmethod
    def total(cls, parts: Iterable["Moments"]) -> Self:
        """The sum of many, exact to the last digit that a float has (`math.fsum`), in whatever order they come."""
        rows = [_terms(part) for part in parts]
        return cls(*(math.fsum(column) for column in zip(*rows, strict=True))) if rows else cls()

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(*map(operator.add, _terms(self), _terms(other)))

    def __sub__(self, other: "Moments") -> "Moments":
        return Moments(*map(operator.sub, _terms(self), _terms(other)))

    @property
    def ratio(self) -> float | None:
        """y per d; `None` where nothing was counted."""
        return self.y / self.d if self.d else None


NAMES = tuple(field.name for field in fields(Moments))
_terms = operator.attrgetter(*NAMES)
