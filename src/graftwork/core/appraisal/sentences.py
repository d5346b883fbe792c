"""Numbers and findings in plain words, the same on pages, the command line and in reports. Loads no scipy.

Each number comes with its unit. What is not known, or is no number at all, is "unknown".
"""

import math

from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120, Metric
from graftwork.core.value.results import Effect, Trouble

UNKNOWN = "unknown"
TIMES = (HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120)
WEAKER = "weaker than a comparison with a control arm"

# Why an effect has no interval.
TROUBLES: dict[Trouble, str] = {
    "": "no interval",
    "empty_arm": "one arm is empty",
    "too_few": "too few for an interval",
    "no_spread": "all values are the same, so there is no spread to tell an effect from chance",
}

_MANY = 1e12
# By what differences of a unit are divided to be written, and what they are then.
Scale = tuple[float, str]
_SCALES = ((7_200.0, 3_600.0, "hours"), (120.0, 60.0, "minutes"))


def is_known(value: float | None) -> bool:
    """Whether it is a number that can be shown."""
    return value is not None and math.isfinite(value)


def count(value: float | None, noun: str = "") -> str:
    """`1,204 items`; a single one loses the s."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = number(round(value), 0)
    if not noun:
        return text
    return f"{text} {noun.removesuffix('s') if round(value) == 1 else noun}"


def number(value: float | None, decimals: int | None = None) -> str:
    """`12,300`, `12.4`, `0.031`: as many decimals as say something, or as told."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if abs(value) >= _MANY:
        return "over a trillion" if value > 0 else "below minus a trillion"
    text = f"{value:,.{_decimals(value) if decimals is None else decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if not text.strip("-0.,") else text


def _decimals(value: float) -> int:
    if value == 0 or abs(value) >= 100:
        return 0
    return 1 if abs(value) >= 1 else min(6, 1 - math.floor(math.log10(abs(value))))


def percent(share: float | None) -> str:
    """`12.4 %` of a share of 0.124."""
    return UNKNOWN if share is None or not math.isfinite(share) else f"{number(100 * share)} %"


def probability(chance: float | None) -> str:
    """`81 %`: in whole hundredths, and never quite certain."""
    if chance is None or not math.isfinite(chance):
        return UNKNOWN
    if 0.01 <= chance <= 0.99:
        return f"{round(100 * chance)} %"
    return "under 1 %" if chance < 0.01 else "over 99 %"


def points(share: float | None) -> str:
    """`2.1 percentage points`: a difference of two shares, in hundredths."""
    return size(share, "share")


def seconds(value: float | None) -> str:
    """`4.2 s`, `48 s`, `2 min 54 s`, `1 h 5 min`."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    sign, length = "-" if value < 0 else "", abs(value)
    if length < 9.95:
        return f"{number(value, 1).removesuffix('.0')} s"
    if length >= _MANY:
        return f"{number(value)} s"
    whole = round(length)
    if whole < 60:
        return f"{sign}{whole} s"
    if whole < 3_600:
        return sign + _two(whole // 60, "min", whole % 60, "s")
    minutes = round(length / 60)
    return sign + _two(minutes // 60, "h", minutes % 60, "min")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large:,} {large_unit}" + (f" {small} {small_unit}" if small else "")


def minutes(value_seconds: float | None) -> str:
    """`2.9 min`."""
    if value_seconds is None or not math.isfinite(value_seconds):
        return UNKNOWN
    return f"{number(value_seconds / 60, 1)} min"


def money(amount: float | None, currency: str) -> str:
    """`EUR 12,300`, `EUR 12.40`, `EUR 0.0012`: what a draft costs is often less than a cent.

    Without a currency the bare amount, for the second end of an interval.
    """
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    whole = abs(amount) >= 100 or amount == round(amount)
    return f"{currency} {number(amount, 0 if whole else 2 if abs(amount) >= 0.1 else None)}".lstrip()


def quantity(value: float | None, unit: str) -> str:
    """A value of a metric: `2 min 54 s`, `12.4 %`, `4.1 points`."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit == "s":
        return seconds(value)
    return percent(value) if unit == "share" else f"{number(value)} {unit}".rstrip()


