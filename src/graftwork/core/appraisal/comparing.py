"""Which analysis a charter asks for, done for one metric.

Imports scipy by way of `core.value` (2 s): whoever starts a process quickly imports this module only when it is needed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from graftwork.core.appraisal.data import Arm, ByArm, MetricFinding, MetricSums, PilotData
from graftwork.core.appraisal.verdict import LEAST_UNITS
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.stats import Estimate
from graftwork.core.value.balance import balance
from graftwork.core.value.clusters import NOBODY, reviewer_means, within_reviewers
from graftwork.core.value.effects import arm_estimate, before_after, cuped, difference
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Balance, Effect, Method
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


def counts_only_at_the_end(charter: Charter) -> bool:
    """Whether the interval holds at the planned end alone: reviewers were drawn, or there is no control arm.

    A confidence sequence needs many units that come one after the other; ten reviewers are there from the first day.
    """
    return charter.arms.unit == "reviewer" or charter.arms.design == "before_after"


def planned_looks(charter: Charter) -> int:
    """The planned end, and the end of each extension."""
    return 1 + charter.decide.extensions


def confidence_now(charter: Charter) -> float:
    """Of the interval that decides. Where only planned ends count, Bonferroni's: all of them hold together."""
    confidence = charter.analysis.confidence
    return 1 - (1 - confidence) / planned_looks(charter) if counts_only_at_the_end(charter) else confidence


def compare_units(charter: Charter, metric: Metric, arms: ByArm, *, adjusted: bool = True) -> Effect:
    """Assisted minus control over the units that were drawn, with the interval for one look."""
    assisted, control = by_arm(arms).values()
    confidence = charter.analysis.confidence
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


def finding(charter: Charter, data: PilotData, metric: Metric) -> MetricFinding:
    """One metric, analysed as the charter's arms ask for."""
    sums = data.metrics.get(metric.key, MetricSums())
    if charter.arms.design == "before_after":
        return _before_after(charter, data, metric, totals(sums))
    if metric.seen_in == "both" and charter.arms.unit == "reviewer":
        return _by_reviewer(charter, metric, sums)
    return _by_unit(charter, metric, sums)


def _by_unit(charter: Charter, metric: Metric, sums: MetricSums) -> MetricFinding:
    arms = totals(sums)
    planned = compare_units(charter, metric, arms)
    checks = []
    if planned.method == "cuped":
        checks.append(at_every_look(charter, compare_units(charter, metric, arms, adjusted=False)))
    if metric.seen_in == "both":
        within = within_reviewers(_people(sums), unit=metric.unit, confidence=charter.analysis.confidence)
        checks += [within] if within.low is not None else []
    return MetricFinding(metric, at_every_look(charter, planned), planned, _estimates(charter, metric, arms), checks)


def _by_reviewer(charter: Charter, metric: Metric, sums: MetricSums) -> MetricFinding:
    people = _people(sums)
    planned = reviewer_means(people, unit=metric.unit, confidence=charter.analysis.confidence)
    now = reviewer_means(people, unit=metric.unit, confidence=confidence_now(charter))
    means = {arm: _of_means(people, arm) for arm in ARMS}
    return MetricFinding(metric, now, planned, _estimates(charter, metric, means))


def _before_after(charter: Charter, data: PilotData, metric: Metric, arms: ByArm) -> MetricFinding:
    confidence = charter.analysis.confidence
    assisted = by_arm(arms)["assisted"]
    if metric.key != charter.primary.metric or data.baseline is None:
        alone = _one_arm(assisted, metric, confidence, method="before_after")
        return MetricFinding(metric, alone, alone, _estimates(charter, metric, {"assisted": assisted}))
    planned = before_after(assisted, data.baseline, unit=metric.unit, confidence=confidence)
    now = before_after(assisted, data.baseline, unit=metric.unit, confidence=confidence_now(charter))
    pair: ByArm = {"assisted": assisted, "control": data.baseline}
    return MetricFinding(metric, now, planned, _estimates(charter, metric, pair))


def arms_balance(charter: Charter, data: PilotData) -> Balance:
    """Whether the arms are as large as they were drawn. Without a control arm there is nothing to be out of balance."""
    assisted, control = (int(data.enrolled.get(arm, 0)) for arm in ARMS)
    if charter.arms.design == "before_after":
        return Balance(assisted, control, 1.0, None)
    return balance(assisted, control, charter.arms.assisted)


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
