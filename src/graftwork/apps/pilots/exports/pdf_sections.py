"""The parts of a pilot's report: what it found, in the order in which a manager asks."""

from collections.abc import Sequence

from graftwork.apps.pilots.charts import CUT_OFF
from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.pdf_chart import chart_cuts_off, effect_chart
from graftwork.apps.pilots.exports.pdf_layout import (
    ACCENT,
    BAD,
    GOOD,
    PAPER,
    WARN,
    Story,
    box,
    bullets,
    kept,
    ruling,
    table,
    text,
    units,
)
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import Appraisal, Look, MetricFinding
from graftwork.core.appraisal.sentences import UNKNOWN
from graftwork.core.charter.schema import Charter
from graftwork.core.value.results import Effect

SIMULATED = (
    "Simulated: a program made up the items, the drafts and the reviews of this pilot. The report shows what a report "
    "looks like; its figures say nothing about real work."
)
_MOST_LOOKS = 16
_COLOURS = {"go": GOOD, "stop": BAD, "invalid": BAD, "extend": WARN}
_HOLDS = {True: "holds", False: "does not hold", None: "not known yet"}


def verdict(appraisal: Appraisal, *, simulated: bool) -> Story:
    found = appraisal.verdict
    decided = appraisal.decided
    leading, label = found.ruling, labels.RULINGS.get(found.ruling, found.ruling)
    if decided is not None:
        leading, label = decided.kind, labels.DECISIONS[decided.kind]
    colour = _COLOURS.get(leading, ACCENT)
    word = ruling(label, colour)
    parts: Story = [box([text(SIMULATED)], WARN, PAPER)] if simulated else []
    parts.append(box([word, text(labels.bare(found.sentence, found.ruling), "verdict")], colour, PAPER))
    if decided is not None:
        parts.append(text(f"The charter's rule said on that day: {labels.RULINGS[found.ruling]}", "note"))
    return [*parts, *bullets(found.reasons)]


def primary(appraisal: Appraisal, charter: Charter) -> Story:
    found = appraisal.primary
    unit = found.metric.unit
    holds = "holds at every look" if found.now.method == "sequence" else "decides at the planned end"
    rows = [
        *_arms(found),
        [f"{labels.IMPROVEMENT}, {holds}", words.improvement(found.metric, found.now), units(found.now)],
        [
            f"{labels.IMPROVEMENT}, for the planned end alone",
            words.improvement(found.metric, found.planned),
            units(found.planned),
        ],
    ]
    if found.now.relative:
        rows.append([labels.RELATIVE, words.relative(found.metric, found.now.relative), ""])
    rows.append([labels.WORTH_HAVING, words.quantity(charter.primary.minimum_effect, unit), ""])
    if charter.primary.target:
        rows.append([labels.TARGET, words.quantity(charter.primary.target, unit), ""])
    lines = [
        text(f"{found.metric.title}", "h1"),
        text(f"{found.metric.definition} Source: {found.metric.source}.", "note"),
    ]
    note = f"{_better(found)} What is better is positive. Method: {labels.METHODS[found.now.method]}."
    trouble = words.TROUBLES[found.now.trouble]
    return [
        *lines,
        table(["", f"Value ({_confidence(found.now)} interval)", "Units"], rows, [0.4, 0.42, 0.18], "lrr"),
        text(f"{note}{f' Beware: {trouble}.' if trouble else ''}", "note"),
    ]


def over_time(appraisal: Appraisal, charter: Charter) -> Story:
    """The chart, and the table behind it."""
    unit = appraisal.primary.metric.unit
    chart = effect_chart(appraisal.history, unit, charter.primary.minimum_effect, charter.primary.target)
    head: Story = [text("Effect over time", "h1")]
    if not appraisal.history:
        return [*head, text("No day has figures yet.")]
    if chart is not None:
        head += [chart, *([text(CUT_OFF, "note")] if chart_cuts_off(appraisal.history, charter) else [])]
    shown = _some(appraisal.history)
    told = f"{len(shown)} of {len(appraisal.history)} days; the CSV and JSON exports have all of them."
    rows = [
        [f"{look.day:%-d %B %Y}", words.count(look.units), words.quantity(look.improvement, unit, difference=True),
         words.interval(look.low, look.high, unit, difference=True) or UNKNOWN, *_reached(look)]
        for look in shown
    ]  # fmt: skip
    columns = ["Up to", "Units", labels.IMPROVEMENT, "Interval", labels.WORTH_SURELY, labels.TARGET_REACHED]
    behind = table(columns, rows, [0.2, 0.1, 0.18, 0.28, 0.12, 0.12], "lrrrll")
    left_out = len(shown) < len(appraisal.history)
    return [kept(*head), behind, *([text(told, "note")] if left_out else [])]


def guards(appraisal: Appraisal) -> Story:
    head = text("What must not get worse", "h1")
    if not appraisal.guards:
        return [head, text("The charter names no guard metric.")]
    rows = []
    for found in appraisal.guards:
        unit = found.metric.unit
        rows.append([
            found.metric.title, words.improvement(found.metric, found.guarded.effect),
            words.quantity(found.guarded.margin, unit, difference=True).removeprefix("+"),
            _worse_by(found.guarded.worse_by, unit), _HOLDS[found.guarded.holds],
        ])  # fmt: skip
    columns = ["Metric", "Improvement (interval)", "Margin", "Worse by at most", ""]
    behind = table(columns, rows, [0.22, 0.32, 0.14, 0.17, 0.15], "lrrrl")
    return [kept(head, behind), *bullets([found.sentence for found in appraisal.guards])]


def _reached(look: Look) -> tuple[str, str]:
    if look.low is None or look.high is None:
        return "no interval", "no interval" if look.target_met is not None else "no target"
    worth = "yes" if look.met else "no"
    return worth, "no target" if look.target_met is None else "yes" if look.target_met else "no"


def _arms(found: MetricFinding) -> list[list[str]]:
    named = (("Assisted", found.arms.get("assisted")), ("Control", found.arms.get("control")))
    return [[name, words.estimate(one), words.count(one.n) if one else "0"] for name, one in named]


def _better(found: MetricFinding) -> str:
    return "Lower is better." if found.metric.better == "lower" else "Higher is better."


def _confidence(found: Effect) -> str:
    return f"{found.confidence * 100:g} %"


def _worse_by(value: float | None, unit: str) -> str:
    if value is None:
        return UNKNOWN
    return "not worse" if value <= 0 else words.quantity(value, unit, difference=True).removeprefix("+")


def _some(looks: Sequence[Look]) -> list[Look]:
    """Evenly spread, with the first and the last."""
    if len(looks) <= _MOST_LOOKS:
        return list(looks)
    return [looks[round(at * (len(looks) - 1) / (_MOST_LOOKS - 1))] for at in range(_MOST_LOOKS)]
