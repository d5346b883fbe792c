"""What a comparison of two arms says."""

from dataclasses import dataclass
from typing import Literal

from graftwork.core.stats import CONFIDENCE, Estimate

# welch: means of independent units · delta: ratios of sums over units · cuped: adjusted by what was known before ·
# sequence: holds at every look · reviewer_means: reviewers were randomised · within_reviewers: each reviewer in both
# arms · before_after: no control arm at all
Method = Literal["welch", "delta", "cuped", "sequence", "reviewer_means", "within_reviewers", "before_after"]
# too_few: not enough units or clusters for a spread · no_spread: all values are the same, so no interval is honest
Trouble = Literal["", "too_few", "no_spread", "empty_arm"]

# In each arm. Below that a mean is not near enough to normal for an interval that holds at every look (Waudby-Smith et
# al., whose sequence holds in the limit).
LEAST_UNITS = 50


@dataclass(frozen=True, slots=True)
class Effect:
    """Assisted minus control, in the unit of the metric; what is unknown is `None`, never 0.

    `units_*` are what was randomised (or reviewers, for the two methods by reviewer). `relative` is the lift over
    control, as a share. `adjustment` is the share of variance that CUPED took away, 0 to 1.
    """

    difference: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    p_value: float | None
    assisted: float | None
    control: float | None
    units_assisted: int
    units_control: int
    unit: str
    method: Method
    relative: Estimate | None = None
    adjustment: float | None = None
    trouble: Trouble = ""
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Guarded:
    """A guard metric against its margin. `holds`: True not worse by more than the margin, False worse by more,
    `None` not known yet. `worse_by` is the one-sided bound of how much worse it can be, in the metric's unit.
    """

    effect: Effect
    margin: float
    worse_by: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Whether units fell into the arms as they should (sample ratio mismatch). A p-value below `alarm_below` alarms."""

    assisted: int
    control: int
    expected_share: float
    p_value: float | None
    alarm_below: float = 0.001

    @property
    def alarms(self) -> bool:
        return self.p_value is not None and self.p_value < self.alarm_below
