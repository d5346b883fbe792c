"""The further parts of a pilot's report: money, the other metrics, adoption, and what did not fit."""

import re
from collections.abc import Sequence

from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.pdf_layout import Story, bullets, kept, table, text, units
from graftwork.core.appraisal import labels, sentences
from graftwork.core.appraisal.data import Appraisal, MetricFinding, MoneyFinding
from graftwork.core.appraisal.sentences import UNKNOWN
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Effect


def money(found: MoneyFinding) -> Story:
    currency = found.currency
    rows = [
        [labels.MINUTES_SAVED, words.estimate(found.minutes_saved_per_item, difference=True)],
        [labels.ITEMS_A_MONTH, words.count(found.items_per_month)],
        [labels.BENEFIT, words.estimate(found.monthly_benefit)],
        [labels.RUNNING_COST, words.estimate(found.monthly_cost)],
        [labels.ONE_OFF_COST, _amount(found.one_off_cost, currency)],
        [labels.PAYBACK, _payback(found)],
        [labels.payback_chance(found.payback_within_months), _chance(found.payback_probability)],
        [labels.NET_PRESENT_VALUE, words.estimate(found.net_present_value, difference=True)],
        [labels.BREAK_EVEN, _break_even(found.break_even_share_rewritten)],
        [labels.COST_PER_ACCEPTED, _amount(found.cost_per_accepted_draft, currency)],
        [labels.NET_SAVING, _amount(found.net_saving_per_item, currency)],
    ]
    parts: Story = [kept(text("Money", "h1"), text(found.sentence), table([], rows, [0.55, 0.45], "lr"))]
    if found.revenue_uplift_per_month:
        claim = f"{labels.UPLIFT}: {_amount(found.revenue_uplift_per_month, currency)}."
        parts.append(text(claim, "note"))
    if found.assumptions:
        head = ["Assumption", "Value", "Where it comes from"]
        behind = table(head, [list(one) for one in found.assumptions], [0.4, 0.22, 0.38], "lrl")
        parts += [text("What this assumes", "h2"), behind]
    return parts


def others(appraisal: Appraisal) -> Story:
    """Everything else that was measured, with the looks that show how much the main figure depends on choices."""
    return [*_metrics(appraisal), *_sensitivity(appraisal), *_quantiles(appraisal), *_subgroups(appraisal)]


def adoption(rows: Sequence[tuple[str, str]]) -> Story:
    if not rows:
        return []
    return [kept(text("Adoption", "h1"), table([], [list(row) for row in rows], [0.6, 0.4], "lr"))]


def notes(appraisal: Appraisal) -> Story:
    balance = appraisal.balance
    shares = f"{words.count(balance.assisted)} units assisted, {words.count(balance.control)} control."
    if balance.p_value is not None:
        told = "They are NOT as drawn: the comparison is not valid" if balance.alarms else "That fits the draw"
        test = f"chi-square test, p = {balance.p_value:.3g}; below {balance.alarm_below:g} alarms"
        shares = f"{shares} {told} ({test})."
    parts: Story = [kept(text("Arms", "h1"), text(shares))]
    if appraisal.planned_units:
        parts.append(text(f"Planned: {words.count(appraisal.planned_units)} units in both arms."))
    if appraisal.notes:
        parts += [text("Notes", "h1"), *bullets(appraisal.notes)]
    return parts


def _metrics(appraisal: Appraisal) -> Story:
    if not appraisal.others:
        return []
    rows = [_metric(found) for found in appraisal.others]
    behind = table(["Metric", "Assisted", "Control", labels.IMPROVEMENT], rows, [0.22, 0.25, 0.25, 0.28], "lrrr")
    return [kept(text(labels.OTHER_METRICS, "h1"), behind)]


def _metric(found: MetricFinding) -> list[str]:
    assisted = words.estimate(found.arms.get("assisted"))
    if found.metric.seen_in == "assisted":
        return [found.metric.title, assisted, "drafts only", ""]
    return [
        found.metric.title,
        assisted,
        words.estimate(found.arms.get("control")),
        words.improvement(found.metric, found.now),
    ]


def _sensitivity(appraisal: Appraisal) -> Story:
    if not appraisal.sensitivity:
        return []
    metric = appraisal.primary.metric
    rows = [[_choice(what), words.improvement(metric, found), units(found)] for what, found in appraisal.sensitivity]
    behind = table(["Gap counted up to", "Improvement (interval)", "Units"], rows, [0.42, 0.4, 0.18], "lrr")
    return [kept(text(labels.SENSITIVITY, "h2"), behind)]


def _choice(what: str) -> str:
    return f"Gaps between two events count up to {what}" if re.fullmatch(r"\d+ s", what) else what


def _quantiles(appraisal: Appraisal) -> Story:
    metric = appraisal.primary.metric
    unit = metric.unit
    rows = [
        [
            labels.quantile(found.quantile),
            words.quantity(found.assisted, unit),
            words.quantity(found.control, unit),
            words.improvement(metric, _as_effect(found.difference)) if found.difference else UNKNOWN,
        ]
        for found in appraisal.quantiles
    ]
    if not rows:
        return []
    head = ["", "Assisted", "Control", "Improvement (interval)"]
    return [kept(text(labels.QUANTILES, "h2"), table(head, rows, [0.34, 0.16, 0.16, 0.34], "lrrr"))]


def _subgroups(appraisal: Appraisal) -> Story:
    rows = [
        [
            f"{labels.DIMENSIONS.get(one.dimension, one.dimension)}: {one.value}",
            words.improvement(appraisal.primary.metric, one.effect),
            units(one.effect),
            "differs" if one.differs else "",
        ]
        for one in appraisal.subgroups
    ]
    if not rows:
        return []
    head = ["Group", "Improvement (intervals, all holding together)", "Units", ""]
    return [kept(text(labels.GROUPS, "h2"), table(head, rows, [0.34, 0.36, 0.18, 0.12], "lrrl"))]


def _chance(probability: float | None) -> str:
    return sentences.probability(probability)


def _break_even(share: float | None) -> str:
    if share is not None and share < 0:
        return "none: reading it costs more than it spares"
    return "all of it: time is saved even then" if share is not None and share >= 1 else words.quantity(share, "share")


def _payback(found: MoneyFinding) -> str:
    if found.payback_months is None:
        return "more likely never than ever" if found.payback_probability is not None else UNKNOWN
    months = found.payback_months
    if months.low is not None and months.high is None:
        return f"{words.quantity(months.value, 'months')} (from {words.number(months.low, 'months')}), or never"
    return words.estimate(months)


def _amount(value: float | None, currency: str) -> str:
    return sentences.money(value, currency)


def _as_effect(found: Estimate) -> Effect:
    return Effect(found.value, found.low, found.high, None, None, None, None, 0, 0, found.unit, "welch")
