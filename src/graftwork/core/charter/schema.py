"""The charter of a pilot: what problem it is about, what success is, against what it is measured, what it may cost.

Written before the pilot starts and fixed at its start; what changes later is an amendment. Unknown keys are refused.
"""

import hashlib
import json
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from graftwork.core.charter.metrics import BY_KEY, OWN_OUTCOME, Metric

NAME = r"^[a-z][a-z0-9_]{0,62}$"
# No budget, time or count comes near them; beyond them sums lose their last digits, or run over.
MOST, LEAST, MOST_COUNTED = 1e12, 1e-9, 1_000_000_000
# What neither PostgreSQL nor UTF-8 keeps, or nobody sees: control characters but tab and line ends, half surrogates.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# /pilots/new writes a charter.
TAKEN = frozenset({"new"})
Text = Annotated[str, Field(max_length=4_000)]
Line = Annotated[str, Field(max_length=200)]
Unit = Literal["item", "thread", "customer", "reviewer"]
Design = Literal["randomised", "before_after"]
Part = Literal["business", "it", "compliance", "end_users", "other"]
Budget = Literal["build", "running", "governance", "training", "licences", "other"]


class Table(BaseModel):
    # Defaults are validated too: a 7 that nobody wrote and one that somebody wrote are the same 7.0, and hash so.
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        """What every store keeps as it is, and everybody hashes alike: a minus before 0 is none."""
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and _UNSEEN.search(text):
                raise ValueError("has a control character")
        if isinstance(value, float):
            if abs(value) > MOST or 0 < abs(value) < LEAST:
                raise ValueError(f"must be 0, or between {LEAST:g} and {MOST:g}")
            return value + 0.0
        if isinstance(value, int) and value > MOST_COUNTED:
            raise ValueError(f"must be at most {MOST_COUNTED:,}")
        return value


class Person(Table):
    """Somebody who answers for something. Roles and departments do; names are nobody's duty."""

    name: Line = Field("", description="who it is: a name, a role or a user name")
    department: Line = Field("", description="where they work")


class Member(Person):
    """Somebody on the team. One table each."""

    part: Part = Field("other", description="what they stand for: business, it, compliance, end_users or other")


class Only(Table):
    """One field of the item, and the values with which an item takes part."""

    field: str = Field(pattern=NAME, description="an input field of the use case")
    values: tuple[Line, ...] = Field(min_length=1, description="the values with which an item takes part")


class Population(Table):
    """Which items take part."""

    description: Text = Field("", description="in words")
    share: float = Field(1.0, gt=0, le=1, description="share of the units that take part, 0 to 1")
    only: Only | None = Field(None, description="only items with certain values of one field")
    reviewers_department: Line = Field("", description="where the people work who decide on the items")


class Arms(Table):
    """Who gets drafts and who does not."""

    unit: Unit = Field("item", description="what is drawn: item, thread, customer or reviewer")
    customer_field: str = Field("", description="the input field that names the customer, for unit customer")
    assisted: float = Field(0.5, gt=0, lt=1, description="share of the units that get drafts, 0 to 1")
    design: Design = Field(
        "randomised",
        description="randomised, or before_after where a control arm is impossible: all get drafts, and the times "
        "are compared with an imported baseline, which is weaker",
    )

    @model_validator(mode="after")
    def _customer_has_a_field(self) -> "Arms":
        if (self.unit == "customer") != bool(self.customer_field):
            raise ValueError("`customer_field` goes with unit customer, and is required there")
        return self


class OwnOutcome(Table):
    """An outcome of the company's own, told over REST or imported."""

    kind: str = Field(pattern=NAME, description="the kind under which it is told; its metric is outcome_KIND")
    title: Line = Field(min_length=1, description="what people call it")
    unit: Line = Field("points", description="its unit")
    better: Literal["lower", "higher"] = Field(description="which way is better")


class Primary(Table):
    """The one metric that decides."""

    metric: str = Field("handling_time", description="a metric that both arms have")
    target: float | None = Field(None, gt=0, description="the improvement hoped for, in the metric's unit")
    minimum_effect: float = Field(gt=0, description="the smallest improvement worth having, in the metric's unit")
    winsorise_above: float | None = Field(
        None, gt=0, description="larger values count as this one; said beforehand or not done at all"
    )
    covariate: str = Field(
        "none",
        pattern=r"^(none|characters|baseline|field:[a-z][a-z0-9_]{0,62})$",
        description="what is known of an item before anybody touches it, to narrow the interval (CUPED): characters "
        "of its text, the mean baseline time of its type, or a field that holds a number",
    )


