"""Guard metrics against their margins, in sentences."""

import math

from graftwork.core.appraisal.improving import improvement
from graftwork.core.appraisal.sentences import WEAKER, count, size, sure, units_in_arms
from graftwork.core.charter.metrics import Metric
from graftwork.core.value.results import Guarded

# Beyond so many times what there is, a number would promise to know what it does not.
_FAR = 20


def guard_sentence(metric: Metric, guarded: Guarded, noun: str = "items") -> str:
    """`Reopened: at most 0.8 points worse, within the margin of 2 points: holds (...).`"""
    return f"{metric.title}: {_standing(metric, guarded, noun)} ({_behind(metric, guarded, noun)})."


def least_worse(metric: Metric, guarded: Guarded) -> float | None:
    """How much worse it is at the least: the other end of the interval."""
    best = improvement(metric, guarded.effect).high
    return None if best is None else 0.0 - best


def _standing(metric: Metric, guarded: Guarded, noun: str) -> str:
    margin = size(guarded.margin, metric.unit)
    if guarded.holds is True and guarded.worse_by is not None:
        if guarded.worse_by <= 0:
            return f"at least {size(-guarded.worse_by, metric.unit)} better, and the margin is {margin}: holds"
        return f"at most {size(guarded.worse_by, metric.unit)} worse, within the margin of {margin}: holds"
    if guarded.holds is False:
        least = least_worse(metric, guarded)
        return f"at least {size(least, metric.unit)} worse, beyond the margin of {margin}: broken"
    if guarded.worse_by is None or not math.isfinite(guarded.worse_by):
        return f"{_why_unknown(guarded)}, and the margin is {margin}: not known yet"
    worst = size(guarded.worse_by, metric.unit)
    return f"perhaps {worst} worse, and the margin is {margin}: not known yet, {_needs(metric, guarded, noun)}"


def _why_unknown(guarded: Guarded) -> str:
    effect = guarded.effect
    if effect.method == "before_after":
        return "there is nothing from before to compare it with"
    if effect.trouble == "empty_arm" or not (effect.units_assisted and effect.units_control):
        return "no figures in both arms so far"
    return "all values are the same" if effect.trouble == "no_spread" else "too few figures so far"


def _needs(metric: Metric, guarded: Guarded, noun: str) -> str:
    """About how many more units would show that it holds, were it as it looks now: intervals shrink with the root."""
    more = units_still_needed(metric, guarded)
    if more is None:
        return "and it does not look as if it held"
    return f"needs about {count(more)} more {noun}" if math.isfinite(more) else f"needs many more {noun}"


def units_still_needed(metric: Metric, guarded: Guarded) -> float | None:
    """Units in both arms together, with two digits, infinite where it is no use to count; `None` where the value itself
    is beyond the margin, so that more units would not help.
    """
    value = improvement(metric, guarded.effect).value
    if value is None or guarded.worse_by is None or -value >= guarded.margin:
        return None
    units = guarded.effect.units_assisted + guarded.effect.units_control
    # Compared before it is squared: the square of a bound may be too large for a float.
    times = (guarded.worse_by + value) / (guarded.margin + value)
    if times > math.sqrt(_FAR + 1):
        return math.inf
    more = units * (times**2 - 1)
    step = 10.0 ** max(0, math.floor(math.log10(max(more, 1))) - 1)
    return max(1.0, math.ceil(more / step) * step)


def _behind(metric: Metric, guarded: Guarded, noun: str) -> str:
    effect = guarded.effect
    told = metric.count if noun == "items" else f"{noun} with {metric.count}"
    known = f", {sure(effect)}" if guarded.worse_by is not None else ""
    weaker = f", {WEAKER}" if effect.method == "before_after" else ""
    return f"{units_in_arms(effect, told)}{known}{weaker}"
