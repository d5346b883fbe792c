"""Pilots that never were: charters, and sums drawn by chance, for tests of whatever shows or stores figures."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from graftwork.core.appraisal.data import Arm, ByArm, MetricSums, PilotData, Running
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import Moments
from graftwork.core.value.quantiles import bin_of

STARTED = datetime(2026, 3, 2, 8, tzinfo=UTC)
ARMS: tuple[Arm, Arm] = ("assisted", "control")
NOT_RUNNING = Running(0, 0, None, "EUR", 0, None)


def charter(**changes: Any) -> Charter:
    """A charter that checks, of an invented company; keys are merged one table deep: `charter(primary={...})`."""
    tables: dict[str, Any] = {
        "name": "replies",
        "title": "Faster replies",
        "use_case": "support_reply",
        "problem": "Replies take eight minutes each.",
        "owner": {"name": "Head of support", "department": "Support"},
        "primary": {"metric": "handling_time", "minimum_effect": 60.0, "target": 120.0},
        "guards": [{"metric": "reopen_rate", "margin": 0.02}],
        "plan": {"weeks": 8, "units_per_week": 500, "control_mean": 480, "standard_deviation": 240, "reviewers": 12},
        "budget": [
            {"title": "Set-up", "kind": "build", "amount": 8_000},
            {"title": "Training", "kind": "training", "amount": 3_000},
        ],
    }
    for key, value in changes.items():
        held = tables.get(key)
        tables[key] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    return Charter.model_validate(tables)


@dataclass(frozen=True)
class Drawn:
    """What chance draws from. Times are log-normal with these means and the coefficient of variation `spread`.

    `seconds` and `reopened` are (assisted, control). `correlation` ties the covariate x to the time, 0 to 1.
    """

    seconds: tuple[float, float] = (300.0, 480.0)
    spread: float = 0.5
    reopened: tuple[float, float] = (0.04, 0.04)
    accepted: float = 0.6
    days: int = 28
    per_day: int = 80
    reviewers: int = 12
    share_assisted: float = 0.5
    correlation: float = 0.0
    unit: str = "item"
    seed: int = 20_261_122


@dataclass(frozen=True)
class Row:
    """One item, decided."""

    day: date
    arm: Arm
    reviewer: int
    tenure: str
    item_type: str
    x: float
    values: Mapping[str, tuple[float, float]]


def rows(drawn: Drawn) -> list[Row]:
    """The items of a pilot, one day after the other."""
    chance = np.random.default_rng(drawn.seed)
    by_reviewer = chance.random(drawn.reviewers) < drawn.share_assisted
    if drawn.unit == "reviewer" and drawn.reviewers > 1:
        by_reviewer = np.arange(drawn.reviewers) % 2 == 0
    found = []
    for index in range(drawn.days * drawn.per_day):
        day = STARTED.date() + timedelta(days=index // drawn.per_day)
        reviewer = int(chance.integers(drawn.reviewers)) + 1 if drawn.reviewers else 0
        in_assisted = chance.random() < drawn.share_assisted
        if drawn.unit == "reviewer" and reviewer:
            in_assisted = bool(by_reviewer[reviewer - 1])
        found.append(_row(chance, drawn, day, "assisted" if in_assisted else "control", reviewer))
    return found


def _row(chance: np.random.Generator, drawn: Drawn, day: date, arm: Arm, reviewer: int) -> Row:
    at = ARMS.index(arm)
    shape = np.sqrt(np.log1p(drawn.spread**2))
    known, rest = chance.normal(size=2)
    z = drawn.correlation * known + np.sqrt(1 - drawn.correlation**2) * rest
    seconds = float(drawn.seconds[at] * np.exp(shape * z - shape**2 / 2))
    values = {
        "handling_time": (seconds, 1.0),
        "handling_time_30": (0.9 * seconds, 1.0),
        "handling_time_120": (1.1 * seconds, 1.0),
        "throughput": (1.0, seconds / 3600),
        "escalations": (float(chance.random() < 0.03), 1.0),
        "reopen_rate": (float(chance.random() < drawn.reopened[at]), 1.0),
        "csat": (float(chance.integers(3, 6)), 1.0),
    }
    if arm == "assisted":
        decided = chance.random()
        values["acceptance"] = (float(decided < drawn.accepted), 1.0)
        values["rejections"] = (float(decided > 0.95), 1.0)
        if decided <= 0.95:
            values["share_rewritten"] = (0.0 if decided < drawn.accepted else float(chance.random() * 0.5), 1.0)
    tenure = ("first month", "over 6 months")[reviewer % 2]
    return Row(day, arm, reviewer, tenure, f"type {int(chance.integers(2))}", float(known), values)


def sums_of(items: list[Row], metric: str, *, binned: bool = False) -> MetricSums:
    """What the store would keep of `metric`."""
    days: dict[date, dict[Arm, list[Moments]]] = defaultdict(lambda: defaultdict(list))
    clusters: dict[int, dict[Arm, list[Moments]]] = defaultdict(lambda: defaultdict(list))
    segments: dict[str, dict[str, dict[Arm, list[Moments]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    bins: dict[Arm, Counter[int]] = {arm: Counter() for arm in ARMS}
    for row in items:
        if metric not in row.values:
            continue
        y, d = row.values[metric]
        moments = Moments.of(y, d, row.x)
        days[row.day][row.arm].append(moments)
        clusters[row.reviewer][row.arm].append(moments)
        segments["tenure"][row.tenure][row.arm].append(moments)
        segments["item_type"][row.item_type][row.arm].append(moments)
        if binned:
            bins[row.arm][bin_of(y)] += 1
    return MetricSums(
        [(day, _added(arms)) for day, arms in sorted(days.items())],
        {number: _added(arms) for number, arms in clusters.items()},
        {name: {value: _added(arms) for value, arms in parts.items()} for name, parts in segments.items()},
        bins if binned else {},
    )


def _tenure_people(items: list[Row]) -> dict[str, set[int]]:
    behind: dict[str, dict[Arm, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in items:
        behind[row.tenure][row.arm].add(row.reviewer)
    return {tenure: (arms["assisted"] & arms["control"]) - {0} for tenure, arms in behind.items()}


def _added(arms: Mapping[Arm, list[Moments]]) -> ByArm:
    return {arm: Moments.total(parts) for arm, parts in arms.items()}


def data_of(
    items: list[Row], *, as_of: datetime | None = None, weeks: float = 8, unit: str = "item", **changes: Any
) -> PilotData:
    """The data of a pilot that has these items. It is looked at behind its last day where `as_of` is not given."""
    enrolled = {(row.arm, row.reviewer if unit == "reviewer" else at) for at, row in enumerate(items)}
    metrics = {key for row in items for key in row.values}
    last = max((row.day for row in items), default=STARTED.date())
    looked = as_of or datetime(last.year, last.month, last.day, 23, tzinfo=UTC)
    drafts = sum(row.arm == "assisted" for row in items)
    accepted = round(sum(row.values.get("acceptance", (0.0, 0.0))[0] for row in items))
    found = PilotData(
        as_of=looked,
        started_at=STARTED,
        ends_at=STARTED + timedelta(weeks=weeks),
        enrolled={arm: sum(one[0] == arm for one in enrolled) for arm in ARMS},
        metrics={key: sums_of(items, key, binned=key == "handling_time") for key in sorted(metrics)},
        running=Running(drafts, accepted, 0.002 * drafts, "EUR", 900 * drafts, 1_800.0 if drafts else None),
        reviewers=len({row.reviewer for row in items} - {0}),
        items={arm: sum(row.arm == arm for row in items) for arm in ARMS},
        settled={arm: sum(row.arm == arm for row in items) for arm in ARMS},
        tenure_people=_tenure_people(items),
    )
    return replace(found, **changes)


def pilot_data(drawn: Drawn | None = None, **changes: Any) -> PilotData:
    """The data of a simulated pilot: by default four weeks, 80 items a day, twelve reviewers, three minutes saved.

    `changes` are fields of `PilotData`, `as_of` and `weeks` (planned length) as of `data_of`.
    """
    made = drawn or Drawn()
    held = _known(made)
    weeks = changes.pop("weeks", None)
    if weeks is not None:
        changes["ends_at"] = STARTED + timedelta(weeks=weeks)
    return replace(held, **changes)


@cache
def _known(drawn: Drawn) -> PilotData:
    return data_of(rows(drawn), unit=drawn.unit)


def baseline(mean_seconds: float = 480.0, items: int = 400, seed: int = 7) -> Moments:
    """Times from before."""
    times = np.random.default_rng(seed).gamma(4.0, mean_seconds / 4, size=items)
    return Moments.total(Moments.of(float(time)) for time in times)