class Guard(Table):
    """What must not get worse by more than a margin."""

    metric: str = Field(description="a metric that both arms have")
    margin: float = Field(gt=0, description="how much worse would still be borne, in the metric's unit")


class Plan(Table):
    """How long, and how many units; `graftwork pilot check` computes the sample size from it."""

    starts_on: date | None = Field(None, description="the planned first day")
    weeks: float = Field(8, gt=0, le=260, description="planned length")
    units_per_week: float = Field(
        gt=0, description="units (items, where reviewers are drawn) that come in, before `population.share`"
    )
    reviewers: int = Field(1, ge=1, le=1_000_000, description="people who decide on the items")
    control_mean: float = Field(ge=0, description="what the primary metric is today, in its unit")
    standard_deviation: float | None = Field(
        None, gt=0, description="spread of the primary metric between items; a share needs none"
    )
    intraclass_correlation: float = Field(
        0.0, ge=0, lt=1, description="how alike the items of one thread, customer or reviewer are, 0 to 1"
    )
    items_per_unit: float = Field(1.0, gt=0, description="items that one unit has, on average")
    units: int | None = Field(None, gt=0, description="planned units in both arms; the start computes it where absent")


class Analysis(Table):
    """How sure is sure enough."""

    confidence: float = Field(0.95, ge=0.5, lt=1, description="of the intervals")
    power: float = Field(0.8, ge=0.5, lt=1, description="of the planned sample to find the minimum effect")
    tightest_at_units: int = Field(
        5_000, ge=10, description="units at which the interval for daily looking is tightest (N* of the sequence)"
    )


class Rules(Table):
    """How later events become metrics."""

    first_contact_days: float = Field(7, gt=0, le=365, description="days without another contact that count as solved")
    reopen_days: float = Field(14, gt=0, le=365, description="days within which a reopening counts")


class ItemTypes(Table):
    """Kinds of items, to see for which of them help pays."""

    field: str = Field(pattern=NAME, description="the input field that says it")
    values: tuple[Line, ...] = Field(min_length=1, max_length=30, description="its values; others count as other")


class Seeds(Table):
    """Drafts with a statement known to be wrong, to see whether they are noticed. Never delivered."""

    share: float = Field(0.0, ge=0, le=0.1, description="share of the drafts, 0 to 0.1")
    statements: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = Field(
        (), description="the wrong statements, one of which is put into a draft"
    )

    @model_validator(mode="after")
    def _a_share_has_statements(self) -> "Seeds":
        if self.share and not self.statements:
            raise ValueError("`share` needs `statements`")
        return self


class BudgetLine(Table):
    """What something may cost. One table each."""

    title: Line = Field(min_length=1, description="what it is for")
    kind: Budget = Field(description="build, running, governance, training, licences or other")
    amount: float = Field(ge=0, description="in the charter's currency")


class Range(Table):
    """A figure that nobody knows exactly."""

    low: float = Field(ge=0, description="the least that is likely")
    likely: float = Field(ge=0, description="the best guess")
    high: float = Field(ge=0, description="the most that is likely")

    @model_validator(mode="after")
    def _in_order(self) -> "Range":
        if not self.low <= self.likely <= self.high:
            raise ValueError("must be low <= likely <= high")
        return self


class Money(Table):
    """What minutes are worth, and what help costs. Every figure is an assumption, shown as one."""

    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217 code")
    wage_per_hour: Range = Field(Range(low=30, likely=38, high=46), description="full cost of an hour of work")
    realisation: Range = Field(
        Range(low=0.4, likely=0.6, high=0.8), description="share of saved time that becomes money, 0 to 1"
    )
    items_per_month: Range | None = Field(None, description="items a month after the pilot; units_per_week else")
    months_to_full_use: float = Field(6, ge=0, le=60, description="ramp: months until all use it")
    machine_hours_per_month: float = Field(0, ge=0, description="hours of machines of our own")
    cost_per_machine_hour: float = Field(0, ge=0, description="what such an hour costs")
    governance_share: float = Field(0.3, ge=0, lt=1, description="share of all cost that governance and security take")
    change_share: float = Field(0.2, ge=0, lt=1, description="share of one-off cost that training and change take")
    discount_rate: float = Field(0.08, ge=0, le=1, description="a year, for the net present value")
    horizon_months: int = Field(36, ge=1, le=120, description="months that the net present value looks at")
    revenue_uplift_per_month: float = Field(0, ge=0, description="a claim of its own, shown apart and never added in")

    @model_validator(mode="after")
    def _shares_leave_something(self) -> "Money":
        if self.governance_share + self.change_share >= 1:
            raise ValueError("`governance_share` and `change_share` leave nothing to build with")
        if self.realisation.high > 1:
            raise ValueError("`realisation` is a share: at most 1")
        return self