def size(value: float | None, unit: str, scale: Scale | None = None) -> str:
    """A difference of a metric: `2.9 minutes`, `48 seconds`, `2 percentage points`; on a `scale` that others share."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if scale is None:
        scale = (60.0, "minutes") if unit == "s" and value and value % 60 == 0 else scale_of(abs(value), unit)
    text = number(value / scale[0])
    return f"{text} {scale[1].removesuffix('s') if text in ('1', '-1') else scale[1]}".rstrip()


def span(low: float | None, high: float | None, unit: str, scale: Scale | None = None) -> str:
    """`2.9 to 4.1 minutes`: two differences on one scale, with decimals enough to tell them apart."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return UNKNOWN
    divisor, word = scale or scale_of(max(abs(low), abs(high)), unit)
    largest = max(abs(low), abs(high)) / divisor
    first = 0 if largest >= 100 or (unit == "s" and divisor == 1 and largest >= 10) else 1
    for decimals in range(first, 5):
        ends = [number(end / divisor, decimals) for end in (low, high)]
        if ends[0] != ends[1]:
            return f"{ends[0]} to {ends[1]} {word}".rstrip()
    return f"about {number(low / divisor)} {word}".rstrip()


def scale_of(largest: float, unit: str) -> Scale:
    """How differences of a unit are written where the largest is this: minutes where seconds would be many."""
    if unit == "share":
        return 0.01, "percentage points"
    if unit != "s":
        return 1.0, unit
    for least, scale, word in _SCALES:
        if largest >= least:
            return scale, word
    return 1.0, "seconds"


def sure(effect: Effect) -> str:
    """How sure an interval is, and when: `95 % sure at every look`."""
    at = "at every look" if effect.method == "sequence" else "at the planned end"
    return f"{percent(effect.confidence)} sure {at}"


def units_in_arms(effect: Effect, noun: str) -> str:
    """`1,204 assisted, 1,189 control items`."""
    if effect.method == "before_after":
        return f"{count(effect.units_assisted, noun)} with drafts, {count(effect.units_control)} from before"
    return f"{count(effect.units_assisted)} assisted, {count(effect.units_control)} control {noun}"


def behind(effect: Effect, noun: str) -> str:
    """What an interval rests on, for brackets; where there is none, why."""
    weaker = f", {WEAKER}" if effect.method == "before_after" else ""
    certainty = sure(effect) if is_known(effect.low) and is_known(effect.high) else TROUBLES[effect.trouble]
    return f"{units_in_arms(effect, noun)}, {certainty}{weaker}"


def change(metric: Metric, at: Improvement) -> str:
    """What drafts change, without a full stop: `Drafts save 2.9 to 4.1 minutes per item`."""
    low, high = at.low, at.high
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return _not_sure(metric, at.value)
    is_time = metric.key in TIMES
    if low > 0:
        extent = span(low, high, metric.unit)
        return f"Drafts save {extent} per item" if is_time else f"{metric.title}: {extent} better with drafts"
    if high < 0:
        extent = span(-high, -low, metric.unit)
        return f"Drafts cost {extent} per item" if is_time else f"{metric.title}: {extent} worse with drafts"
    return _either_way(metric, -low, high, is_time=is_time)


def _either_way(metric: Metric, worse: float, better: float, *, is_time: bool) -> str:
    scale = scale_of(max(worse, better), metric.unit)
    less, more = (size(end, metric.unit, scale) for end in (worse, better))
    if is_time:
        return f"Drafts may cost up to {less} or save up to {more} per item"
    return f"{metric.title}: between {less} worse and {more} better with drafts"


def _not_sure(metric: Metric, value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return f"What drafts change in {metric.title.lower()} is unknown"
    way = "better" if value >= 0 else "worse"
    so_far = f"{metric.title}: {size(abs(value), metric.unit)} {way} with drafts so far"
    return f"{so_far}, and how sure that is cannot be said yet"


def effect_sentence(metric: Metric, effect: Effect, noun: str = "items") -> str:
    """One sentence on one metric: what drafts change, on how many units, how sure. `noun` is what was drawn."""
    return f"{change(metric, improvement(metric, effect))} ({behind(effect, noun)})."
