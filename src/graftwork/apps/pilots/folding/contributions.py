"""What items add to the sums, from what is kept of each: a plain function, so that what was added can be taken back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from graftwork.core.appraisal.measuring import BOOKKEEPING, DECIDED, ENROLLED
from graftwork.core.charter.metrics import HANDLING_TIME
from graftwork.core.charter.schema import Unit
from graftwork.core.value.quantiles import bin_of

# Who is behind each tenure, as "tenure/person", so that no part of too few people is shown.
PEOPLE = "tenure_people"

# Oddities stand beside the metrics in `Enrolment.folded`, so that each item is counted once.
ODDITY = "!"

DayKey = tuple[str, str, date]  # metric, arm, day
PartKey = tuple[str, str, str, str]  # metric, arm, dimension, value
Row = list[float]  # the terms of Moments, in their order


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of an enrolled item. `reviewer` is 0 for a program, an unknown person, and before a decision."""

    item: UUID
    unit: str
    arm: str
    x: float
    item_type: str
    enrolled_on: date
    day: date | None
    reviewer: int
    tenure: str
    folded: dict[str, Sequence[float]]


def _row() -> Row:
    return [0.0] * 10


@dataclass(slots=True)
class Contributions:
    """Sums, or changes of sums."""

    days: defaultdict[DayKey, Row] = field(default_factory=lambda: defaultdict(_row))
    parts: defaultdict[PartKey, Row] = field(default_factory=lambda: defaultdict(_row))
    bins: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    oddities: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, states: Iterable[State], unit: Unit, sign: int = 1) -> None:
        """Add (or with `sign` -1 take away) what these items contribute; of a unit of several items, all of them."""
        if unit in ("item", "reviewer"):
            for state in states:
                self._item(state, sign, by_reviewer=unit == "reviewer")
            return
        units: defaultdict[tuple[str, str], list[State]] = defaultdict(list)
        for state in states:
            units[state.unit, state.arm].append(state)
        for members in units.values():
            self._unit(members, sign)

    def _item(self, state: State, sign: int, *, by_reviewer: bool) -> None:
        for metric, values in state.folded.items():
            if metric.startswith(ODDITY):
                self.oddities[metric[1:]] += sign
                continue
            y, d = values[0], values[1]
            _add(self.days[metric, state.arm, _day(state, metric)], sign, y, d, state.x)
            for dimension, value in _parts(state, metric, by_reviewer=by_reviewer):
                _add(self.parts[metric, state.arm, dimension, value], sign, y, d, state.x)
        self._bin(state, sign)

    def _unit(self, members: list[State], sign: int) -> None:
        """A unit's totals grow from day to day; each day adds the difference, so that squares are of totals.

        The covariate is that of the unit's first item, for every metric: how many items follow, and which of them is
        decided first, may be the drafts' doing, and would be part of the effect (`core.value.effects.cuped`).
        """
        x = min(members, key=lambda one: (one.enrolled_on, one.item)).x
        totals: dict[str, list[float]] = {}
        parts: dict[PartKey, list[float]] = {}
        entries = [(_day(state, metric), state, metric) for state in members for metric in state.folded]
        for day, state, metric in sorted(entries, key=lambda one: (one[0], one[1].item)):
            if metric.startswith(ODDITY):
                self.oddities[metric[1:]] += sign
                continue
            y, d = state.folded[metric][0], state.folded[metric][1]
            sums = self.days[metric, state.arm, day]
            if metric in totals:
                _add(sums, -sign, *totals[metric])
            total = totals.setdefault(metric, [0.0, 0.0, x])
            _grow(total, y, d)
            _add(sums, sign, *total)
            for dimension, value in _parts(state, metric, by_reviewer=False):
                _grow(parts.setdefault((metric, state.arm, dimension, value), [0.0, 0.0, x]), y, d)
        for key, total in parts.items():
            _add(self.parts[key], sign, *total)
        for state in members:
            self._bin(state, sign)

    def _bin(self, state: State, sign: int) -> None:
        if HANDLING_TIME in state.folded:
            self.bins[state.arm, bin_of(state.folded[HANDLING_TIME][0])] += sign


def _day(state: State, metric: str) -> date:
    return state.enrolled_on if metric in BOOKKEEPING or state.day is None else state.day


def _parts(state: State, metric: str, *, by_reviewer: bool) -> list[tuple[str, str]]:
    if metric == DECIDED:
        return [(PEOPLE, f"{state.tenure}/{state.reviewer}")] if state.tenure else []
    if metric in BOOKKEEPING:  # who was drawn, where reviewers are; cost by person is nobody's business
        return [("reviewer", str(state.reviewer))] if by_reviewer and metric == ENROLLED else []
    parts = [("reviewer", str(state.reviewer))]
    parts += [("tenure", state.tenure)] if state.tenure else []
    parts += [("item_type", state.item_type)] if state.item_type else []
    return parts


def _grow(total: list[float], y: float, d: float) -> None:
    total[0] += y
    total[1] += d


def _add(sums: Row, sign: int, y: float, d: float, x: float) -> None:
    """One unit, in the order of `core.value.moments.NAMES`."""
    sums[0] += sign
    sums[1] += sign * y
    sums[2] += sign * d
    sums[3] += sign * x
    sums[4] += sign * (y * y)
    sums[5] += sign * (d * d)
    sums[6] += sign * (x * x)
    sums[7] += sign * (y * d)
    sums[8] += sign * (y * x)
    sums[9] += sign * (d * x)
