"""What is told of pilots. Every number goes with its unit, count, interval and method; what is unknown is null."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["draft", "running", "paused", "ended"]


class PilotOut(BaseModel):
    """A pilot, as a list names it."""

    name: str = Field(examples=["drafts_in_support"])
    title: str
    use_case: str = Field(examples=["support_reply"])
    state: State
    simulated: bool = Field(description="true where nobody took part: its figures say nothing about real work")
    design: Literal["randomised", "before_after"] = Field(description="before_after has no control arm, and is weaker")
    unit: Literal["item", "thread", "customer", "reviewer"] = Field(description="what is drawn into the arms")
    primary_metric: str = Field(examples=["handling_time"])
    created_at: datetime
    started_at: datetime | None
    ends_at: datetime | None = Field(description="the planned end, with extensions")
    ended_at: datetime | None


class PilotList(BaseModel):
    """One page of pilots, the one that was made first at its beginning."""

    pilots: list[PilotOut]
    next_cursor: str | None = Field(description="ask again with `cursor` set to this; null at the end")


class Figure(BaseModel):
    """One number; without an interval where it is computed from others."""

    value: float | None
    unit: str = Field(examples=["s", "share", "EUR"])
    method: str | None = None


class Chance(BaseModel):
    """How likely it is that the pilot's help pays back in time."""

    value: float | None = Field(description="0 to 1")
    unit: str
    within_months: float | None
    method: str


class EstimateOut(BaseModel):
    """A value with its interval, which is null where there is too little to say how sure it is."""

    value: float | None
    low: float | None
    high: float | None
    unit: str = Field(examples=["s", "share", "min"])
    n: int = Field(description="independent units that it rests on")
    method: str
    confidence: float | None


class EffectOut(BaseModel):
    """Assisted minus control."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    n: int = Field(description="units of both arms")
    n_assisted: int
    n_control: int
    method: str = Field(description="`sequence` holds at every look; the others for the planned end")
    confidence: float | None
    standard_error: float | None
    p_value: float | None
    assisted: float | None
    control: float | None
    relative: EstimateOut | None = Field(description="the difference as a share of control")
    variance_taken_away: float | None = Field(description="by what was known beforehand (CUPED), 0 to 1")
    trouble: str = Field(description="`too_few`, `no_spread`, `empty_arm`; empty where there is none")


class MetricOut(BaseModel):
    """What is measured, and where its definition comes from."""

    key: str
    title: str
    unit: str
    better: Literal["lower", "higher"]
    count: str = Field(description="what its denominator counts")
    definition: str
    source: str


class Arms(BaseModel):
    """Each arm by itself."""

    assisted: EstimateOut | None
    control: EstimateOut | None


class MetricFindingOut(BaseModel):
    """One metric: `now` is the interval that decides, `planned` the one of the planned end alone."""

    metric: MetricOut
    now: EffectOut
    planned: EffectOut
    arms: Arms
    others: list[EffectOut] = Field(description="the same by other methods")


class GuardOut(BaseModel):
    """What must not get worse by more than its margin."""

    metric: MetricOut
    effect: EffectOut
    margin: Figure
    worse_by: Figure = Field(description="how much worse it can be, one-sided")
    holds: bool | None = Field(description="null where it is not known yet")
    sentence: str


class LookOut(BaseModel):
    """How it stood at the end of a day. An improvement is positive, whichever way the metric goes."""

    day: date
    improvement: EstimateOut
    met: bool


class SensitivityOut(BaseModel):
    """The main effect under another choice."""

    what: str
    effect: EffectOut


class QuantileOut(BaseModel):
    """A quantile of a skewed time."""

    quantile: float
    unit: str
    assisted: float | None
    control: float | None
    difference: EstimateOut | None


class SubgroupOut(BaseModel):
    """The main effect in a part of the items; intervals are widened so that all hold together."""

    dimension: str = Field(examples=["tenure"])
    value: str
    effect: EffectOut
    differs: bool


class BalanceOut(BaseModel):
    """Whether units fell into the arms as they should; where it alarms, no other figure counts."""

    n_assisted: int
    n_control: int
    expected_share_assisted: float
    p_value: float | None
    alarm_below: float
    alarms: bool
    method: str


class AssumptionOut(BaseModel):
    """A figure that was not measured."""

    what: str
    value: str
    source: str


class MoneyOut(BaseModel):
    """What it is worth, and what it costs; intervals by simulation from the arms and the assumptions."""

    currency: str
    sentence: str
    minutes_saved_per_item: EstimateOut | None
    monthly_benefit: EstimateOut | None
    monthly_cost: EstimateOut | None
    payback_months: EstimateOut | None
    net_present_value: EstimateOut | None
    payback_probability: Chance
    items_per_month: Figure
    one_off_cost: Figure
    break_even_share_rewritten: Figure
    cost_per_accepted_draft: Figure
    net_saving_per_item: Figure
    revenue_uplift_per_month: Figure = Field(description="a claim of its own, in none of the other figures")
    assumptions: list[AssumptionOut]


class VerdictOut(BaseModel):
    """What the charter's rule says now."""

    ruling: Literal["go", "extend", "stop", "early", "watch", "invalid"]
    sentence: str
    reasons: list[str]


class BaselineOut(BaseModel):
    """The file with the times of before that was imported last."""

    sha256: str
    imported_at: datetime
    times: int


class AmendmentOut(BaseModel):
    """A change of the charter after its start."""

    number: int
    amended_at: datetime
    reason: str
    changes: list[dict[str, Any]] = Field(description="key, before and after of each")
    charter_sha256: str


class DecisionOut(BaseModel):
    """What the owner decided."""

    kind: str = Field(examples=["go"])
    decided_at: datetime
    reason: str
    figures_sha256: str | None = Field(description="of the figures on which it rested, as RFC 8785 writes them")


class SeedsOut(BaseModel):
    """Drafts with a planted mistake, which are never delivered."""

    planted: int
    shown: int = Field(description="those that somebody had before them and decided on")
    noticed: EstimateOut | None = Field(description="the share of these whose mistake was noticed; null without any")


class PilotFigures(BaseModel):
    """All that a pilot shows at one moment. Within one `schema` keys are added, never renamed or removed."""

    schema_name: str = Field(alias="schema", examples=["graftwork.pilot-figures/1"])
    graftwork: str = Field(description="the version that computed it")
    as_of: datetime
    simulated: bool
    pilot: PilotOut
    charter: dict[str, Any] = Field(description="the charter as it holds now")
    charter_sha256: str | None = Field(description="of the charter as it was fixed at the start; null before")
    baseline: BaselineOut | None = Field(description="times of before that were imported; null without any")
    amendments: list[AmendmentOut]
    decisions: list[DecisionOut]
    verdict: VerdictOut
    primary: MetricFindingOut
    guards: list[GuardOut]
    others: list[MetricFindingOut]
    history: list[LookOut]
    sensitivity: list[SensitivityOut]
    quantiles: list[QuantileOut]
    subgroups: list[SubgroupOut]
    balance: BalanceOut
    money: MoneyOut
    seeds: SeedsOut
    planned_units: int | None = Field(description="units of both arms that were planned")
    items_waiting: int = Field(description="decided items that are not in these figures yet")
    notes: list[str]
