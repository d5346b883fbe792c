"""Which analysis a charter asks for, done for one metric.

Imports scipy by way of `core.value` (2 s): whoever starts a process quickly imports this module only when it is needed.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from graftwork.core.appraisal.confidence import confidence_at_an_end, confidence_of_looking
from graftwork.core.appraisal.data import Arm, ByArm, MetricFinding, MetricSums, PilotData
from graftwork.core.charter.arms import drawn_share
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.stats import Estimate
from graftwork.core.value.balance import balance
from graftwork.core.value.clusters import NOBODY, reviewer_means, within_reviewers
from graftwork.core.value.effects import arm_estimate, before_after, cuped, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import LEAST_UNITS, Balance, Effect, Method
from graftwork.core.value.sequences import sequence

ARMS: tuple[Arm, Arm] = ("assisted", "control")
NOTHING = Moments()


def by_arm(parts: ByArm) -> dict[Arm, Moments]:
    """Both arms, an absent one with no units."""
    return {arm: parts.get(arm, NOTHING) for arm in ARMS}


def totals(sums: MetricSums) -> dict[Arm, Moments]:
    """What all days add up to."""
    return {arm: Moments.total(day.get(arm, NOTHING) for _, day in sums.days) for arm in ARMS}


def is_measured(data: PilotData, key: str) -> bool:
    """Whether anything is known of a metric."""
    return key in data.metrics and bool(data.metrics[key].days)


def compare_units(
    charter: Charter, metric: Metric, arms: ByArm, *, adjusted: bool = True, confidence: float | None = None
) -> Effect:
    """Assisted minus control over the units that were drawn, with the interval for one look."""
    assisted, control = by_arm(arms).values()
    confidence = charter.analysis.confidence if confidence is None else confidence
    if metric.seen_in == "assisted":
        return _one_arm(assisted, metric, confidence)
    if adjusted and charter.primary.covariate != "none":
        return cuped(assisted, control, unit=metric.unit, confidence=confidence)
    return difference(assisted, control, unit=metric.unit, confidence=confidence)


def at_every_look(charter: Charter, effect: Effect) -> Effect:
    """The effect with an interval that holds however often somebody looks."""
    if effect.difference is None:
        return effect
    return sequence(effect, tightest_at_units=charter.analysis.tightest_at_units, least_units=LEAST_UNITS)


def daily(charter: Charter, metric: Metric, arms: ByArm, *, adjusted: bool = True) -> Effect:
    """The comparison as it counts on any day."""
    strict = compare_units(charter, metric, arms, adjusted=adjusted, confidence=confidence_of_looking(charter))
    return _together(charter, at_every_look(charter, strict))


def at_an_end(charter: Charter, data: PilotData, metric: Metric, sums: MetricSums, *, adjusted: bool = True) -> Effect:
    """The comparison as it counts at the planned end, of what came in until then: to wait on would be another look."""
    arms = totals(sums if data.ends_at is None else until(sums, data.ends_at.date()))
    strict = compare_units(charter, metric, arms, adjusted=adjusted, confidence=confidence_at_an_end(charter))
    return _together(charter, strict)


def decisive(charter: Charter, data: PilotData, metric: Metric, sums: MetricSums, *, adjusted: bool = True) -> Effect:
    """The comparison that decides: that of every day, or that of the planned end once it is there and says more.

    The error that the charter allows is split between them, so they hold together with the charter's confidence.
    """
    now = daily(charter, metric, totals(sums), adjusted=adjusted)
    if not data.is_at_an_end:
        return now
    return narrower(at_an_end(charter, data, metric, sums, adjusted=adjusted), now)


def narrower(first: Effect, second: Effect) -> Effect:
    """The one that says more; the second where neither does."""
    return first if _width(first) < _width(second) else second


def until(sums: MetricSums, day: date) -> MetricSums:
    """What all days up to this one added; days alone are kept."""
    return MetricSums([one for one in sums.days if one[0] <= day])


def _together(charter: Charter, effect: Effect) -> Effect:
    """One of several intervals that hold together with the charter's confidence says that one, and its p-value is in
    the same proportion: below the error that the charter allows where the interval leaves 0 out.
    """
    allowed = 1 - charter.analysis.confidence
    confidence, p_value = charter.analysis.confidence, effect.p_value
    if p_value is not None:
        p_value = min(1.0, p_value * allowed / (1 - effect.confidence))
    relative = effect.relative and replace(effect.relative, confidence=confidence)
    return replace(effect, p_value=p_value, relative=relative, confidence=confidence)


def _width(effect: Effect) -> float:
    return math.inf if effect.low is None or effect.high is None else effect.high - effect.low


def finding(charter: Charter, data: PilotData, metric: Metric) -> MetricFinding:
    """One metric, analysed as the charter's arms ask for."""
    sums = data.metrics.get(metric.key, MetricSums())
    if charter.arms.design == "before_after":
        return _before_after(charter, data, metric, totals(sums))
    if metric.seen_in == "both" and charter.arms.unit == "reviewer":
        return _by_reviewer(charter, metric, sums)
    return _by_unit(charter, data, metric, sums)


