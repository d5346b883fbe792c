"""How a pilot stood at the end of each of its days."""

from graftwork.core.appraisal.comparing import (
    at_an_end,
    cumulative,
    daily,
    narrower,
)
from graftwork.core.appraisal.confidence import counts_only_at_the_end
from graftwork.core.appraisal.data import ByArm, Look, MetricSums, PilotData
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect


def looks(charter: Charter, data: PilotData) -> list[Look]:
    """One look per day at the primary metric, from sums up to that day; the last one is what decides now.

    Where only the planned end counts, days have a value and no interval: one drawn each day would promise too much.
    """
    metric = charter.metrics[charter.primary.metric]
    sums = data.metrics.get(metric.key, MetricSums())
    end = None if counts_only_at_the_end(charter) or not data.is_at_an_end else at_an_end(charter, data, metric, sums)
    found = []
    days = cumulative(sums)
    for number, (day, arms) in enumerate(days, start=1):
        at_end = end if number == len(days) or (data.ends_at and day >= data.ends_at.date()) else None
        at = _improvement(charter, data, metric, arms, at_end)
        met = _reaches(at, charter.primary.minimum_effect)
        target_met = None if charter.primary.target is None else _reaches(at, charter.primary.target)
        units = round(sum(arm.units for arm in arms.values()))
        found.append(Look(day, units, at.value, at.low, at.high, met, target_met))
    return found


def _reaches(at: Improvement, wanted: float) -> bool:
    return at.low is not None and at.low >= wanted


def _improvement(charter: Charter, data: PilotData, metric: Metric, arms: ByArm, end: Effect | None) -> Improvement:
    """`end`: what the planned end says, on the days from then on."""
    if not counts_only_at_the_end(charter):
        now = daily(charter, metric, arms)
        return improvement(metric, now if end is None else narrower(end, now))
    control = data.baseline if charter.arms.design == "before_after" else arms["control"]
    return _without_interval(metric, arms["assisted"], control or Moments())


def _without_interval(metric: Metric, assisted: Moments, control: Moments) -> Improvement:
    with_drafts, without = assisted.ratio, control.ratio
    if with_drafts is None or without is None:
        return Improvement(None, None, None)
    better = with_drafts - without if metric.better == "higher" else without - with_drafts
    return Improvement(better, None, None)
