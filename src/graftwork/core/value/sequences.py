"""An interval that may be looked at every day: it holds at all looks at once, however many there are."""

import math
from dataclasses import replace

from scipy import special

from graftwork.core.stats import Estimate
from graftwork.core.value.results import LEAST_UNITS, Effect

# With few reviewers, looking again adds items and no reviewers, so there is no sequence in them to speak of.
_BY_REVIEWER = ("reviewer_means", "within_reviewers")


def sequence(effect: Effect, *, tightest_at_units: int, least_units: int = LEAST_UNITS) -> Effect:
    """The effect with the interval of an asymptotic confidence sequence, which covers at every look together.

    I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas, Time-uniform central limit theory and asymptotic
    confidence sequences, arXiv 2103.06476, theorem 2.2: the half width is the standard error times `multiplier`, with t
    as the units of both arms together. It is tightest at `tightest_at_units` (N*) and holds at all others too. The
    p-value is the smallest error at which the interval leaves 0 out, and holds at every look as well.

    Below `least_units` in an arm there is no interval, and `trouble` is "too_few". Effects by reviewer come back as
    they are, with their own `method`: they count at the planned end only. Raises `ValueError` for `tightest_at_units`
    below 1.
    """
    if tightest_at_units < 1:
        raise ValueError("tightest_at_units must be at least 1")
    if effect.method in _BY_REVIEWER:
        return effect
    if effect.trouble or effect.difference is None or effect.standard_error is None:
        return replace(effect, method="sequence")
    if min(effect.units_assisted, effect.units_control) < least_units:
        return _too_early(effect)
    error = 1 - effect.confidence
    information = _units(effect) * rho_squared(tightest_at_units, error)
    times = multiplier(information, error)
    half = times * effect.standard_error
    return replace(
        effect,
        low=effect.difference - half,
        high=effect.difference + half,
        p_value=always_valid_p(effect.difference / effect.standard_error, information),
        relative=_widened(effect, half),
        method="sequence",
    )


def multiplier(information: float, error: float) -> float:
    """How many standard errors wide half the interval is: theorem 2.2, with `information` as t times rho squared."""
    return math.sqrt(2 * (information + 1) / information * math.log(math.sqrt(information + 1) / error))


def rho_squared(tightest_at_units: float, error: float) -> float:
    """The rho squared whose interval is tightest at so many units, as arXiv 2103.06476 advises to choose it.

    Setting the derivative of the width to 0 gives v - log v = 1 - 2 log(error) for v = N* rho squared + 1, so that v
    is -W(-error squared / e), with W the lower branch of Lambert's function.
    """
    return (-float(special.lambertw(-(error**2) / math.e, -1).real) - 1) / tightest_at_units


def always_valid_p(z: float, information: float) -> float:
    """The smallest error at which `multiplier` is below `z`, at most 1; it may be looked at as often as one likes.

    R. Johari, L. Pekelis and D. Walsh, Always valid inference, arXiv 1512.04922: one over the likelihood
    ratio, mixed over a normal distribution.
    """
    exponent = 0.5 * math.log1p(information) - z**2 * information / (2 * (information + 1))
    return min(1.0, math.exp(min(exponent, 0.0)))


def _units(effect: Effect) -> int:
    # Before and after: the baseline was there before the first look, so only the pilot's units come in over time.
    after_only = effect.method == "before_after"
    return effect.units_assisted + (0 if after_only else effect.units_control)


def _too_early(effect: Effect) -> Effect:
    relative = effect.relative and replace(effect.relative, low=None, high=None)
    return replace(effect, low=None, high=None, p_value=None, relative=relative, method="sequence", trouble="too_few")


def _widened(effect: Effect, half: float) -> Estimate | None:
    """The lift's interval, wider by as much as that of the difference."""
    relative = effect.relative
    if relative is None or relative.low is None or relative.high is None or effect.low is None or effect.high is None:
        return relative
    times = 2 * half / (effect.high - effect.low)
    return replace(
        relative,
        low=relative.value - times * (relative.value - relative.low),
        high=relative.value + times * (relative.high - relative.value),
    )
