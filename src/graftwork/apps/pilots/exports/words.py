"""Numbers as a report writes them: with their unit, and no more digits than they carry."""

import math
from datetime import UTC, datetime

from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect

UNKNOWN = "not known"
MINUS = "\u2212"
_WHOLE_FROM = 100
_TENTHS_FROM = 10
_ROUGH_FROM = 1_000
_IN_TENTHS = ("months", "min", "minutes")


def quantity(value: float | None, unit: str, *, difference: bool = False) -> str:
    """A value with its unit. A share is a percentage, a difference of two shares counts percentage points."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if unit == "share":
        return f"{number(value * 100, difference=difference)} {'points' if difference else '%'}"
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


def relative(found: Estimate) -> str:
    """A lift over control: a share of it, so a percentage and not points."""
    bounds = "" if found.low is None or found.high is None else f" ({_signed(found.low)} to {_signed(found.high)} %)"
    return f"{_signed(found.value)} %{bounds}"


def _signed(share: float) -> str:
    return number(share * 100, difference=True)


def effect(found: Effect) -> str:
    bounds = interval(found.low, found.high, found.unit, difference=True)
    value = quantity(found.difference, found.unit, difference=True)
    return f"{value} ({bounds})" if bounds else value


def count(value: float) -> str:
    return f"{value:,.0f}"


def day(time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%-d %B %Y}" if time else "not yet"


def moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


METHODS = {
    "welch": "Welch's interval for two means",
    "delta": "delta method for a ratio of sums",
    "cuped": "adjusted by what was known beforehand (CUPED)",
    "sequence": "confidence sequence: it holds at every look",
    "reviewer_means": "reviewers were drawn, so reviewers are compared",
    "within_reviewers": "each reviewer compared with themselves",
    "before_after": "before and after, without a control arm: weaker",
}
TROUBLES = {
    "": "",
    "too_few": "too few units to say how sure it is",
    "no_spread": "all values are the same, so no interval is honest",
    "empty_arm": "an arm has no units yet",
}
RULINGS = {
    "go": "Go",
    "extend": "Extend",
    "stop": "Stop",
    "early": "Too early to say",
    "watch": "On the way",
    "invalid": "Not valid",
}
