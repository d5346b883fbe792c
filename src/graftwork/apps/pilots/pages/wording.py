"""Figures of an appraisal as cells of a table and words of a page. Improvement: towards better is positive."""

from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.appraisal.sentences import TROUBLES, UNKNOWN, count, number, percent, quantity, span
from graftwork.core.charter.metrics import Metric
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect

RULINGS = {
    "go": "Go", "extend": "Extend", "stop": "Stop", "early": "Too early to say", "watch": "On the way",
    "invalid": "Does not count",
}  # fmt: skip
METHODS = {
    "welch": "means of independent units (Welch)",
    "delta": "ratios of sums (delta method)",
    "cuped": "adjusted for what was known beforehand (CUPED)",
    "sequence": "confidence sequence, holds at every look",
    "reviewer_means": "means by reviewer (reviewers were drawn)",
    "within_reviewers": "within reviewers (each in both arms)",
    "before_after": "before and after (weaker: no control arm)",
}
DIMENSIONS = {"tenure": "Tenure", "item_type": "Kind of item"}


def better(metric: Metric, value: float | None, beside: float = 0.0) -> str:
    """`48 seconds better`; a value of 0 is neither. `beside` is the largest value next to it, for the same scale."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "no difference"
    way = "better" if value > 0 else "worse"
    scale, word = scale_of(metric.unit, max(abs(value), beside))
    text = number(abs(value) / scale)
    return f"{text} {word.removesuffix('s') if text == '1' else word} {way}"


def between(metric: Metric, at: Improvement) -> str:
    """`2.9 to 4.1 minutes`, of the improvement; what is worse than nothing is negative."""
    return span(at.low, at.high, metric.unit)


def trouble_sentence(effect: Effect) -> str:
    """Why an effect has no interval; empty where it has one."""
    reason = TROUBLES[effect.trouble] if effect.trouble else ""
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def effect_cells(metric: Metric, effect: Effect) -> tuple[str, str]:
    """The improvement, and its interval, or why there is none."""
    at = improvement(metric, effect)
    interval = between(metric, at)
    known = interval != UNKNOWN
    return better(metric, at.value, largest(at)), interval if known else trouble_sentence(effect) or UNKNOWN


def largest(at: Improvement) -> float:
    """Of the ends of an interval, whichever way they go."""
    return max((abs(end) for end in (at.low, at.high) if end is not None), default=0.0)


def mean_of_arm(found: Estimate | None, unit: str) -> str:
    """`4 min 12 s (4 min 2 s to 4 min 22 s)`."""
    if found is None:
        return UNKNOWN
    value = quantity(found.value, unit)
    if found.low is None or found.high is None:
        return value
    return f"{value} ({quantity(found.low, unit)} to {quantity(found.high, unit)})"


def units(effect: Effect) -> str:
    return f"{count(effect.units_assisted)} / {count(effect.units_control)}"


def lift(effect: Effect) -> str:
    """Relative to control, with its sign."""
    found = effect.relative
    if found is None:
        return UNKNOWN
    if found.low is None or found.high is None:
        return _signed(found.value)
    return f"{_signed(found.value)} ({_signed(found.low)} to {_signed(found.high)})"


def _signed(share: float) -> str:
    return f"+{percent(share)}" if share > 0 else percent(share)


def scale_of(unit: str, of: float) -> tuple[float, str]:
    """By what values are divided to be drawn, and what they are then: minutes where seconds would be many."""
    if unit == "share":
        return 0.01, "points"
    if unit != "s":
        return 1.0, unit
    if of >= 7_200:
        return 3_600.0, "hours"
    return (60.0, "minutes") if of >= 120 else (1.0, "seconds")
