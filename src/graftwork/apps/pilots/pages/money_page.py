"""Figures of a pilot's money in words, for a table; beside them those that somebody asks for."""

from dataclasses import dataclass

from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import MoneyFinding
from graftwork.core.appraisal.sentences import UNKNOWN, number, probability
from graftwork.core.appraisal.sentences import money as amount
from graftwork.core.stats import Estimate


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One figure: as the pilot has it, and as asked ("" where nothing is)."""

    what: str
    now: str
    asked: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.asked) and self.asked != self.now


def money_rows(now: MoneyFinding, asked: MoneyFinding | None = None) -> list[MoneyRow]:
    told, other = _figures(now), _figures(asked) if asked is not None else {}
    return [MoneyRow(what, value, other.get(what, "")) for what, value in told.items()]


def _figures(money: MoneyFinding) -> dict[str, str]:
    unit = money.currency
    figures = {
        labels.MINUTES_SAVED: _estimate(money.minutes_saved_per_item, "min", 2),
        labels.BENEFIT: _money(money.monthly_benefit, unit),
        labels.RUNNING_COST: _money(money.monthly_cost, unit),
        labels.ONE_OFF_COST: _amount(money.one_off_cost, unit),
        labels.PAYBACK: _payback(money),
        labels.payback_chance(money.payback_within_months): UNKNOWN
        if money.payback_probability is None
        else probability(money.payback_probability),
        labels.NET_PRESENT_VALUE: _money(money.net_present_value, unit),
        labels.BREAK_EVEN: _break_even(money),
        labels.COST_PER_ACCEPTED: _amount(money.cost_per_accepted_draft, unit),
        labels.NET_SAVING: _amount(money.net_saving_per_item, unit),
    }
    if money.revenue_uplift_per_month:
        claimed = amount(money.revenue_uplift_per_month, unit)
        figures[labels.UPLIFT] = claimed
    return figures


def _payback(money: MoneyFinding) -> str:
    if money.payback_months is not None:
        months = money.payback_months
        open_above = months.low is not None and months.high is None
        return f"{_estimate(months, 'months', 1)}{', or never' if open_above else ''}"
    return "more likely never than ever" if money.payback_probability is not None else UNKNOWN


def _break_even(money: MoneyFinding) -> str:
    share = money.break_even_share_rewritten
    if share is None:
        return UNKNOWN
    if share < 0:
        return "none: reading it costs more than it spares"
    return "all of it: time is saved even then" if share >= 1 else f"{share * 100:.0f} %"


def _estimate(found: Estimate | None, unit: str, digits: int) -> str:
    if found is None:
        return UNKNOWN
    ends = [number(one, digits) for one in (found.low, found.high) if one is not None]
    value = f"{number(found.value, digits)} {unit}"
    if len(ends) == 1:
        return f"{value} (from {ends[0]})"
    # What is known exactly has no interval.
    return f"{value} ({' to '.join(ends)})" if len(set(ends)) == 2 else value


def _money(found: Estimate | None, unit: str) -> str:
    if found is None:
        return UNKNOWN
    if found.low is None or found.high is None:
        return amount(found.value, unit)
    low, high = _bare(found.low), _bare(found.high)
    return amount(found.value, unit) + (f" ({low} to {high})" if low != high else "")


def _bare(value: float) -> str:
    return amount(value, "").strip()


def _amount(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else amount(value, unit)
