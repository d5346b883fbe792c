"""Figures of an appraisal as cells of a table and words of a page. Improvement: towards better is positive."""

from graftwork.core.appraisal.data import MetricFinding
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.appraisal.sentences import (
    TROUBLES,
    UNKNOWN,
    Scale,
    count,
    percent,
    quantity,
    scale_of,
    size,
    span,
)
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect


def better(metric: Metric, value: float | None, scale: Scale | None = None) -> str:
    """`48 seconds better`; a value of 0 is neither. `scale` is that of all else that is said of the metric here."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "no difference"
    way = "better" if value > 0 else "worse"
    return f"{size(abs(value), metric.unit, scale or scale_of(abs(value), metric.unit))} {way}"


def between(metric: Metric, at: Improvement, scale: Scale | None = None) -> str:
    """`2.9 to 4.1 minutes`, of the improvement; what is worse than nothing is negative."""
    return span(at.low, at.high, metric.unit, scale)


def page_scale(charter: Charter, primary: MetricFinding) -> Scale:
    """The one scale of everything that a page says of the primary metric."""
    at = improvement(primary.metric, primary.now)
    levels = (charter.primary.minimum_effect, charter.primary.target or 0.0)
    return scale_of(max(largest(at), abs(at.value or 0.0), *levels), primary.metric.unit)


def trouble_sentence(effect: Effect) -> str:
    """Why an effect has no interval; empty where it has one."""
    reason = TROUBLES[effect.trouble] if effect.trouble else ""
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def effect_cells(metric: Metric, effect: Effect, scale: Scale | None = None) -> tuple[str, str]:
    """The improvement, and its interval, or why there is none."""
    at = improvement(metric, effect)
    scale = scale or scale_of(max(largest(at), abs(at.value or 0.0)), metric.unit)
    interval = between(metric, at, scale)
    known = interval != UNKNOWN
    return better(metric, at.value, scale), interval if known else trouble_sentence(effect) or UNKNOWN


def largest(at: Improvement) -> float:
    """Of the ends of an interval, whichever way they go."""
    return max((abs(end) for end in (at.low, at.high) if end is not None), default=0.0)


def mean_of_arm(found: Estimate | None, unit: str) -> str:
    """`4 min 12 s (4 min 2 s to 4 min 22 s)`, `15.3 items/h (13.6 to 17)`."""
    if found is None:
        return UNKNOWN
    value = quantity(found.value, unit)
    if found.low is None or found.high is None:
        return value
    low, high = quantity(found.low, unit), quantity(found.high, unit)
    if unit != "s":
        sign = "%" if unit == "share" else unit
        low, high = low.removesuffix(f" {sign}"), high if unit == "share" else high.removesuffix(f" {sign}")
    return f"{value} ({low} to {high})"


def units(effect: Effect) -> str:
    return f"{count(effect.units_assisted)} / {count(effect.units_control)}"


def lift(metric: Metric, effect: Effect) -> str:
    """Relative to control, towards better, as everything else is: `35.4 % better (10.6 to 60.1 %)`."""
    found = effect.relative
    if found is None:
        return UNKNOWN
    turned = -1.0 if metric.better == "lower" else 1.0
    value = turned * found.value
    text = f"{percent(abs(value))} {'better' if value > 0 else 'worse'}" if value else "no difference"
    if found.low is None or found.high is None:
        return text
    low, high = sorted((turned * found.low, turned * found.high))
    return f"{text} ({percent(low).removesuffix(' %')} to {percent(high)})"
