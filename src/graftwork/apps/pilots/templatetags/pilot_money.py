"""How pages of pilots write a value with its interval."""

from django import template

from graftwork.core.appraisal.money_words import amount
from graftwork.core.stats import Estimate

register = template.Library()


@register.filter
def estimate(found: Estimate) -> str:
    """`62 % (58 to 66 %)`, `4.2 s (3.9 to 4.5 s)`, `EUR 310 (250 to 390)`; nothing in brackets that says no more."""
    value = _written(found.value, found.unit)
    if found.low is None or found.high is None or found.low == found.high:
        return value
    low, high = _written(found.low, found.unit), _written(found.high, found.unit)
    if low == high == value:
        return value
    if low.startswith(f"{found.unit} "):
        return f"{value} ({low.removeprefix(found.unit).strip()} to {high.removeprefix(found.unit).strip()})"
    return f"{value} ({low.removesuffix(f' {found.unit}').removesuffix(' %')} to {high})"


def _written(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "s":
        return f"{value:.1f} s" if value >= 1 else f"{value:.2g} s"
    return amount(value, unit)
