"""Sample ratio mismatch: arms whose counts could not be chance are not comparable, whatever they show."""

import math

from graftwork.core.value.results import Balance

# Below five expected the chi-square distribution is no fit (W. G. Cochran, Biometrics 10 (1954), 417-451).
_LEAST_EXPECTED = 5


def balance(assisted: int, control: int, expected_share: float) -> Balance:
    """Pearson's chi-square test of the two counts against `expected_share` assisted, with one degree of freedom.

    A. Fabijan et al., Diagnosing sample ratio mismatch in online controlled experiments, KDD 2019, alarm
    below 0.001 or thereabouts, because the check runs daily. The p-value is `None` below five units expected in an arm.
    Raises `ValueError` for negative counts, or a share that is not between 0 and 1.
    """
    if assisted < 0 or control < 0 or not 0 < expected_share < 1:
        raise ValueError("counts must not be negative, and the expected share lies between 0 and 1")
    units = assisted + control
    expected = units * expected_share
    if min(expected, units - expected) < _LEAST_EXPECTED:
        return Balance(assisted, control, expected_share, None)
    chi_square = (assisted - expected) ** 2 * (1 / expected + 1 / (units - expected))
    return Balance(assisted, control, expected_share, math.erfc(math.sqrt(chi_square / 2)))
