"""How many units a pilot needs, and what it can find with so many. Two-sided, for the one look at the planned end.

Who decides by a confidence sequence, on whichever day, needs about twice as many: `sequence_factor`.
"""

import math
from statistics import NormalDist
from typing import Any

from graftwork.core.value.sequences import multiplier, rho_squared

_NORMAL = NormalDist()
# From here on Student's t and the normal distribution differ by less than one unit in the sample.
_NORMAL_FROM_UNITS = 10_000
# Two in each arm: fewer have no spread to compare with.
_LEAST_UNITS = 4


def units_for_mean(
    minimum_effect: float,
    standard_deviation: float,
    *,
    share_assisted: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> int:
    """Units in both arms to find a difference of means of `minimum_effect` with `power`, by the t test.

    J. Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), section 2.4, solved by statsmodels
    `TTestIndPower`. `design_effect` multiplies, as `design_effect()` says. Raises `ValueError` for what is not above 0.
    """
    _check(share_assisted, power, confidence, design_effect)
    if not (minimum_effect and standard_deviation > 0):
        raise ValueError("the minimum effect must not be 0, and the standard deviation above it")
    size = abs(minimum_effect) / standard_deviation
    units = _normal_total(power, confidence) / (size**2 * share_assisted * (1 - share_assisted))
    if units < _NORMAL_FROM_UNITS:
        units = _t_total(size, share_assisted, power, confidence)
    return _whole(units * design_effect)


def units_for_share(
    control_share: float,
    minimum_effect: float,
    *,
    share_assisted: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> int:
    """Units in both arms to find a share of `control_share + minimum_effect` (which may be negative) with `power`.

    Normal approximation with unpooled variances: S.-C. Chow, J. Shao and H. Wang, Sample Size Calculations in Clinical
    Research (2008), section 4.2.1. Raises `ValueError` where that share lies beyond 0 to 1.
    """
    _check(share_assisted, power, confidence, design_effect)
    variance = _share_variance(control_share, minimum_effect, share_assisted)
    return _whole(_normal_total(power, confidence) * variance / minimum_effect**2 * design_effect)


def clusters_for_mean(
    minimum_effect: float,
    standard_deviation: float,
    *,
    items_per_cluster: float,
    intraclass_correlation: float,
    share_assisted: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """Clusters in both arms (reviewers) where clusters are drawn, and compared by a t test on their means.

    The means vary by the items' standard deviation times the root of design effect over items (A. Donner and N. Klar,
    Design and Analysis of Cluster Randomization Trials (2000), chapter 5). With few clusters this is more than
    `units_for_mean` with a design effect says, because t has few degrees of freedom then.
    """
    inflation = design_effect(items_per_cluster, intraclass_correlation) / max(items_per_cluster, 1.0)
    return units_for_mean(
        minimum_effect,
        standard_deviation * math.sqrt(inflation),
        share_assisted=share_assisted,
        power=power,
        confidence=confidence,
    )


def detectable_mean(
    units: float,
    standard_deviation: float,
    *,
    share_assisted: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> float:
    """The smallest difference of means that so many units find with `power`; infinite below two in an arm."""
    _check(share_assisted, power, confidence, design_effect)
    return _smallest(
        lambda effect: power_of(
            units, effect, standard_deviation,
            share_assisted=share_assisted, confidence=confidence, design_effect=design_effect,
        ),
        power, standard_deviation * 100,
    )  # fmt: skip


def detectable_share(
    units: float,
    control_share: float,
    *,
    share_assisted: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> float:
    """The smallest change of a share, up or down, that so many units find with `power`; infinite where none does.

    Up and down differ; it is the larger of the two, or the one that stays within 0 to 1.
    """
    _check(share_assisted, power, confidence, design_effect)
    found = [
        _smallest(
            lambda effect, way=way: power_of_share(
                units, control_share, way * effect,
                share_assisted=share_assisted, confidence=confidence, design_effect=design_effect,
            ),
            power, room,
        )
        for way, room in ((1, 1 - control_share), (-1, control_share))
    ]  # fmt: skip
    return max((effect for effect in found if math.isfinite(effect)), default=math.inf)


def power_of(
    units: float,
    effect: float,
    standard_deviation: float,
    *,
    share_assisted: float = 0.5,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> float:
    """The chance, 0 to 1, that so many units find a difference of means of `effect`; 0 below two in an arm."""
    effective = units / design_effect
    if min(share_assisted, 1 - share_assisted) * effective < _LEAST_UNITS / 2:
        return 0.0
    size = abs(effect) / standard_deviation
    if effective >= _NORMAL_FROM_UNITS:
        return _normal_power(size * math.sqrt(effective * share_assisted * (1 - share_assisted)), confidence)
    return _t_power_of(_t_power(), effective, size, share_assisted, confidence)


def power_of_share(
    units: float,
    control_share: float,
    effect: float,
    *,
    share_assisted: float = 0.5,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> float:
    """The chance, 0 to 1, that so many units find a share of `control_share + effect`."""
    if not effect:
        return 1 - confidence
    variance = _share_variance(control_share, effect, share_assisted)
    return _normal_power(abs(effect) * math.sqrt(units / design_effect / variance), confidence)


def design_effect(items_per_cluster: float, intraclass_correlation: float) -> float:
    """How many times more items are needed where items of one cluster are alike: 1 + (m - 1) rho.

    L. Kish, Survey Sampling (1965), section 5.4. Below one item per cluster there is nothing to be alike to: 1.
    """
    if items_per_cluster <= 0 or not 0 <= intraclass_correlation <= 1:
        raise ValueError("items per cluster must be above 0, and the correlation between 0 and 1")
    return 1 + max(items_per_cluster - 1, 0.0) * intraclass_correlation


def sequence_factor(*, power: float = 0.8, confidence: float = 0.95) -> float:
    """How many times more units a confidence sequence takes to find the same effect with `power` by its tightest look.

    A test that rejects beyond k standard errors finds an effect of k + z(power) of them with that power; k is 1.96 for
    one look at 0.95, and 3.03 for a sequence where it is tightest. Earlier looks find it now and then too, so the power
    is a little more than said.
    """
    _check(0.5, power, confidence, 1.0)
    error = 1 - confidence
    once, wanted = _NORMAL.inv_cdf((1 + confidence) / 2), _NORMAL.inv_cdf(power)
    return ((multiplier(rho_squared(1.0, error), error) + wanted) / (once + wanted)) ** 2


def _t_power() -> Any:
    # statsmodels brings pandas and takes seconds to import: who shows a page without a plan need not wait for it.
    from statsmodels.stats.power import TTestIndPower  # noqa: PLC0415

    return TTestIndPower()


def _t_power_of(solver: Any, units: float, size: float, share_assisted: float, confidence: float) -> float:
    """Far from the limit the non-central t of scipy is not a number now and then; the normal one says 1 there too."""
    ratio = (1 - share_assisted) / share_assisted
    found = float(solver.power(size, units * share_assisted, 1 - confidence, ratio=ratio))
    if math.isnan(found):
        return _normal_power(size * math.sqrt(units * share_assisted * (1 - share_assisted)), confidence)
    return found


def _t_total(size: float, share_assisted: float, power: float, confidence: float) -> float:
    """Units in both arms by the t test, found by halving: the solver of statsmodels fails for tiny samples."""
    solver = _t_power()

    def reached(units: float) -> bool:
        return _t_power_of(solver, units, size, share_assisted, confidence) >= power

    low = _LEAST_UNITS / 2 / min(share_assisted, 1 - share_assisted)
    return low if reached(low) else _halved(reached, low, 2.0 * _NORMAL_FROM_UNITS)


def _smallest(power_at: Any, power: float, most: float) -> float:
    """The smallest effect with this power; infinite where not even `most` has it."""
    if most <= 0 or power_at(most * (1 - 1e-12)) < power:
        return math.inf
    return _halved(lambda effect: power_at(effect) >= power, 0.0, most * (1 - 1e-12))


def _halved(reached: Any, low: float, high: float) -> float:
    """Where `reached` turns true between `low` and `high`."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
        if high - low <= 1e-9 * high:
            break
    return high


def _normal_total(power: float, confidence: float) -> float:
    return (_NORMAL.inv_cdf((1 + confidence) / 2) + _NORMAL.inv_cdf(power)) ** 2


def _normal_power(z: float, confidence: float) -> float:
    limit = _NORMAL.inv_cdf((1 + confidence) / 2)
    return _NORMAL.cdf(z - limit) + _NORMAL.cdf(-z - limit)


def _share_variance(control_share: float, effect: float, share_assisted: float) -> float:
    """The variance of the difference, times the units in both arms."""
    assisted = control_share + effect
    if not effect or not 0 <= control_share <= 1 or not 0 <= assisted <= 1:
        raise ValueError("the minimum effect must not be 0 and must lead to a share between 0 and 1")
    return assisted * (1 - assisted) / share_assisted + control_share * (1 - control_share) / (1 - share_assisted)


def _check(share_assisted: float, power: float, confidence: float, inflation: float) -> None:
    if not (0 < share_assisted < 1 and 0 < power < 1 and 0 < confidence < 1 and inflation > 0):
        raise ValueError("shares, power and confidence lie between 0 and 1, and the design effect above 0")


def _whole(units: float) -> int:
    return max(_LEAST_UNITS, math.ceil(units - 1e-6))
