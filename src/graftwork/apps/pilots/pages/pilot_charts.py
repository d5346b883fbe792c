"""The charts of a pilot's page, from its appraisal."""

from collections.abc import Sequence

from graftwork.apps.pilots.charts import (
    CUT_OFF,
    Bar,
    Chart,
    Line,
    Point,
    Table,
    forest,
    is_cut_off,
    over_time,
    pairs,
)
from graftwork.apps.pilots.pages.wording import better, between, effect_cells, page_scale, units
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import Appraisal, Look
from graftwork.core.appraisal.improving import Improvement, improvement
from graftwork.core.appraisal.sentences import UNKNOWN, Scale, count, percent, quantity, scale_of, size
from graftwork.core.charter.metrics import Metric
from graftwork.core.charter.schema import Charter
from graftwork.core.value.results import Effect

LEAST_DAYS = 2
HOLLOW = "A hollow mark has no interval: there is too little to say how sure it is."


def history_chart(charter: Charter, appraisal: Appraisal) -> Chart | None:
    """The improvement over time, with the interval that holds at every look; `None` of a single day."""
    metric = appraisal.primary.metric
    known = [look for look in appraisal.history if look.improvement is not None]
    if len(known) < LEAST_DAYS:
        return None
    scale = page_scale(charter, appraisal.primary)
    points = [_point(metric, look, scale) for look in appraisal.history]
    lines = [Line(charter.primary.minimum_effect / scale[0], labels.WORTH_HAVING.lower())]
    if charter.primary.target:
        lines.append(Line(charter.primary.target / scale[0], labels.TARGET.lower(), "dash"))
    rows = [_look_row(metric, look, scale) for look in reversed(appraisal.history)]
    interval = f"{percent(charter.analysis.confidence)} interval"
    cut_off = f" {CUT_OFF}" if is_cut_off(points, lines) else ""
    return Chart(
        "effect-over-time",
        f"{metric.title}: improvement over time",
        _history_finding(charter, metric, known[-1], scale) + cut_off,
        over_time(points, lines, y_title=f"Improvement, {scale[1]}"),
        Table(("Day", labels.IMPROVEMENT, interval, "Units so far", labels.WORTH_SURELY, labels.TARGET_REACHED), rows),
    )


def _history_finding(charter: Charter, metric: Metric, last: Look, scale: Scale) -> str:
    interval = between(metric, Improvement(last.improvement, last.low, last.high), scale)
    sure = f" ({interval}, {percent(charter.analysis.confidence)} sure)" if interval != UNKNOWN else ", not sure yet"
    worth = size(charter.primary.minimum_effect, metric.unit, scale)
    found = better(metric, last.improvement, scale)
    return f"On {last.day:%-d %B} {found} with drafts{sure}; {worth} would be worth having."


def _point(metric: Metric, look: Look, scale: Scale) -> Point:
    hover = "\n".join(_look_row(metric, look, scale)[:4]) + " units"
    value, low, high = (_in(one, scale) for one in (look.improvement, look.low, look.high))
    return Point(look.day.isoformat(), value, low, high, hover)


def _look_row(metric: Metric, look: Look, scale: Scale) -> tuple[str, str, str, str, str, str]:
    at = Improvement(look.improvement, look.low, look.high)
    day, found, interval = f"{look.day:%-d %b %Y}", better(metric, at.value, scale), between(metric, at, scale)
    return day, found, interval, count(look.units), _yes(look, look.met), _yes(look, look.target_met)


def _yes(look: Look, reached: bool | None) -> str:
    """Whether the whole interval reaches a level; where there is none, nothing is sure."""
    if reached is None:
        return "no target"
    if look.low is None or look.high is None:
        return "no interval"
    return "yes" if reached else "no"


