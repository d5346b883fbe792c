"""What a pilot is worth in money: the measured time, the charter's assumptions, and how sure the result is.

What was measured is the truth of the pilot: the difference between its arms. The model of `draft_use` stands beside it,
to ask what would be if more drafts were edited or fewer rejected. Revenue is shown apart and never added in.
"""

from dataclasses import replace

from graftwork.core.appraisal.data import MoneyFinding, PilotData
from graftwork.core.appraisal.draft_use import DraftUse, share_of
from graftwork.core.appraisal.money_words import Said, money_sentence
from graftwork.core.appraisal.sentences import UNKNOWN
from graftwork.core.appraisal.what_if import ASKED, MEASURED, Basis, WhatIf, basis_of, listed
from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120
from graftwork.core.charter.schema import Charter
from graftwork.core.stats import Estimate
from graftwork.core.value.cost import cost_per_accepted_draft, monthly_benefit, payback_months, running_cost
from graftwork.core.value.results import Effect
from graftwork.core.value.simulation import SECONDS_PER_MINUTE, Assumptions, Draws, interval, simulate_returns

__all__ = ["WhatIf", "money_finding"]

TIMES = (HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120)


def money_finding(
    charter: Charter,
    data: PilotData,
    primary: Effect | None,
    seconds: Effect | None,
    what_if: WhatIf | None = None,
) -> MoneyFinding:
    """Minutes, money and the chance to pay back, with intervals; each `None` where it cannot be known yet.

    `seconds` is the effect on handling time; where it is `None` and the primary metric is one, `primary` is taken. The
    interval of the minutes is the effect's own; the money is simulated from its standard error and from the ranges of
    the charter (or of `what_if`). The same figures always give the same result.
    """
    asked = what_if or WhatIf()
    basis = basis_of(charter, data, asked)
    is_time = charter.primary.metric in TIMES
    effect = seconds if seconds is not None else primary if is_time else None
    use = asked.draft_use or DraftUse.measured(data, effect)
    minutes = _minutes(effect, asked.saved)
    draws = _draws(basis, effect, asked.saved)
    finding = _finding(charter, basis, minutes, draws)
    finding = _with_drafts(finding, basis, use, share_of(data.metrics, "acceptance"))
    decided_by = "" if is_time else charter.metrics[charter.primary.metric].title.lower()
    said = _said(finding, basis, asked, effect)
    before_after = effect is not None and effect.method == "before_after"
    return replace(
        finding,
        assumptions=listed(basis, _of_drafts(minutes, use, asked, effect)),
        sentence=money_sentence(said, decided_by=decided_by, is_before_after=before_after),
    )


def _minutes(effect: Effect | None, assumed: float | None) -> Estimate | None:
    if assumed is not None:
        return Estimate(assumed / SECONDS_PER_MINUTE, None, None, 0, "min")
    if effect is None or effect.difference is None:
        return None
    low = None if effect.high is None else -effect.high / SECONDS_PER_MINUTE
    high = None if effect.low is None else -effect.low / SECONDS_PER_MINUTE
    value = -effect.difference / SECONDS_PER_MINUTE
    return Estimate(value, low, high, effect.units_assisted + effect.units_control, "min", effect.confidence)


def _draws(basis: Basis, effect: Effect | None, assumed: float | None) -> Draws | None:
    """`None` where nothing can be said of how sure the time is, or no running cost is known."""
    if not basis.running_cost_is_known:
        return None
    if assumed is not None:
        saved, error, freedom = assumed, 0.0, 1.0
    elif effect is not None and not effect.trouble and effect.difference is not None and effect.standard_error:
        saved, error, freedom = -effect.difference, effect.standard_error, _degrees_of_freedom(effect)
    else:
        return None
    return simulate_returns(
        Assumptions(
            seconds_saved_per_item=saved,
            standard_error_seconds=error,
            degrees_of_freedom=freedom,
            items_per_month=basis.items_per_month,
            wage_per_hour=basis.wage_per_hour,
            realisation=basis.realisation,
            tokens_cost_per_item=basis.tokens_cost_per_item,
            machine_cost_per_month=basis.machine_cost_per_month,
            governance_share=basis.governance_share,
            one_off_cost=basis.one_off_cost or 0.0,
            months_to_full_use=basis.months_to_full_use,
            discount_rate=basis.discount_rate,
            horizon_months=basis.horizon_months,
        )
    )


def _degrees_of_freedom(effect: Effect) -> float:
    """Within reviewers, each is one difference; else both arms have a mean of their own."""
    if effect.method == "within_reviewers":
        return max(effect.units_assisted, effect.units_control) - 1
    return effect.units_assisted + effect.units_control - 2


