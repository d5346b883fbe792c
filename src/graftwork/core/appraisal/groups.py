"""Beyond the mean: other caps of idle time, quantiles, and parts of the items. None of it decides anything."""

from collections.abc import Mapping, Sequence

from graftwork.core.adoption import merged
from graftwork.core.appraisal.comparing import ARMS, at_every_look, by_arm, compare_units, finding, is_measured
from graftwork.core.appraisal.data import ByArm, MetricSums, PilotData, QuantileFinding, Subgroup
from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120
from graftwork.core.charter.schema import Charter
from graftwork.core.stats import SEED, Estimate
from graftwork.core.value.moments import Moments
from graftwork.core.value.quantiles import quantile, quantile_difference
from graftwork.core.value.results import Effect
from graftwork.core.value.subgroups import differing, heterogeneity_p_values, simultaneous

QUANTILES = (0.5, 0.75, 0.9, 0.95)
TENURE = "tenure"
DIMENSIONS = (TENURE, "item_type")
LEAST_UNITS_OF_A_GROUP = 30


def idle_caps(charter: Charter, data: PilotData) -> list[tuple[str, Effect]]:
    """Handling time with gaps counted up to 30, 60 and 120 s, where it is the primary metric."""
    if charter.primary.metric != HANDLING_TIME:
        return []
    caps = (("30 s", HANDLING_TIME_30), ("60 s", HANDLING_TIME), ("120 s", HANDLING_TIME_120))
    return [(cap, finding(charter, data, charter.metrics[key]).now) for cap, key in caps if is_measured(data, key)]


def quantiles(charter: Charter, data: PilotData) -> list[QuantileFinding]:
    """Quantiles of the primary metric where its values are kept in bins, which they are for times."""
    sums = data.metrics.get(charter.primary.metric, MetricSums())
    if not any(sums.bins.values()):
        return []
    return [_quantile(charter, sums, one) for one in QUANTILES]


def _quantile(charter: Charter, sums: MetricSums, at: float) -> QuantileFinding:
    unit = charter.metrics[charter.primary.metric].unit
    assisted_bins, control_bins = sums.bins.get("assisted", {}), sums.bins.get("control", {})
    assisted, control = quantile(assisted_bins, at), quantile(control_bins, at)
    if assisted is None or control is None:
        return QuantileFinding(at, assisted, control, None)
    if charter.arms.unit != "item":
        # Bins count items, and items of one thread, customer or reviewer are alike: no interval is honest.
        items = sum(assisted_bins.values()) + sum(control_bins.values())
        bare = Estimate(assisted - control, None, None, items, unit, charter.analysis.confidence)
        return QuantileFinding(at, assisted, control, bare)
    between = quantile_difference(
        assisted_bins, control_bins, at, unit=unit, confidence=charter.analysis.confidence, seed=SEED
    )
    return QuantileFinding(at, assisted, control, between)


def subgroups(charter: Charter, data: PilotData) -> tuple[list[Subgroup], list[str]]:
    """Effects by tenure and item type, and the groups that are too small to show, as "dimension: value".

    Their intervals hold together and at every look; a difference between groups is corrected for both as well, over all
    groups of both kinds. Tenures of fewer than six people are put together with their neighbours. Where reviewers were
    drawn, or there is no control arm, parts are not compared at all.
    """
    if charter.arms.unit == "reviewer" or charter.arms.design == "before_after":
        return [], []
    metric = charter.metrics[charter.primary.metric]
    segments = data.metrics.get(metric.key, MetricSums()).segments
    places, effects, p_values, small = [], [], [], []
    for dimension in DIMENSIONS:
        values = segments.get(dimension, {})
        large, left_out = _by_size(_anonymous(charter, data, values) if dimension == TENURE else values)
        small += [f"{dimension}: {value}" for value in left_out]
        within = [compare_units(charter, metric, arms) for _, arms in large]
        places += [(dimension, value) for value, _ in large]
        effects += within
        p_values += heterogeneity_p_values(
            within,
            confidence=charter.analysis.confidence,
            tightest_at_units=charter.analysis.tightest_at_units,
        )
    wide = [at_every_look(charter, one) for one in simultaneous(effects, confidence=charter.analysis.confidence)]
    differ = differing(p_values, confidence=charter.analysis.confidence)
    found = [Subgroup(*place, effect, differs) for place, effect, differs in zip(places, wide, differ, strict=True)]
    return found, small


def _anonymous(charter: Charter, data: PilotData, values: Mapping[str, ByArm]) -> dict[str, ByArm]:
    """Tenures, neighbours together until six people are behind each arm of each; none at all where that cannot be.

    The sums of two parts are those of the whole for items alone: a thread may lie in both, so nothing is put together.
    """
    parts = merged(data.tenure_people)
    told = {tenure for part in parts for tenure in part}
    if not set(values) <= told or (charter.arms.unit != "item" and any(len(part) > 1 for part in parts)):
        return {}
    return {
        " or ".join(part): {arm: Moments.total(by_arm(values.get(tenure, {}))[arm] for tenure in part) for arm in ARMS}
        for part in parts
    }


def _by_size(values: Mapping[str, ByArm]) -> tuple[Sequence[tuple[str, ByArm]], list[str]]:
    large, small = [], []
    for value, arms in sorted(values.items()):
        if min(arm.units for arm in by_arm(arms).values()) >= LEAST_UNITS_OF_A_GROUP:
            large.append((value, arms))
        else:
            small.append(value)
    return large, small
