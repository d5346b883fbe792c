"""The charts of a pilot's page, from its appraisal."""

from collections.abc import Sequence

from graftwork.apps.pilots.charts import Bar, Chart, Line, Point, Table, forest, over_time, pairs
from graftwork.apps.pilots.pages.wording import (
    DIMENSIONS,
    better,
    between,
    effect_cells,
    largest,
    scale_of,
    units,
)
from graftwork.core.appraisal.data import Appraisal, Look
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.appraisal.sentences import UNKNOWN, count, percent, quantity, size
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.value.results import Effect


def history_chart(charter: Charter, appraisal: Appraisal) -> Chart | None:
    """The improvement over time, with the interval that holds at every look."""
    metric = appraisal.primary.metric
    known = [look for look in appraisal.history if look.improvement is not None]
    if not known:
        return None
    levels = [charter.primary.minimum_effect, charter.primary.target or 0.0]
    last = known[-1]
    scale, word = scale_of(metric.unit, max(abs(last.improvement or 0.0), *levels))
    points = [_point(metric, look, scale) for look in appraisal.history]
    lines = [Line(charter.primary.minimum_effect / scale, "worth having")]
    if charter.primary.target:
        lines.append(Line(charter.primary.target / scale, "hoped for", "dash"))
    rows = [_look_row(metric, look) for look in reversed(appraisal.history)]
    interval = f"{percent(charter.analysis.confidence)} interval"
    return Chart(
        "effect-over-time",
        f"{metric.title}: improvement over time",
        _history_finding(charter, metric, last),
        over_time(points, lines, y_title=f"Improvement, {word}"),
        Table(("Day", "Improvement", interval, "Units so far", "Target met"), rows),
    )


def _history_finding(charter: Charter, metric: Metric, last: Look) -> str:
    at = Improvement(last.improvement, last.low, last.high)
    interval = between(metric, at)
    sure = f" ({interval}, {percent(charter.analysis.confidence)} sure)" if interval != UNKNOWN else ", not sure yet"
    worth = size(charter.primary.minimum_effect, metric.unit)
    found = better(metric, last.improvement, largest(at))
    return f"On {last.day:%-d %B} {found} with drafts{sure}; {worth} would be worth having."


def _point(metric: Metric, look: Look, scale: float) -> Point:
    hover = "\n".join(_look_row(metric, look)[:4]) + " units"
    return Point(look.day.isoformat(), _in(look.improvement, scale), _in(look.low, scale), _in(look.high, scale), hover)


def _look_row(metric: Metric, look: Look) -> tuple[str, str, str, str, str]:
    at = Improvement(look.improvement, look.low, look.high)
    found = better(metric, at.value, largest(at))
    return f"{look.day:%-d %b %Y}", found, between(metric, at), count(look.units), "yes" if look.met else "no"


def subgroup_chart(appraisal: Appraisal) -> Chart | None:
    """A forest plot: one row a group, all intervals holding together."""
    metric = appraisal.primary.metric
    if not appraisal.subgroups:
        return None
    named = [(f"{DIMENSIONS.get(one.dimension, one.dimension)}: {one.value}", one) for one in appraisal.subgroups]
    found = [improvement(metric, one.effect) for _, one in named]
    scale, word = scale_of(metric.unit, _largest(found))
    bars = [
        _bar(name if len(name) < 40 else one.value, metric, one.effect, scale, marked=one.differs)
        for name, one in named
    ]
    rows = [
        (name, *effect_cells(metric, one.effect), units(one.effect), "yes" if one.differs else "no")
        for name, one in named
    ]
    return Chart(
        "subgroups",
        "Groups",
        _differing([name for name, one in named if one.differs]),
        forest(bars, [Line(0, "", "solid")], x_title=f"Improvement, {word}"),
        Table(
            ("Group", "Improvement", "Interval, all holding together", "Assisted / control", "Differs from the rest"),
            rows,
        ),
    )


def _differing(names: Sequence[str]) -> str:
    if not names:
        return "No group surely differs from the others."
    verb = "differs" if len(names) == 1 else "differ"
    return f"{count(len(names), 'groups')} surely {verb} from the others: {'; '.join(names)}."


def sensitivity_chart(appraisal: Appraisal) -> Chart | None:
    """The effect on handling time with gaps counted up to other lengths."""
    metric = appraisal.primary.metric
    if len(appraisal.sensitivity) < 2:
        return None
    found = [improvement(metric, effect) for _, effect in appraisal.sensitivity]
    scale, word = scale_of(metric.unit, _largest(found))
    bars = [_bar(f"Gaps up to {cap}", metric, effect, scale) for cap, effect in appraisal.sensitivity]
    most = _largest(found)
    values = [
        f"{better(metric, at.value, most)} at {cap}" for (cap, _), at in zip(appraisal.sensitivity, found, strict=True)
    ]
    rows = [
        (f"Gaps up to {cap}", *effect_cells(metric, effect), units(effect)) for cap, effect in appraisal.sensitivity
    ]
    return Chart(
        "sensitivity",
        "Handling time with other caps on idle gaps",
        f"{'; '.join(values)}.",
        forest(bars, [Line(0, "", "solid")], x_title=f"Improvement, {word}"),
        Table(("Gap counted up to", "Improvement", "Interval", "Assisted / control"), rows),
    )


QUANTILES = {0.5: "Median", 0.75: "3 of 4 take at most", 0.9: "9 of 10 take at most", 0.95: "19 of 20 take at most"}


def quantile_chart(appraisal: Appraisal) -> Chart | None:
    """Quantiles of both arms: a mean hides what happens to the long ones."""
    metric, found = appraisal.primary.metric, appraisal.quantiles
    if not found:
        return None
    scale, word = scale_of(
        metric.unit, max((value for one in found for value in (one.assisted, one.control) if value), default=0)
    )
    labels = [QUANTILES.get(one.quantile, f"{percent(one.quantile)} take at most") for one in found]
    rows = []
    for label, one in zip(labels, found, strict=True):
        at = one.difference
        gain = improvement(metric, _as_effect(at.value, at.low, at.high)) if at else Improvement(None, None, None)
        both = [quantity(value, metric.unit) for value in (one.assisted, one.control)]
        rows.append((label, *both, better(metric, gain.value, largest(gain)), between(metric, gain)))
    return Chart(
        "quantiles",
        "Short and long ones",
        f"{labels[0]}: {rows[0][1]} with drafts, {rows[0][2]} without.",
        pairs(labels, [_in(one.assisted, scale) for one in found], [_in(one.control, scale) for one in found],
              x_title=f"{metric.title}, {word}"),
        Table(("Quantile", "Assisted", "Control", "Improvement", "Interval, for one look"), rows),
    )  # fmt: skip


def _as_effect(difference: float | None, low: float | None, high: float | None) -> Effect:
    return Effect(difference, low, high, None, None, None, None, 0, 0, "", "welch")


def _bar(label: str, metric: Metric, effect: Effect, scale: float, *, marked: bool = False) -> Bar:
    at = improvement(metric, effect)
    hover = f"{label}\n{better(metric, at.value, largest(at))}\n{between(metric, at)}\n{units(effect)} units"
    return Bar(label, _in(at.value, scale), _in(at.low, scale), _in(at.high, scale), hover, marked)


def _largest(found: Sequence[Improvement]) -> float:
    return max((abs(one.value) for one in found if one.value is not None), default=0.0)


def _in(value: float | None, scale: float) -> float | None:
    """Rounded: a figure of fifteen digits says no more and makes the page larger."""
    return None if value is None else float(f"{value / scale:.6g}")
