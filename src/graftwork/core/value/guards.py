"""Guard metrics: what must not get worse by more than a margin."""

from typing import Literal

from graftwork.core.value.results import Effect, Guarded


def non_inferior(effect: Effect, margin: float, better: Literal["lower", "higher"]) -> Guarded:
    """Whether assisted is not worse than control by `margin` or more, as far as the effect's interval can tell.

    G. Piaggio et al., Reporting of noninferiority and equivalence randomized trials: extension of the CONSORT 2010
    statement, JAMA 308 (2012), 2594-2604: the bound on the worse side against the margin. The bound of a two-sided 95 %
    interval errs in 2.5 %; that of a sequence holds at every look. Raises `ValueError` unless `margin` is above 0.
    """
    if not margin > 0:
        raise ValueError("a margin must be above 0")
    if effect.low is None or effect.high is None:
        return Guarded(effect, margin, None, None)
    least, most = (effect.low, effect.high) if better == "lower" else (-effect.high, -effect.low)
    holds = True if most < margin else False if least > margin else None
    return Guarded(effect, margin, most, holds)
