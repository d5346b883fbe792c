"""Assisted minus control, turned so that better is positive whichever way a metric goes."""

from dataclasses import dataclass

from graftwork.core.charter.metrics import Metric
from graftwork.core.value.results import Effect


@dataclass(frozen=True, slots=True)
class Improvement:
    """In the metric's unit; `None` where it is not known."""

    value: float | None
    low: float | None
    high: float | None


def improvement(metric: Metric, effect: Effect) -> Improvement:
    """The effect as an improvement: of a metric where lower is better, its negative with the bounds swapped."""
    if metric.better == "higher":
        return Improvement(effect.difference, effect.low, effect.high)
    return Improvement(_negative(effect.difference), _negative(effect.high), _negative(effect.low))


def _negative(value: float | None) -> float | None:
    # `0.0 -` and not `-`: there is no -0.0 to print.
    return None if value is None else 0.0 - value
