"""What help costs and what it brings: one small formula each, in one currency, months and seconds.

The formulas are those of a business case as managers write it (benefit, running cost, one-off cost, payback, net
present value), with two parts that are often left out: somebody always reads the draft, and what a draft does not spare
has to be written again. Amounts may be arrays, one entry a draw of a simulation; shares and months are plain numbers.
Revenue is in none of these sums: who claims more of it says so on a line of its own.
"""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# A number, or one number for each draw.
Amount = TypeVar("Amount", float, Floats)

SECONDS_PER_HOUR = 3_600
MONTHS_PER_YEAR = 12
NEVER = math.inf


def seconds_saved_per_item(
    control_seconds: float, review_seconds: float, share_edited: float, share_rewritten: float, share_rejected: float
) -> float:
    """T0 - T_review - p_edit * h * T0 - p_reject * T0, in seconds per item; negative where drafts cost time.

    `control_seconds` (T0) is what an item takes without a draft. `review_seconds` (T_review) is always paid: every
    draft is read, the rejected ones too. Of `share_edited` drafts the part `share_rewritten` (h, of an edited draft) is
    written again, at the speed of writing without a draft; `share_rejected` items are written from the start.
    After the cost model of Howell et al. 2023 (see `net_saving_per_message`), in seconds. Raises `ValueError` where a
    share lies outside 0 to 1, both shares of drafts exceed 1 together, or a time is negative.
    """
    _check_shares(share_edited=share_edited, share_rewritten=share_rewritten, share_rejected=share_rejected)
    _check_sum(share_edited=share_edited, share_rejected=share_rejected)
    _check_not_negative(control_seconds=control_seconds, review_seconds=review_seconds)
    rewriting = share_edited * share_rewritten * control_seconds
    return control_seconds - review_seconds - rewriting - share_rejected * control_seconds


def implied_review_seconds(
    control_seconds: float, assisted_seconds: float, share_edited: float, share_rewritten: float, share_rejected: float
) -> float:
    """The review time with which `seconds_saved_per_item` gives what was measured, T0 - T1; in seconds.

    Ours, derived as T1 = T_review + p_edit * h * T0 + p_reject * T0, solved for T_review. Negative where people rewrite
    faster than they write: then the model does not fit, and what was measured counts. Raises `ValueError` as the
    formula does.
    """
    spared = seconds_saved_per_item(control_seconds, 0.0, share_edited, share_rewritten, share_rejected)
    return assisted_seconds - (control_seconds - spared)


def break_even_share_rewritten(
    control_seconds: float, review_seconds: float, share_edited: float, share_rejected: float
) -> float | None:
    """The share of an edited draft (h) that may be rewritten until no time is saved any more.

    Ours, derived from `seconds_saved_per_item` = 0, solved for h: (T0 * (1 - p_reject) - T_review) / (p_edit * T0).
    Below 0: reading alone costs more than a draft spares. Above 1: time is saved even where every word is changed.
    `None` where nothing is edited or an item takes no time, so that no share decides.
    """
    _check_shares(share_edited=share_edited, share_rejected=share_rejected)
    _check_not_negative(control_seconds=control_seconds, review_seconds=review_seconds)
    weight = share_edited * control_seconds
    return (control_seconds * (1 - share_rejected) - review_seconds) / weight if weight else None


def monthly_benefit(
    items_per_month: Amount, seconds_saved_per_item: Amount, wage_per_hour: Amount, realisation: Amount
) -> Amount:
    """Volume * seconds * wage * realisation, per month; negative where items take longer.

    `realisation` is the share of the saved time that becomes something else of worth, 0 to 1: minutes here and there
    are not all used. Business cases leave it out (it is then 1) and promise too much. Time that is lost is lost whole:
    a longer item has to be paid for in full.
    """
    worth = items_per_month * (seconds_saved_per_item / SECONDS_PER_HOUR) * wage_per_hour
    if isinstance(worth, np.ndarray):
        found: Amount = np.where(worth < 0, worth, worth * realisation)
        return found
    return worth if worth < 0 else worth * realisation


def running_cost(tokens_cost: Amount, machine_cost: Amount, governance_share: float) -> Amount:
    """(tokens + machine hours) / (1 - governance share), per month.

    Ours, derived as follows: all = tokens + machines + share * all, solved for all. `governance_share` is the part of
    all running cost that governance and security take, so that it is on top of what is paid for tokens and machines.
    Raises `ValueError` where the share leaves nothing (1 or more).
    """
    _check_part(governance_share=governance_share)
    return (tokens_cost + machine_cost) / (1 - governance_share)


def one_off_cost(build_cost: float, governance_share: float, change_share: float) -> float:
    """build / (1 - governance - change share): building it is only a part of what has to be spent once.

    Ours, derived as `running_cost` is: all = build + both shares * all, solved for all. `change_share` is what training
    and change management take. Raises `ValueError` where both shares leave nothing.
    """
    _check_not_negative(build_cost=build_cost)
    _check_part(governance_share=governance_share, change_share=change_share)
    return build_cost / (1 - governance_share - change_share)


def payback_months(
    one_off_cost: float, monthly_benefit: float, monthly_cost: float, months_to_full_use: float = 0.0
) -> float:
    """Months until what was saved has made up for all that was spent; `math.inf` where it never does.

    Use grows in a straight line from nothing to all in `months_to_full_use`; running cost is paid in full from the
    first day. The simple payback period of textbooks (Brealey, Myers and Allen, Principles of Corporate Finance,
    chapter on investment rules) with a ramp, which is ours. The result lies within a month (the sums are continuous in
    time) and is not discounted. Where nothing is spent at all it is 0.
    """
    found = paybacks_months(
        np.float64(one_off_cost), np.array([monthly_benefit]), np.array([monthly_cost]), months_to_full_use
    )
    return float(found[0])


