"""The further parts of a pilot's report: money, the other metrics, adoption, and what did not fit."""

import re
from collections.abc import Sequence

from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.pdf_layout import Story, bullets, kept, table, text, units
from graftwork.core.appraisal.data import Appraisal, MetricFinding, MoneyFinding


def money(found: MoneyFinding) -> Story:
    currency, within = found.currency, words.number(found.payback_within_months)
    rows = [
        ["Minutes saved per item", words.estimate(found.minutes_saved_per_item, difference=True)],
        ["Items a month", words.count(found.items_per_month)],
        ["Benefit a month", words.estimate(found.monthly_benefit)],
        ["Running cost a month", words.estimate(found.monthly_cost)],
        ["Cost once", words.quantity(found.one_off_cost, currency)],
        ["Pays back after", words.estimate(found.payback_months)],
        [f"Chance to pay back within {within} months", _chance(found.payback_probability)],
        ["Net present value", words.estimate(found.net_present_value, difference=True)],
        ["Share rewritten at which it breaks even", _break_even(found.break_even_share_rewritten)],
        ["Cost of an accepted draft", words.quantity(found.cost_per_accepted_draft, currency)],
        ["Net saving per item", words.quantity(found.net_saving_per_item, currency, difference=True)],
    ]
    parts: Story = [kept(text("Money", "h1"), text(found.sentence), table([], rows, [0.55, 0.45], "lr"))]
    if found.revenue_uplift_per_month:
        uplift = words.quantity(found.revenue_uplift_per_month, currency)
        claim = f"Apart from this, and in none of these figures: a claimed uplift of revenue of {uplift} a month."
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
    behind = table(["Metric", "Assisted", "Control", "Difference"], rows, [0.22, 0.25, 0.25, 0.28], "lrrr")
    return [kept(text("Other metrics", "h1"), behind)]


def _metric(found: MetricFinding) -> list[str]:
    assisted = words.estimate(found.arms.get("assisted"))
    if found.metric.seen_in == "assisted":
        return [found.metric.title, assisted, "drafts only", ""]
    return [found.metric.title, assisted, words.estimate(found.arms.get("control")), words.effect(found.now)]


def _sensitivity(appraisal: Appraisal) -> Story:
    if not appraisal.sensitivity:
        return []
    rows = [[_choice(what), words.effect(found), units(found)] for what, found in appraisal.sensitivity]
    behind = table(["Choice", "Difference (interval)", "Units"], rows, [0.42, 0.4, 0.18], "lrr")
    return [kept(text("How much the main figure depends on choices", "h2"), behind)]


def _choice(what: str) -> str:
    return f"Gaps between two events count up to {what}" if re.fullmatch(r"\d+ s", what) else what


def _quantiles(appraisal: Appraisal) -> Story:
    unit = appraisal.primary.metric.unit
    rows = [
        [
            f"{found.quantile * 100:g} % of the items are below",
            words.quantity(found.assisted, unit),
            words.quantity(found.control, unit),
            words.estimate(found.difference, difference=True),
        ]
        for found in appraisal.quantiles
    ]
    if not rows:
        return []
    head = ["", "Assisted", "Control", "Difference (interval)"]
    return [kept(text("Quantiles", "h2"), table(head, rows, [0.34, 0.16, 0.16, 0.34], "lrrr"))]


def _subgroups(appraisal: Appraisal) -> Story:
    rows = [
        [
            f"{one.dimension.replace('_', ' ')}: {one.value}",
            words.effect(one.effect),
            units(one.effect),
            "differs" if one.differs else "",
        ]
        for one in appraisal.subgroups
    ]
    if not rows:
        return []
    head = ["Part", "Difference (interval, corrected for many looks)", "Units", ""]
    return [kept(text("Parts of the items", "h2"), table(head, rows, [0.34, 0.36, 0.18, 0.12], "lrrl"))]


def _chance(probability: float | None) -> str:
    return words.UNKNOWN if probability is None else f"{probability * 100:.0f} %"


def _break_even(share: float | None) -> str:
    return "at any share it pays" if share is not None and share >= 1 else words.quantity(share, "share")