def subgroup_chart(charter: Charter, appraisal: Appraisal) -> Chart | None:
    """A forest plot: one row a group, all intervals holding together."""
    metric, scale = appraisal.primary.metric, page_scale(charter, appraisal.primary)
    if not appraisal.subgroups:
        return None
    named = [
        (f"{labels.DIMENSIONS.get(one.dimension, one.dimension)}: {one.value}", one) for one in appraisal.subgroups
    ]
    bars = [
        _bar(name if len(name) < 40 else one.value, metric, one.effect, scale, marked=one.differs)
        for name, one in named
    ]
    rows = [
        (name, *effect_cells(metric, one.effect, scale), units(one.effect), "yes" if one.differs else "no")
        for name, one in named
    ]
    return Chart(
        "subgroups",
        labels.GROUPS,
        _differing([name for name, one in named if one.differs]) + _hollow(bars),
        forest(bars, [Line(0, "", "solid")], x_title=f"Improvement, {scale[1]}"),
        Table(
            ("Group", labels.IMPROVEMENT, "Interval, all holding together", "Assisted / control",
             "Differs from the rest"),
            rows,
        ),
    )  # fmt: skip


def _differing(names: Sequence[str]) -> str:
    if not names:
        return "No group surely differs from the others."
    verb = "differs" if len(names) == 1 else "differ"
    return f"{count(len(names), 'groups')} surely {verb} from the others: {'; '.join(names)}."


def _hollow(bars: Sequence[Bar]) -> str:
    return f" {HOLLOW}" if any(bar.value is not None and not bar.has_interval for bar in bars) else ""


def sensitivity_chart(charter: Charter, appraisal: Appraisal) -> Chart | None:
    """The effect on handling time with gaps counted up to other lengths."""
    metric, scale = appraisal.primary.metric, page_scale(charter, appraisal.primary)
    if len(appraisal.sensitivity) < 2:
        return None
    bars = [_bar(f"Gaps up to {cap}", metric, effect, scale) for cap, effect in appraisal.sensitivity]
    values = [
        f"{better(metric, improvement(metric, effect).value, scale)} at {cap}" for cap, effect in appraisal.sensitivity
    ]
    rows = [
        (f"Gaps up to {cap}", *effect_cells(metric, effect, scale), units(effect))
        for cap, effect in appraisal.sensitivity
    ]
    return Chart(
        "sensitivity",
        labels.SENSITIVITY,
        f"{'; '.join(values)}.{_hollow(bars)}",
        forest(bars, [Line(0, "", "solid")], x_title=f"Improvement, {scale[1]}"),
        Table(("Gap counted up to", labels.IMPROVEMENT, "Interval", "Assisted / control"), rows),
    )


def quantile_chart(charter: Charter, appraisal: Appraisal) -> Chart | None:
    """Quantiles of both arms: a mean hides what happens to the long ones."""
    metric, found = appraisal.primary.metric, appraisal.quantiles
    if not found:
        return None
    gains = page_scale(charter, appraisal.primary)
    scale = scale_of(
        max((value for one in found for value in (one.assisted, one.control) if value), default=0), metric.unit
    )
    named = [labels.quantile(one.quantile) for one in found]
    rows = []
    for label, one in zip(named, found, strict=True):
        at = one.difference
        gain = improvement(metric, _as_effect(at.value, at.low, at.high)) if at else Improvement(None, None, None)
        both = [quantity(value, metric.unit) for value in (one.assisted, one.control)]
        rows.append((label, *both, better(metric, gain.value, gains), between(metric, gain, gains)))
    return Chart(
        "quantiles",
        labels.QUANTILES,
        f"{named[0]}: {rows[0][1]} with drafts, {rows[0][2]} without.",
        pairs(named, [_in(one.assisted, scale) for one in found], [_in(one.control, scale) for one in found],
              x_title=f"{metric.title}, {scale[1]}"),
        Table(("Quantile", "Assisted", "Control", labels.IMPROVEMENT, "Interval, for one look"), rows),
    )  # fmt: skip


def _as_effect(difference: float | None, low: float | None, high: float | None) -> Effect:
    return Effect(difference, low, high, None, None, None, None, 0, 0, "", "welch")


def _bar(label: str, metric: Metric, effect: Effect, scale: Scale, *, marked: bool = False) -> Bar:
    at = improvement(metric, effect)
    value, interval = effect_cells(metric, effect, scale)
    hover = f"{label}\n{value}\n{interval}\n{units(effect)} units"
    return Bar(label, _in(at.value, scale), _in(at.low, scale), _in(at.high, scale), hover, marked)


def _in(value: float | None, scale: Scale) -> float | None:
    """Rounded: a figure of fifteen digits says no more and makes the page larger."""
    return None if value is None else float(f"{value / scale[0]:.6g}")
