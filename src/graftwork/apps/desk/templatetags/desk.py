"""How the desk writes ages, times and figures. What is unknown reads "unknown", never 0."""

from datetime import datetime

from django import template

register = template.Library()

_ACTS = {
    "accepted": "Sent, unchanged",
    "edited": "Sent, edited",
    "rejected": "Rejected",
    "escalated": "Escalated",
}
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@register.filter
def age(then: datetime | None, now: datetime) -> str:
    """How long ago, in its largest unit."""
    return _span((now - then).total_seconds()) if then else "unknown"


@register.filter
def until(then: datetime | None, now: datetime) -> str:
    """How long from now, in its largest unit."""
    return _span((then - now).total_seconds()) if then else "unknown"


@register.filter
def seconds_left(then: datetime, now: datetime) -> int:
    return max(0, int((then - now).total_seconds()))


@register.filter
def or_unknown(value: object) -> str:
    return "unknown" if value is None or value == "" else str(value)


@register.filter
def milliseconds(value: float | None) -> str:
    """A duration in the unit that a person would choose."""
    if value is None:
        return "unknown"
    return f"{value:.0f} ms" if value < 1_000 else f"{value / 1_000:.1f} s"


@register.filter
def act(decision: str) -> str:
    """A stored decision as the act that the person knows."""
    return _ACTS.get(decision, decision.capitalize())


@register.filter
def lookup(mapping: dict[str, str], key: str) -> str:
    return mapping.get(key, key)


def _span(seconds: float) -> str:
    for size, unit in _STEPS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
