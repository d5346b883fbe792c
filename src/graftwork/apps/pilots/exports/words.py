"""Numbers as a report writes them: with their unit, and no more digits than they carry."""

import math
import re
from datetime import UTC, datetime

from graftwork.core.appraisal import sentences
from graftwork.core.appraisal.improving import improvement as improved
from graftwork.core.charter.metrics import Metric
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect

UNKNOWN = sentences.UNKNOWN
MINUS = "\u2212"
_WHOLE_FROM = 100
_TENTHS_FROM = 10
_ROUGH_FROM = 1_000
_MONEY = re.compile("([A-Z]{3})( a month)?")
_IN_TENTHS = ("months", "min", "minutes")


def quantity(value: float | None, unit: str, *, difference: bool = False) -> str:
    """A value with its unit. A share is a percentage, a difference of two shares counts percentage points."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit == "share":
        return f"{number(value * 100, difference=difference)} {'percentage points' if difference else '%'}"
    if known := _MONEY.fullmatch(unit):
        return f"{known[1]} {number(value, unit, difference=difference)}{known[2] or ''}"
    return f"{number(value, unit, difference=difference)} {unit}".rstrip()


def number(value: float, unit: str = "", *, difference: bool = False) -> str:
    """Whole from 100 on, one decimal from 10, else two; a difference shows its sign."""
    size = abs(value)
    places = 0 if round(size, 1) >= _WHOLE_FROM else 1 if size >= _TENTHS_FROM or unit in _IN_TENTHS else 2
    if math.isclose(size, round(size), abs_tol=1e-9):
        places = 0
    text = f"{size:,.{places}f}"
    if not float(text.replace(",", "")):
        return "0"
    return f"{MINUS if value < 0 else '+' if difference else ''}{text}"


def interval(low: float | None, high: float | None, unit: str, *, difference: bool = False) -> str:
    """Two bounds; empty where either is unknown."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    factor = 100 if unit == "share" else 1
    low, high = _rounded(low), _rounded(high)
    if _MONEY.fullmatch(unit):  # the value before the bounds names the currency
        return f"{number(low, unit, difference=difference)} to {number(high, unit, difference=difference)}"
    end = quantity(high, unit, difference=difference)
    return f"{number(low * factor, unit, difference=difference)} to {end}"


def estimate(found: Estimate | None, *, difference: bool = False) -> str:
    if found is None:
        return UNKNOWN
    bounds = interval(found.low, found.high, found.unit, difference=difference)
    value = quantity(_rounded(found.value), found.unit, difference=difference)
    return f"{value} ({bounds})" if bounds else value


def _rounded(value: float) -> float:
    """Three digits of a large estimate: more would claim what nobody knows."""
    return float(f"{value:.3g}") if math.isfinite(value) and abs(value) >= _ROUGH_FROM else value


def relative(metric: Metric, found: Estimate) -> str:
    """The improvement as a part of control: a percentage and not points; towards better is positive."""
    turned = -1.0 if metric.better == "lower" else 1.0
    bounds = ""
    if found.low is not None and found.high is not None:
        low, high = sorted((turned * found.low, turned * found.high))
        bounds = f" ({_signed(low)} to {_signed(high)} %)"
    return f"{_signed(turned * found.value)} %{bounds}"


def _signed(share: float) -> str:
    return number(share * 100, difference=True)


def improvement(metric: Metric, found: Effect) -> str:
    """Towards better is positive, whichever way the metric goes."""
    at = improved(metric, found)
    bounds = interval(at.low, at.high, found.unit, difference=True)
    value = quantity(at.value, found.unit, difference=True)
    return f"{value} ({bounds})" if bounds else value


def count(value: float) -> str:
    return f"{value:,.0f}"


def day(time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%-d %B %Y}" if time else "not yet"


def moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


TROUBLES = {
    "": "",
    "too_few": "too few units to say how sure it is",
    "no_spread": "all values are the same, so no interval is honest",
    "empty_arm": "an arm has no units yet",
}
