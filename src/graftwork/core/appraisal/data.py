"""What the store tells of a pilot, and what is said about it. The store adds up, `appraise` judges, pages show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from graftwork.core.charter.metrics import Metric
from graftwork.core.stats import Estimate
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Balance, Effect, Guarded

Arm = Literal["assisted", "control"]
ByArm = Mapping[Arm, Moments]


@dataclass(frozen=True, slots=True)
class MetricSums:
    """All that is kept of one metric. `days` are what each day added, in their order (a unit counts on the day of its
    first item, and later days change its sums); `clusters` are reviewers, by number, 0 for programs and unknown ones;
    `segments` go by dimension ("tenure", "item_type") and value; `bins` count values by `core.value.quantiles` bin.
    """

    days: Sequence[tuple[date, ByArm]] = ()
    clusters: Mapping[int, ByArm] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, ByArm]] = field(default_factory=dict)
    bins: Mapping[Arm, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """What the assisted arm's drafts cost, as the engines told; `None` where no price is known.

    `priced` are the drafts that `cost` is the sum of; all of them where it is not said. `drafted_items` are the items
    that have the drafts: some are drafted again.
    """

    drafts: int
    accepted: int
    cost: float | None
    currency: str
    tokens: int
    mean_draft_ms: float | None
    priced: int | None = None
    drafted_items: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """How its owner ended a pilot: whatever the figures say, this is what happened."""

    kind: Literal["go", "stop"]
    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class PilotData:
    """Everything that is known of a pilot at one moment. `oddities` count what did not fit, by code."""

    as_of: datetime
    started_at: datetime | None
    ends_at: datetime | None
    enrolled: Mapping[Arm, int]
    metrics: Mapping[str, MetricSums]
    running: Running
    reviewers: int
    extensions: int = 0
    simulated: bool = False
    # The mean and the Moments of an imported baseline of the primary metric, for a comparison before and after.
    baseline: Moments | None = None
    baseline_days: tuple[date, date] | None = None
    oddities: Mapping[str, int] = field(default_factory=dict)
    amendments: int = 0
    paused: bool = False
    # When its owner ended it, which may be before the planned end.
    ended_at: datetime | None = None
    # Items, whatever was drawn: how many take part, and of how many the decision stands. Empty where nobody counted.
    items: Mapping[Arm, int] = field(default_factory=dict)
    settled: Mapping[Arm, int] = field(default_factory=dict)
    # Who is behind each tenure, in both arms: a part of too few people is not shown.
    tenure_people: Mapping[str, Collection[int]] = field(default_factory=dict)
    decided: Decided | None = None

    @property
    def is_at_an_end(self) -> bool:
        """Whether the planned end is there, extensions included.

        One that was ended before, on some day's figures, never comes to it; one that is paused is not there yet,
        because resuming moves the end: the figures of the end would be seen, and could be seen again.
        """
        if self.ends_at is None or self.paused or self.as_of < self.ends_at:
            return False
        return self.ended_at is None or self.ended_at >= self.ends_at


# go, extend, stop: what the charter's rule says now · early: too soon to say · watch: on the way, not there yet
# invalid: the arms are not comparable (sample ratio mismatch), so nothing else counts
Ruling = Literal["go", "extend", "stop", "early", "watch", "invalid"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sentence` is for somebody who reads nothing else; `reasons` are the rule's parts, each in a sentence.

    Of a pilot that was decided the sentence begins with the decision; `ruling` is what the rule said on that day.
    """

    ruling: Ruling
    sentence: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class MetricFinding:
    """One metric: `now` is the interval that decides, which holds at every look until the planned end, and from then on
    is the narrower one of that and `planned`. `planned` counts at the planned end alone.
    """

    metric: Metric
    now: Effect
    planned: Effect
    arms: Mapping[Arm, Estimate | None]
    others: Sequence[Effect] = ()


@dataclass(frozen=True, slots=True)
class GuardFinding:
    metric: Metric
    guarded: Guarded
    sentence: str


@dataclass(frozen=True, slots=True)
class Look:
    """How it stood at the end of one day. Improvement: towards better is positive, whichever way the metric goes.

    `met`: the whole interval reaches the smallest improvement worth having; `target_met`: it reaches the target, `None`
    where the charter has none.
    """

    day: date
    units: int
    improvement: float | None
    low: float | None
    high: float | None
    met: bool
    target_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Subgroup:
    """An effect within a part of the items; its interval is wider, so that all of them hold together."""

    dimension: str
    value: str
    effect: Effect
    differs: bool


@dataclass(frozen=True, slots=True)
class QuantileFinding:
    """A quantile of a skewed time in both arms: difference is assisted minus control."""

    quantile: float
    assisted: float | None
    control: float | None
    difference: Estimate | None


@dataclass(frozen=True, slots=True)
class MoneyFinding:
    """All in the charter's currency; intervals from simulation. `None` where it cannot be known yet."""

    currency: str
    minutes_saved_per_item: Estimate | None
    items_per_month: float
    monthly_benefit: Estimate | None
    monthly_cost: Estimate | None
    one_off_cost: float | None
    payback_months: Estimate | None
    payback_probability: float | None
    payback_within_months: float
    net_present_value: Estimate | None
    break_even_share_rewritten: float | None
    cost_per_accepted_draft: float | None
    net_saving_per_item: float | None
    revenue_uplift_per_month: float
    assumptions: Sequence[tuple[str, str, str]]  # what, value with unit, where it comes from
    sentence: str


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a pilot shows, whole. `notes` say in plain sentences what did not fit, and what that means."""

    verdict: Verdict
    primary: MetricFinding
    guards: Sequence[GuardFinding]
    others: Sequence[MetricFinding]
    history: Sequence[Look]
    sensitivity: Sequence[tuple[str, Effect]]
    quantiles: Sequence[QuantileFinding]
    subgroups: Sequence[Subgroup]
    balance: Balance
    money: MoneyFinding
    planned_units: int | None
    notes: Sequence[str]
    decided: Decided | None = None
