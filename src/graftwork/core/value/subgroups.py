"""Many subgroups at once: wider intervals that hold together, and which subgroup really differs from the rest."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

from graftwork.core.stats import CONFIDENCE, Estimate
from graftwork.core.value.intervals import degrees_of, t_quantile
from graftwork.core.value.results import Effect
from graftwork.core.value.sequences import always_valid_p, rho_squared

_NORMAL = NormalDist()


def simultaneous(effects: Sequence[Effect], *, confidence: float = CONFIDENCE) -> list[Effect]:
    """The effects with intervals so wide that all of them hold together with `confidence`, and p-values to match.

    Intervals are Bonferroni's (C. E. Bonferroni 1936; O. J. Dunn, JASA 56 (1961), 52-64), p-values are Holm's (S. Holm,
    Scandinavian Journal of Statistics 6 (1979), 65-70). Effects without an interval are passed on and do not count.
    `confidence` of what comes back is that of each interval alone, so `sequence(...)` of it holds at every look. Raises
    `ValueError` for sequences: widen first.
    """
    known = [place for place, effect in enumerate(effects) if effect.low is not None]
    if any(effects[place].method == "sequence" for place in known):
        raise ValueError("widen the effects first, then make sequences of them")
    if not known:
        return list(effects)
    each = 1 - (1 - confidence) / len(known)
    p_values = dict(zip(known, holm([effects[place].p_value or 0.0 for place in known]), strict=True))
    return [
        _widened(effect, each, p_values[place]) if place in p_values else effect for place, effect in enumerate(effects)
    ]


def heterogeneity(
    effects: Sequence[Effect], *, confidence: float = CONFIDENCE, tightest_at_units: int | None = None
) -> list[bool]:
    """Which subgroups differ from the rest taken together: z-tests against the pooled rest, corrected by Holm.

    The rest is pooled with weights of one over the variance (M. Borenstein et al., Introduction to Meta-Analysis
    (2009), chapter 19). With `tightest_at_units` the tests are those of a confidence sequence, so that looking every
    day does not turn chance into a difference. A subgroup without a standard error never differs.
    """
    found = heterogeneity_p_values(effects, confidence=confidence, tightest_at_units=tightest_at_units)
    return differing(found, confidence=confidence)


def differing(p_values: Sequence[float | None], *, confidence: float = CONFIDENCE) -> list[bool]:
    """Which of all these tests hold together, by Holm; tests that could not be done (`None`) do not count."""
    known = [place for place, p in enumerate(p_values) if p is not None]
    adjusted = dict(zip(known, holm([p for p in p_values if p is not None]), strict=True))
    return [adjusted.get(place, 1.0) < 1 - confidence for place in range(len(p_values))]


def heterogeneity_p_values(
    effects: Sequence[Effect], *, confidence: float = CONFIDENCE, tightest_at_units: int | None = None
) -> list[float | None]:
    """The p-values behind `heterogeneity`, not corrected yet: for tests that are corrected with others together."""
    known = [place for place, effect in enumerate(effects) if effect.standard_error and effect.difference is not None]
    if len(known) < 2:
        return [None] * len(effects)
    scores = [_against_rest(effects, known, place) for place in known]
    if tightest_at_units is None:
        p_values = [2 * _NORMAL.cdf(-abs(score)) for score in scores]
    else:
        units = sum(effects[place].units_assisted + effects[place].units_control for place in known)
        information = units * rho_squared(tightest_at_units, 1 - confidence)
        p_values = [always_valid_p(score, information) for score in scores]
    by_place = dict(zip(known, p_values, strict=True))
    return [by_place.get(place) for place in range(len(effects))]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given: the smallest times their number, the next times one less, ..."""
    adjusted = [0.0] * len(p_values)
    so_far = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = so_far
    return adjusted


def _widened(effect: Effect, confidence: float, p_value: float) -> Effect:
    assert effect.difference is not None
    assert effect.standard_error is not None
    degrees = degrees_of(effect)
    quantile = t_quantile(confidence, degrees)
    half = quantile * effect.standard_error
    times = quantile / t_quantile(effect.confidence, degrees)
    return replace(
        effect,
        low=effect.difference - half,
        high=effect.difference + half,
        p_value=p_value,
        relative=_wider(effect.relative, times, confidence),
        confidence=confidence,
    )


def _wider(relative: Estimate | None, times: float, confidence: float) -> Estimate | None:
    if relative is None or relative.low is None or relative.high is None:
        return relative
    low = relative.value - times * (relative.value - relative.low)
    high = relative.value + times * (relative.high - relative.value)
    return replace(relative, low=low, high=high, confidence=confidence)


def _against_rest(effects: Sequence[Effect], known: Sequence[int], place: int) -> float:
    """The z of one effect against the others, pooled."""
    rest = [effects[other] for other in known if other != place]
    precisions = [1 / (other.standard_error or math.inf) ** 2 for other in rest]
    pooled = sum(weight * (other.difference or 0.0) for weight, other in zip(precisions, rest, strict=True))
    pooled /= sum(precisions)
    one = effects[place]
    assert one.difference is not None
    assert one.standard_error is not None
    return (one.difference - pooled) / math.sqrt(one.standard_error**2 + 1 / sum(precisions))
