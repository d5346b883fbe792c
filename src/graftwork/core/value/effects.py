"""Assisted against control: means, ratios, and means adjusted by what was known before.

What is random are units (items, threads, customers). Where each unit is one item, the value of an arm is a mean and the
interval is Welch's; else it is a ratio of sums over units, and the variance is that of the delta method.
"""

import math
import sys
from dataclasses import dataclass, replace

from graftwork.core.stats import CONFIDENCE, Estimate, wilson
from graftwork.core.value.intervals import SHARE, Side, compare, t_quantile, without_interval
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect, Method, Trouble

# Two units have a spread; one has none.
LEAST_UNITS = 2
# Beyond these, squares of variances are no longer floats; no time, count or score in the world comes near them.
_SMALLEST_SQUARES, _LARGEST_SQUARES = 1e-100, 1e100


def difference(assisted: Moments, control: Moments, *, unit: str, confidence: float = CONFIDENCE) -> Effect:
    """Assisted minus control in `unit`: Welch's interval of two means, or the delta method for two ratios.

    Delta method: A. Deng, U. Knoblich and J. Lu, Applying the delta method in metric analytics, KDD 2018.
    Yes/no values (`unit` "share", each 0 or 1) take their spread with one yes and one no added to each arm, so that
    none of 40 is not taken for certain (A. Agresti and B. Caffo, The American Statistician 54 (2000), 280-288).
    Troubles: an empty arm, one unit in an arm, an arm in which all values are the same.
    """
    method: Method = "welch" if _one_each(assisted) and _one_each(control) else "delta"
    sides = _side(assisted, unit), _side(control, unit)
    if sides[0] is None or sides[1] is None:
        return _troubled(assisted, control, unit, method, confidence)
    return compare(sides[0], sides[1], unit=unit, method=method, confidence=confidence)


def before_after(assisted: Moments, baseline: Moments, *, unit: str, confidence: float = CONFIDENCE) -> Effect:
    """Assisted minus an imported baseline, as `difference`: weaker, for whatever else changed meanwhile is in it too.

    D. T. Campbell and J. C. Stanley, Experimental and Quasi-Experimental Designs for Research (1963), design 2, lists
    what may be mistaken for the effect: history, maturation, a changed way of measuring.
    """
    return replace(difference(assisted, baseline, unit=unit, confidence=confidence), method="before_after")


def cuped(assisted: Moments, control: Moments, *, unit: str, confidence: float = CONFIDENCE) -> Effect:
    """The difference less what chance differences of the covariate x explain, with its interval.

    A. Deng, Y. Xu, R. Kohavi and T. Walker, Improving the sensitivity of online controlled experiments by utilizing
    pre-experiment data, WSDM 2013, with theta from both arms about their own means: the coefficient of the
    arm in a regression on arm and x. Ratios are linearised by unit, (y - ratio * d) / mean d, before. `assisted` and
    `control` are the adjusted values, which differ from the plain ones. Comes back as `difference` where x is the same
    everywhere, or says nothing.

    x must be one number per unit, known before its first item was touched: summed over items that drafts may make more
    or fewer, it would be part of the effect.
    """
    plain = difference(assisted, control, unit=unit, confidence=confidence)
    if plain.trouble or min(assisted.units, control.units) <= LEAST_UNITS:
        return plain
    arms = (_Linear.of(assisted), _Linear.of(control))
    spread = sum(arm.xx for arm in arms)
    # An arm of shares may have no spread (none of 40); then `difference` is careful, and the covariate would not be.
    if not spread or not all(arm.ll for arm in arms):
        return plain
    theta = sum(arm.lx for arm in arms) / spread
    units = assisted.units + control.units
    middle = (assisted.x + control.x) / units
    # One more thing than the two means was estimated from the same units: theta.
    inflation = (units - 2) / (units - 3)
    sides = [arm.adjusted(theta, middle, inflation) for arm in arms]
    if not all(side.variance > 0 for side in sides):
        return plain
    effect = compare(sides[0], sides[1], unit=unit, method="cuped", confidence=confidence)
    kept = sum(side.variance for side in sides) / sum(arm.ll / arm.scale for arm in arms)
    return replace(effect, adjustment=min(max(1 - kept, 0.0), 1.0))


