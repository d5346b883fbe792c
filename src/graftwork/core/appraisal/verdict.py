"""The charter's rule, applied: go, extend, stop, or none of these yet (docs/explanation/pilot-verdict.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.core.appraisal.confidence import counts_only_at_the_end
from graftwork.core.appraisal.data import GuardFinding, MetricFinding, MoneyFinding, PilotData, Ruling
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.charter.schema import Charter
from graftwork.core.value.results import LEAST_UNITS, Balance

LEAST_DAYS = 7
# Of people a few are enough for a t interval, which knows how few they are.
LEAST_REVIEWERS = 2


def drawn(charter: Charter) -> str:
    """What was drawn, in the plural; a comparison with times from before is one of items."""
    return "items" if charter.arms.design == "before_after" else f"{charter.arms.unit}s"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rule looks at."""

    charter: Charter
    data: PilotData
    primary: MetricFinding
    guards: Sequence[GuardFinding]
    balance: Balance
    money: MoneyFinding

    @property
    def noun(self) -> str:
        return drawn(self.charter)

    @property
    def improvement(self) -> Improvement:
        return improvement(self.primary.metric, self.primary.now)

    @property
    def days(self) -> float | None:
        """Since the start; `None` before it."""
        started = self.data.started_at
        return None if started is None else (self.data.as_of - started).total_seconds() / 86_400

    @property
    def ended(self) -> bool:
        """Whether the planned end is over, extensions included."""
        return self.data.started_at is not None and self.data.is_at_an_end

    @property
    def extensions_left(self) -> int:
        return max(0, self.charter.decide.extensions - self.data.extensions)

    @property
    def counts_now(self) -> bool:
        return self.ended or not counts_only_at_the_end(self.charter)

    @property
    def least_units(self) -> int:
        """In each arm."""
        drawn_reviewers = self.charter.arms.unit == "reviewer" and self.charter.arms.design == "randomised"
        return LEAST_REVIEWERS if drawn_reviewers else LEAST_UNITS

    @property
    def units(self) -> int:
        """Of the smaller arm."""
        return min(self.primary.now.units_assisted, self.primary.now.units_control)

    @property
    def too_early(self) -> bool:
        return self.days is None or self.days < LEAST_DAYS or self.units < self.least_units

    @property
    def broken(self) -> list[GuardFinding]:
        return [guard for guard in self.guards if guard.guarded.holds is False]

    @property
    def open_guards(self) -> list[GuardFinding]:
        return [guard for guard in self.guards if guard.guarded.holds is None]

    @property
    def harms(self) -> bool:
        """Whether the primary metric is surely worse with drafts."""
        return self.improvement.high is not None and self.improvement.high < 0

    @property
    def works(self) -> bool:
        """Whether there surely is an improvement, and the likeliest one is worth having."""
        at = self.improvement
        if at.value is None or at.low is None:
            return False
        return at.low > 0 and at.value >= self.charter.primary.minimum_effect

    @property
    def hopeless(self) -> bool:
        """Whether the improvement surely is too small."""
        return self.improvement.high is not None and self.improvement.high < self.charter.primary.minimum_effect

    @property
    def pays(self) -> bool:
        """Whether it pays back in the charter's time with the charter's probability; what is unknown does not."""
        chance = self.money.payback_probability
        return chance is not None and chance >= self.charter.decide.payback_probability

    @property
    def goes(self) -> bool:
        return self.works and self.pays and all(guard.guarded.holds is True for guard in self.guards)


def ruling(at: Standing) -> Ruling:
    """The first case of the table that fits, from the top."""
    if at.balance.alarms:
        return "invalid"
    if at.days is None:
        return "early"
    if at.counts_now and (at.broken or at.harms):
        return "stop"
    if at.too_early and not at.ended:
        return "early"
    if at.counts_now and not at.too_early and at.goes:
        return "go"
    if at.counts_now and not at.too_early and at.hopeless:
        return "stop"
    if at.ended:
        return "extend" if at.extensions_left else "stop"
    return "watch"
