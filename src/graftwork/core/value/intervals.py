"""From two sides with their variances to an `Effect`: the t interval of Welch, its p-value, and the relative lift."""

import math
from dataclasses import dataclass

from scipy import special

from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect, Method, Trouble

SHARE = "share"


@dataclass(frozen=True, slots=True)
class Side:
    """One arm: its value, the variance of that value (not of the units), and what it rests on."""

    value: float
    variance: float
    degrees: float
    units: int


def t_quantile(confidence: float, degrees: float) -> float:
    """The two-sided quantile of Student's t: 1.96 at 0.95 and infinite `degrees`."""
    tail = (1 + confidence) / 2
    return float(special.ndtri(tail) if math.isinf(degrees) else special.stdtrit(degrees, tail))


def two_sided(t: float, degrees: float) -> float:
    """The p-value of a t."""
    tail = special.ndtr(-abs(t)) if math.isinf(degrees) else special.stdtr(degrees, -abs(t))
    return float(2 * tail)


def compare(assisted: Side, control: Side, *, unit: str, method: Method, confidence: float) -> Effect:
    """Assisted minus control with Welch's t interval. Both variances must be known, and their sum above 0.

    B. L. Welch, The generalization of "Student's" problem when several different population variances are involved,
    Biometrika 34 (1947), 28-35; degrees of freedom as in F. E. Satterthwaite, Biometrics Bulletin 2 (1946), 110-114.
    """
    variance = assisted.variance + control.variance
    degrees = variance**2 / sum(side.variance**2 / side.degrees for side in (assisted, control))
    return effect_of(assisted, control, variance, degrees, unit=unit, method=method, confidence=confidence)


def effect_of(
    assisted: Side,
    control: Side,
    variance: float,
    degrees: float,
    *,
    unit: str,
    method: Method,
    confidence: float,
    covariance: float = 0.0,
) -> Effect:
    """The effect whose difference has this `variance`. `covariance` is that of the two sides, for paired ones."""
    error = math.sqrt(variance)
    quantile = t_quantile(confidence, degrees)
    difference = assisted.value - control.value
    return Effect(
        difference=difference,
        low=difference - quantile * error,
        high=difference + quantile * error,
        standard_error=error,
        p_value=two_sided(difference / error, degrees),
        assisted=assisted.value,
        control=control.value,
        units_assisted=assisted.units,
        units_control=control.units,
        unit=unit,
        method=method,
        relative=lift(assisted, control, quantile, confidence, covariance),
        confidence=confidence,
    )


def lift(assisted: Side, control: Side, quantile: float, confidence: float, covariance: float = 0.0) -> Estimate | None:
    """The difference as a share of control, by the delta method (Deng, Knoblich and Lu, KDD 2018).

    `None` where control is 0 or below. Without bounds where the interval of control itself reaches 0: no interval of a
    quotient is finite then (E. C. Fieller, Some problems in interval estimation, JRSS B 16 (1954), 175-185).
    """
    if control.value <= 0:
        return None
    units = assisted.units + control.units
    quotient = assisted.value / control.value
    if control.value**2 <= quantile**2 * control.variance:
        return Estimate(quotient - 1, None, None, units, SHARE, confidence)
    variance = assisted.variance + quotient**2 * control.variance - 2 * quotient * covariance
    half = quantile * math.sqrt(max(variance, 0.0)) / control.value
    return Estimate(quotient - 1, quotient - 1 - half, quotient - 1 + half, units, SHARE, confidence)


def without_interval(
    trouble: Trouble,
    assisted: float | None,
    control: float | None,
    units: tuple[int, int],
    *,
    unit: str,
    method: Method,
    confidence: float,
) -> Effect:
    """What can be said where no interval would be honest: the values as far as they are known, and why."""
    gap: float | None = None
    relative: Estimate | None = None
    if assisted is not None and control is not None:
        gap = assisted - control
        if control > 0:
            relative = Estimate(assisted / control - 1, None, None, sum(units), SHARE, confidence)
    return Effect(
        difference=gap,
        low=None,
        high=None,
        standard_error=None,
        p_value=None,
        assisted=assisted,
        control=control,
        units_assisted=units[0],
        units_control=units[1],
        unit=unit,
        method=method,
        relative=relative,
        trouble=trouble,
        confidence=confidence,
    )


def degrees_of(effect: Effect) -> float:
    """The degrees of freedom of a t interval, read off its width."""
    assert effect.low is not None
    assert effect.high is not None
    assert effect.standard_error is not None
    width = (effect.high - effect.low) / 2 / effect.standard_error
    if width <= t_quantile(effect.confidence, math.inf) * (1 + 1e-9):
        return math.inf
    return float(special.stdtridf((1 + effect.confidence) / 2, width))