def arm_estimate(arm: Moments, *, unit: str, confidence: float = CONFIDENCE, share: bool = False) -> Estimate | None:
    """What one arm is: Wilson's interval for yes/no values (`share`, one each), else the t interval of its ratio.

    `None` for an empty arm; without bounds for one unit, or where all are the same. `n` is units.
    """
    if is_empty(arm):
        return None
    if share and _one_each(arm) and _yes_or_no(arm):
        return wilson(min(arm.y, arm.units), round(arm.units), unit=unit, confidence=confidence)
    value, units = arm.y / arm.d, round(arm.units)
    variance = ratio_variance(arm)
    if variance is None or variance == 0:
        return Estimate(value, None, None, units, unit, confidence)
    half = t_quantile(confidence, arm.units - 1) * math.sqrt(variance)
    low, high = value - half, value + half
    if share:
        low, high = max(low, 0.0), min(high, 1.0)
    return Estimate(value, low, high, units, unit, confidence)


def is_empty(arm: Moments) -> bool:
    """Whether nothing was counted. Units that were taken away again may leave the dust of rounding in d."""
    return not arm.d or arm.units < 0.5


def ratio_variance(arm: Moments) -> float | None:
    """The variance of y / d: of a mean where each d is 1, else by the delta method. `None` below two units."""
    if arm.units < LEAST_UNITS or is_empty(arm):
        return None
    return _squares(arm) * arm.units / (arm.units - 1) / arm.d**2


@dataclass(frozen=True, slots=True)
class _Linear:
    """One arm, linearised: sums of squares and products of l = (y - ratio * d) / mean d and of x about its mean."""

    ratio: float
    units: float
    mean_x: float
    ll: float
    lx: float
    xx: float

    @classmethod
    def of(cls, arm: Moments) -> "_Linear":
        ratio, mean_d, mean_x = arm.y / arm.d, arm.d / arm.units, arm.x / arm.units
        xx = _above_rounding(arm.xx - arm.units * mean_x * mean_x, arm.xx, arm.units)
        return cls(ratio, arm.units, mean_x, _squares(arm) / mean_d**2, (arm.yx - ratio * arm.dx) / mean_d, xx)

    @property
    def scale(self) -> float:
        """From a sum of squares of units to the variance of their mean."""
        return self.units * (self.units - 1)

    def adjusted(self, theta: float, middle: float, inflation: float) -> Side:
        squares = _above_rounding(self.ll - 2 * theta * self.lx + theta**2 * self.xx, self.ll, self.units)
        value = self.ratio - theta * (self.mean_x - middle)
        return Side(value, squares / self.scale * inflation, self.units - 1, round(self.units))


def _squares(arm: Moments) -> float:
    """The sum of squares of y - ratio * d over units."""
    ratio = arm.y / arm.d
    return _above_rounding(arm.yy - 2 * ratio * arm.yd + ratio * ratio * arm.dd, arm.yy, arm.units)


def _above_rounding(squares: float, total: float, units: float) -> float:
    """A sum of squares about a mean, or 0 where the rounding of `total` and its n terms alone could make it up."""
    if not _SMALLEST_SQUARES < squares < _LARGEST_SQUARES:
        return 0.0
    return squares if squares > sys.float_info.epsilon * (32 + units) * total else 0.0


def _one_each(arm: Moments) -> bool:
    return math.isclose(arm.d, arm.units, rel_tol=1e-12) and math.isclose(arm.dd, arm.units, rel_tol=1e-12)


def _yes_or_no(arm: Moments) -> bool:
    return math.isclose(arm.yy, arm.y, rel_tol=1e-12, abs_tol=1e-12) and 0 <= arm.y <= arm.units * (1 + 1e-12)


def _side(arm: Moments, unit: str) -> Side | None:
    variance = ratio_variance(arm)
    if variance is None:
        return None
    if unit == SHARE and _one_each(arm) and _yes_or_no(arm):
        share = (arm.y + 1) / (arm.units + 2)
        variance = share * (1 - share) / (arm.units + 2)
    return Side(arm.y / arm.d, variance, arm.units - 1, round(arm.units)) if variance > 0 else None


def _troubled(assisted: Moments, control: Moments, unit: str, method: Method, confidence: float) -> Effect:
    units = round(assisted.units), round(control.units)
    values = _known(assisted), _known(control)
    if None in values:
        trouble: Trouble = "empty_arm"
    elif min(units) < LEAST_UNITS:
        trouble = "too_few"
    else:
        trouble = "no_spread"
    return without_interval(trouble, values[0], values[1], units, unit=unit, method=method, confidence=confidence)


def _known(arm: Moments) -> float | None:
    return None if is_empty(arm) else arm.ratio