class Decide(Table):
    """When to go on with it for good, when to extend the pilot, when to stop."""

    payback_months: float = Field(12, gt=0, le=120, description="go only where it pays back within this")
    payback_probability: float = Field(0.6, ge=0, le=1, description="with at least this probability")
    extend_weeks: float = Field(4, gt=0, le=52, description="how long one extension is")
    extensions: int = Field(1, ge=0, le=10, description="how many extensions there may be before it stops")


class Change(Table):
    """Training and change management."""

    required_modules: tuple[str, ...] = Field((), description="training modules to complete before reviewing")
    weekly_target: float = Field(0.8, gt=0, le=1, description="share of those invited who are to use it each week")
    unused_drafts: int = Field(30, ge=5, le=1_000, description="so many unused drafts in a row suggest a pause")


class Charter(Table):
    """A pilot's charter, whole. Read it with `file.read_charter`."""

    name: str = Field(pattern=NAME, description="stable name; the file is called NAME.toml")
    title: str = Field(min_length=1, max_length=120, description="what people call it")
    use_case: str = Field(pattern=NAME, description="the use case that is tried out")
    problem: Text = Field(min_length=1, description="the business problem")
    pain_point: Text = Field("", description="whose pain it is, and what it costs them today")
    owner: Person = Field(description="who decides go, extend or stop")
    llm_operations: Person = Field(Person(), description="who runs models and updates")
    team: tuple[Member, ...] = Field((), description="business, IT, compliance, end users")
    population: Population = Population()
    arms: Arms = Arms()
    primary: Primary
    guards: tuple[Guard, ...] = Field((), description="what must not get worse")
    outcomes: tuple[OwnOutcome, ...] = Field((), description="outcomes of the company's own")
    plan: Plan
    analysis: Analysis = Analysis()
    rules: Rules = Rules()
    item_types: ItemTypes | None = Field(None, description="kinds of items to look at apart")
    seeds: Seeds = Seeds()
    measurable_return_months: float | None = Field(None, gt=0, le=120, description="when a return is to be measured")
    budget: tuple[BudgetLine, ...] = Field((), description="what it may cost, line by line")
    money: Money = Money()
    decide: Decide = Decide()
    change: Change = Change()
    risks: tuple[Text, ...] = Field((), description="what may go wrong, and what is done about it")

    @field_validator("name")
    @classmethod
    def _name_is_free(cls, name: str) -> str:
        if name in TAKEN:
            raise ValueError(f"{name} is no name of a pilot: a page is called so")
        return name

    @model_validator(mode="after")
    def _metrics_are_known(self) -> "Charter":
        named = [("primary", self.primary.metric), *(("guards", guard.metric) for guard in self.guards)]
        for place, key in named:
            metric = self.metrics.get(key)
            if metric is None:
                raise ValueError(f"`{place}`: there is no metric `{key}`; known are {', '.join(self.metrics)}")
            if metric.seen_in == "assisted":
                raise ValueError(f"`{place}`: `{key}` says something about drafts only, so there is no control to it")
        keys = [key for _, key in named]
        if len(set(keys)) != len(keys):
            raise ValueError("`guards`: a metric is named twice, or is the primary one")
        return self

    @property
    def metrics(self) -> dict[str, Metric]:
        """All metrics of this pilot by key: the common ones, and those of its own outcomes."""
        own = {
            f"{OWN_OUTCOME}{one.kind}": Metric(
                f"{OWN_OUTCOME}{one.kind}", one.title, one.unit, one.better, "both", "items with a value",
                f"Mean of the outcome `{one.kind}` over the items for which it was told.", "This charter",
            )
            for one in self.outcomes
        }  # fmt: skip
        return {**BY_KEY, **own}

    @property
    def canonical(self) -> str:
        """JSON with sorted keys: what is hashed when the pilot starts."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()
