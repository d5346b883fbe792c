"""How a pilot stood at the end of each of its days."""

from graftwork.core.appraisal.comparing import at_every_look, compare_units, counts_only_at_the_end, cumulative
from graftwork.core.appraisal.data import ByArm, Look, MetricSums, PilotData
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import Moments


def looks(charter: Charter, data: PilotData) -> list[Look]:
    """One look per day at the primary metric, from sums up to that day.

    Where only the planned end counts, days have a value and no interval: one drawn each day would promise too much.
    """
    metric = charter.metrics[charter.primary.metric]
    minimum = charter.primary.minimum_effect
    found = []
    for day, arms in cumulative(data.metrics.get(metric.key, MetricSums())):
        at = _improvement(charter, data, metric, arms)
        met = at.low is not None and at.low >= minimum
        units = round(sum(arm.units for arm in arms.values()))
        found.append(Look(day, units, at.value, at.low, at.high, met))
    return found


def _improvement(charter: Charter, data: PilotData, metric: Metric, arms: ByArm) -> Improvement:
    if not counts_only_at_the_end(charter):
        return improvement(metric, at_every_look(charter, compare_units(charter, metric, arms)))
    control = data.baseline if charter.arms.design == "before_after" else arms["control"]
    return _without_interval(metric, arms["assisted"], control or Moments())


def _without_interval(metric: Metric, assisted: Moments, control: Moments) -> Improvement:
    with_drafts, without = assisted.ratio, control.ratio
    if with_drafts is None or without is None:
        return Improvement(None, None, None)
    better = with_drafts - without if metric.better == "higher" else without - with_drafts
    return Improvement(better, None, None)