def paybacks_months(
    one_off_cost: float | Floats, monthly_benefit: Floats, monthly_cost: Floats, months_to_full_use: float
) -> Floats:
    """`payback_months`, one for each draw.

    After t months benefit * t^2 / (2 * ramp), and benefit * (t - ramp / 2) once the ramp is over, is earned; cost * t
    and the one-off cost are spent. Both are equal at the larger root of a square, or on a straight line after it.
    """
    _check_not_negative(months_to_full_use=months_to_full_use)
    if np.any(np.asarray(one_off_cost) < 0):
        raise ValueError("`one_off_cost` must not be negative")
    ramp = months_to_full_use
    surplus = monthly_benefit - monthly_cost
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        later = (one_off_cost + monthly_benefit * ramp / 2) / surplus
        root = np.sqrt(np.maximum(monthly_cost**2 + 2 * monthly_benefit * one_off_cost / ramp, 0)) if ramp else later
        earlier = (monthly_cost + root) * ramp / monthly_benefit if ramp else later
    months = np.where(earlier <= ramp, earlier, later)
    months = np.where((surplus > 0) & np.isfinite(months), months, NEVER)
    nothing_spent = (np.asarray(one_off_cost) == 0) & (monthly_cost == 0) & (monthly_benefit >= 0)
    found: Floats = np.where(nothing_spent, 0.0, months)
    return found


def net_present_value(
    one_off_cost: Amount,
    monthly_benefit: Amount,
    monthly_cost: Amount,
    *,
    months_to_full_use: float,
    discount_rate: float,
    horizon_months: int,
) -> Amount:
    """What all months up to the horizon are worth today, less the one-off cost.

    `discount_rate` is a year's, turned into a month's by (1 + rate)^(1/12) - 1; a month's sums count at its end
    (Brealey, Myers and Allen, Principles of Corporate Finance, chapter on present values). Use grows as in
    `payback_months`. Raises `ValueError` on a horizon below one month or a negative rate.
    """
    benefit_factor, cost_factor = discount_factors(months_to_full_use, discount_rate, horizon_months)
    return monthly_benefit * benefit_factor - monthly_cost * cost_factor - one_off_cost


def discount_factors(months_to_full_use: float, discount_rate: float, horizon_months: int) -> tuple[float, float]:
    """How many full months' benefit, and how many months' cost, the horizon is worth today."""
    _check_not_negative(months_to_full_use=months_to_full_use, discount_rate=discount_rate)
    if horizon_months < 1:
        raise ValueError("`horizon_months` must be 1 or more")
    months = range(1, horizon_months + 1)
    worth = [(1 + discount_rate) ** (-month / MONTHS_PER_YEAR) for month in months]
    used = [months_of_full_use(month, months_to_full_use) for month in range(horizon_months + 1)]
    ramped = math.fsum((used[month] - used[month - 1]) * worth[month - 1] for month in months)
    return ramped, math.fsum(worth)


def months_of_full_use(months: float, months_to_full_use: float) -> float:
    """What a ramp that rises in a straight line amounts to after so many months, in months of full use."""
    if months >= months_to_full_use:
        return months - months_to_full_use / 2
    return months * months / (2 * months_to_full_use)


def cost_per_accepted_draft(cost: float, accepted_drafts: float) -> float | None:
    """All that drafts cost, over those that were sent as they stood; `None` where none was.

    What the useful ones cost is what compares models: a cheap draft that nobody accepts is dear (Howell et al. 2023).
    """
    return cost / accepted_drafts if accepted_drafts > 0 else None


def net_saving_per_message(
    share_accepted: float,
    share_edited: float,
    share_ignored: float,
    *,
    seconds_saved_accepted: float,
    seconds_saved_edited: float,
    seconds_saved_ignored: float,
    wage_per_hour: float,
    cost_per_message: float,
) -> float:
    """Expected net cost saving of one message: what a person's time saved on it is worth, less what the draft cost.

    A draft is accepted, edited or ignored; each case saves its own time (an ignored one less than nothing, because it
    was read): (p_a * s_a + p_e * s_e + p_i * s_i) * wage - cost. Howell et al., The economic trade-offs of large
    language models: a case study, ACL 2023 industry track, arXiv 2306.07402, expected net cost savings. Time that was
    saved counts in full here, as it does there: no realisation. Raises `ValueError` where the shares are not shares
    or do not add up to 1.
    """
    _check_shares(share_accepted=share_accepted, share_edited=share_edited, share_ignored=share_ignored)
    if not math.isclose(share_accepted + share_edited + share_ignored, 1, abs_tol=1e-9):
        raise ValueError("the shares accepted, edited and ignored must add up to 1")
    seconds = (
        share_accepted * seconds_saved_accepted
        + share_edited * seconds_saved_edited
        + share_ignored * seconds_saved_ignored
    )
    return seconds / SECONDS_PER_HOUR * wage_per_hour - cost_per_message


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"`{name}` must be a share of 0 to 1")


def _check_sum(**shares: float) -> None:
    # What was measured adds up to one only to the last digit or so.
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"{' and '.join(f'`{name}`' for name in shares)} exceed 1 together")


def _check_part(**shares: float) -> None:
    _check_shares(**shares)
    if sum(shares.values()) >= 1:
        raise ValueError(f"{' and '.join(f'`{name}`' for name in shares)} leave nothing to pay with")


def _check_not_negative(**values: float) -> None:
    for name, value in values.items():
        if not value >= 0:
            raise ValueError(f"`{name}` must not be negative")