def _finding(charter: Charter, basis: Basis, minutes: Estimate | None, draws: Draws | None) -> MoneyFinding:
    currency, confidence = basis.currency, charter.analysis.confidence
    units = minutes.n if minutes is not None else 0
    once_known = basis.one_off_cost is not None
    blank = MoneyFinding(
        currency=currency,
        minutes_saved_per_item=minutes,
        items_per_month=basis.items_per_month.likely,
        monthly_benefit=None,
        monthly_cost=_likely_cost(basis),
        one_off_cost=basis.one_off_cost,
        payback_months=None,
        payback_probability=None,
        payback_within_months=basis.payback_within_months,
        net_present_value=None,
        break_even_share_rewritten=None,
        cost_per_accepted_draft=None,
        net_saving_per_item=None,
        revenue_uplift_per_month=charter.money.revenue_uplift_per_month,
        assumptions=(),
        sentence="",
    )
    if draws is None:
        return _without_intervals(blank, basis, minutes)
    monthly = f"{currency} a month"
    found = replace(
        blank,
        monthly_benefit=interval(draws.monthly_benefit, unit=monthly, n=units, confidence=confidence),
        monthly_cost=interval(draws.monthly_cost, unit=monthly, n=units, confidence=confidence),
    )
    if not once_known:
        return found
    return replace(
        found,
        payback_months=interval(draws.payback_months, unit="months", n=units, confidence=confidence),
        payback_probability=draws.chance_of_payback_within(basis.payback_within_months),
        net_present_value=interval(draws.net_present_value, unit=currency, n=units, confidence=confidence),
    )


def _without_intervals(blank: MoneyFinding, basis: Basis, minutes: Estimate | None) -> MoneyFinding:
    """The likely figures alone: there is no telling how sure they are."""
    if minutes is None:
        return blank
    benefit = monthly_benefit(
        basis.items_per_month.likely,
        minutes.value * SECONDS_PER_MINUTE,
        basis.wage_per_hour.likely,
        basis.realisation.likely,
    )
    found = replace(blank, monthly_benefit=Estimate(benefit, None, None, minutes.n, f"{basis.currency} a month"))
    if basis.one_off_cost is None or found.monthly_cost is None:
        return found
    months = payback_months(basis.one_off_cost, benefit, found.monthly_cost.value, basis.months_to_full_use)
    if months == float("inf"):
        return found
    return replace(found, payback_months=Estimate(months, None, None, minutes.n, "months"))


def _likely_cost(basis: Basis) -> Estimate | None:
    if not basis.running_cost_is_known:
        return None
    tokens = basis.items_per_month.likely * basis.tokens_cost_per_item
    cost = running_cost(tokens, basis.machine_cost_per_month, basis.governance_share)
    return Estimate(cost, None, None, 0, f"{basis.currency} a month")


def _with_drafts(
    finding: MoneyFinding, basis: Basis, use: DraftUse | None, accepted_share: float | None
) -> MoneyFinding:
    """What is said of single drafts: all cost counts on them, machines and governance too.

    `accepted_share` is of those that were decided on: one that waits is neither accepted nor not.
    """
    cost, items = finding.monthly_cost, basis.items_per_month.likely
    per_accepted = None
    if cost is not None and accepted_share is not None:
        per_accepted = cost_per_accepted_draft(cost.value, items * accepted_share)
    return replace(
        finding,
        break_even_share_rewritten=use.break_even_share_rewritten if use is not None else None,
        cost_per_accepted_draft=per_accepted,
        net_saving_per_item=use.net_saving(basis.wage_per_hour.likely, cost.value / items)
        if use is not None and cost is not None and items
        else None,
    )


def _said(finding: MoneyFinding, basis: Basis, asked: WhatIf, effect: Effect | None) -> Said:
    benefit, cost = finding.monthly_benefit, finding.monthly_cost
    missing = ""
    if not basis.running_cost_is_known:
        missing = "what a draft costs is not known"
    elif basis.one_off_cost is None:
        missing = "the budget does not say what building it costs"
    return Said(
        minutes=finding.minutes_saved_per_item,
        is_assumed=asked.saved is not None,
        all_alike=effect is not None and effect.trouble == "no_spread",
        missing=missing,
        pays_its_running=benefit.value > cost.value if benefit is not None and cost is not None else None,
        chance=finding.payback_probability,
        within_months=basis.payback_within_months,
    )


def _of_drafts(
    minutes: Estimate | None, use: DraftUse | None, asked: WhatIf, effect: Effect | None
) -> list[tuple[str, str, str]]:
    """Assumptions about times and drafts. The model's saving stands beside the measured one."""
    saved = UNKNOWN if minutes is None else f"{minutes.value * SECONDS_PER_MINUTE:.0f} s"
    where = UNKNOWN if minutes is None else ASKED if asked.saved is not None else MEASURED
    rows = [("Time saved per item", saved, where)]
    if effect is not None and effect.control is not None and effect.assisted is not None:
        rows.append(("Time of an item without a draft (T0)", f"{effect.control:.0f} s", MEASURED))
        rows.append(("Time of an item with a draft (T1)", f"{effect.assisted:.0f} s", MEASURED))
    if use is not None:
        source = ASKED if asked.draft_use is not None else MEASURED
        implied = ASKED if asked.draft_use is not None else "implied by the measured times"
        rows += [
            ("Time to review a draft", f"{use.review_seconds:.0f} s", implied),
            ("Drafts edited", f"{use.share_edited * 100:.0f} %", source),
            ("Share of an edited draft that is rewritten", f"{use.share_rewritten * 100:.0f} %", source),
            ("Drafts rejected", f"{use.share_rejected * 100:.0f} %", source),
            ("Time saved per item by the model", f"{use.seconds_saved:.0f} s", "formula, for comparison"),
        ]
    return rows