def _by_unit(charter: Charter, data: PilotData, metric: Metric, sums: MetricSums) -> MetricFinding:
    planned = at_an_end(charter, data, metric, sums)
    checks = []
    if planned.method == "cuped":
        checks.append(decisive(charter, data, metric, sums, adjusted=False))
    if metric.seen_in == "both":
        within = within_reviewers(_people(sums), unit=metric.unit, confidence=charter.analysis.confidence)
        checks += [within] if within.low is not None else []
    now = decisive(charter, data, metric, sums)
    return MetricFinding(metric, now, planned, _estimates(charter, metric, totals(sums)), checks)


def _by_reviewer(charter: Charter, metric: Metric, sums: MetricSums) -> MetricFinding:
    people = _people(sums)
    strict = reviewer_means(people, unit=metric.unit, confidence=confidence_at_an_end(charter))
    planned = _together(charter, strict)
    means = {arm: _of_means(people, arm) for arm in ARMS}
    return MetricFinding(metric, planned, planned, _estimates(charter, metric, means))


def _before_after(charter: Charter, data: PilotData, metric: Metric, arms: ByArm) -> MetricFinding:
    assisted = by_arm(arms)["assisted"]
    if metric.key != charter.primary.metric or data.baseline is None:
        alone = _one_arm(assisted, metric, charter.analysis.confidence, method="before_after")
        return MetricFinding(metric, alone, alone, _estimates(charter, metric, {"assisted": assisted}))
    strict = before_after(assisted, data.baseline, unit=metric.unit, confidence=confidence_at_an_end(charter))
    planned = _together(charter, strict)
    pair: ByArm = {"assisted": assisted, "control": data.baseline}
    return MetricFinding(metric, planned, planned, _estimates(charter, metric, pair))


def arms_balance(charter: Charter, data: PilotData) -> Balance:
    """Whether the arms are as large as they were drawn. Without a control arm there is nothing to be out of balance."""
    assisted, control = (int(data.enrolled.get(arm, 0)) for arm in ARMS)
    expected = drawn_share(charter)
    if not 0 < expected < 1:
        return Balance(assisted, control, expected, None)
    return balance(assisted, control, expected)


def cumulative(sums: MetricSums) -> list[tuple[date, dict[Arm, Moments]]]:
    """What there was by the end of each day."""
    running = by_arm({})
    ends = []
    for day, arms in sums.days:
        running = {arm: running[arm] + arms[arm] if arm in arms else running[arm] for arm in ARMS}
        ends.append((day, running))
    return ends


def _people(sums: MetricSums) -> Mapping[int, ByArm]:
    return {number: arms for number, arms in sums.clusters.items() if number != NOBODY}


def _of_means(people: Mapping[int, ByArm], arm: Arm) -> Moments:
    ratios = (by_arm(arms)[arm].ratio for arms in people.values())
    return Moments.total(Moments.of(ratio) for ratio in ratios if ratio is not None)


def _estimates(charter: Charter, metric: Metric, arms: ByArm) -> dict[Arm, Estimate | None]:
    both = by_arm(arms)
    return {
        arm: arm_estimate(
            both[arm], unit=metric.unit, confidence=charter.analysis.confidence, share=metric.unit == "share"
        )
        for arm in ARMS
    }


def _one_arm(assisted: Moments, metric: Metric, confidence: float, *, method: Method = "welch") -> Effect:
    empty = Effect(None, None, None, None, None, None, None, 0, 0, metric.unit, method, trouble="empty_arm")
    return replace(empty, assisted=assisted.ratio, units_assisted=round(assisted.units), confidence=confidence)
