"""The assumptions behind a pilot's money: the charter's, what was measured, and what somebody asks instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.core.appraisal.data import PilotData
from graftwork.core.appraisal.draft_use import DraftUse
from graftwork.core.appraisal.sentences import UNKNOWN, money, number
from graftwork.core.charter.schema import Charter, Decide, Money, Range
from graftwork.core.value.cost import MONTHS_PER_YEAR, one_off_cost
from graftwork.core.value.simulation import Spread

WEEKS_PER_MONTH = 365.25 / 7 / MONTHS_PER_YEAR
CHARTER, SUGGESTED, MEASURED = "charter", "charter, as suggested", "measured"
ASKED = "what if"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Other figures than the charter's and the measured ones; `None` leaves a figure as it is.

    Money in the charter's currency; shares 0 to 1. `draft_use` gives a saving by the model; `seconds_saved` says it
    outright, and counts before it. `build_cost` is what building alone costs: with it, the budget's lines do not count.
    """

    wage_per_hour: Range | None = None
    realisation: Range | None = None
    items_per_month: Range | None = None
    months_to_full_use: float | None = None
    cost_per_draft: float | None = None
    machine_hours_per_month: float | None = None
    cost_per_machine_hour: float | None = None
    governance_share: float | None = None
    change_share: float | None = None
    discount_rate: float | None = None
    horizon_months: int | None = None
    payback_within_months: float | None = None
    build_cost: float | None = None
    seconds_saved: float | None = None
    draft_use: DraftUse | None = None

    @property
    def saved(self) -> float | None:
        """Seconds per item that are assumed; `None` where what was measured counts."""
        if self.seconds_saved is not None:
            return self.seconds_saved
        return self.draft_use.seconds_saved if self.draft_use is not None else None


@dataclass(frozen=True, slots=True)
class Basis:
    """Every assumption with its value, and where each comes from, by field name. What is unknown is `None`."""

    currency: str
    wage_per_hour: Spread
    realisation: Spread
    items_per_month: Spread
    months_to_full_use: float
    cost_per_draft: float | None
    drafts_per_item: float
    machine_cost_per_month: float
    machine_hours_per_month: float
    cost_per_machine_hour: float
    governance_share: float
    change_share: float
    discount_rate: float
    horizon_months: int
    payback_within_months: float
    one_off_cost: float | None
    one_off_words: str
    sources: dict[str, str]

    @property
    def running_cost_is_known(self) -> bool:
        """A machine of our own has no price per draft; a draft without a price and a machine costs what nobody said."""
        return self.cost_per_draft is not None or self.machine_cost_per_month > 0

    @property
    def tokens_cost_per_item(self) -> float:
        """0 where a machine of our own makes the drafts: its hours are what they cost."""
        return (self.cost_per_draft or 0.0) * self.drafts_per_item


def basis_of(charter: Charter, data: PilotData, what_if: WhatIf | None = None) -> Basis:
    """What counts: what is asked, else what was measured, else what the charter says."""
    asked, money = what_if or WhatIf(), charter.money
    sources: dict[str, str] = {}
    suggested = Money()

    def number(name: str) -> float:
        other = getattr(asked, name)
        value = getattr(money, name)
        sources[name] = ASKED if other is not None else _of_charter(value, getattr(suggested, name))
        return float(value if other is None else other)

    def spread(name: str, own: Range, standard: Range | None) -> Spread:
        other: Range | None = getattr(asked, name)
        sources[name] = ASKED if other is not None else _of_charter(own, standard)
        held = own if other is None else other
        return Spread(held.low, held.likely, held.high)

    governance, change = number("governance_share"), number("change_share")
    hours, per_hour = number("machine_hours_per_month"), number("cost_per_machine_hour")
    within = asked.payback_within_months
    sources["payback_within_months"] = (
        ASKED if within is not None else _of_charter(charter.decide.payback_months, Decide().payback_months)
    )
    once, words = _one_off(charter, asked.build_cost, governance, change)
    sources["one_off_cost"] = ASKED if asked.build_cost is not None else CHARTER if once is not None else UNKNOWN
    return Basis(
        currency=money.currency,
        wage_per_hour=spread("wage_per_hour", money.wage_per_hour, suggested.wage_per_hour),
        realisation=spread("realisation", money.realisation, suggested.realisation),
        items_per_month=spread("items_per_month", items_per_month(charter), None),
        months_to_full_use=number("months_to_full_use"),
        cost_per_draft=_cost_per_draft(charter, data, asked, sources, has_machine=hours * per_hour > 0),
        drafts_per_item=_drafts_per_item(data),
        machine_cost_per_month=hours * per_hour,
        machine_hours_per_month=hours,
        cost_per_machine_hour=per_hour,
        governance_share=governance,
        change_share=change,
        discount_rate=number("discount_rate"),
        horizon_months=int(number("horizon_months")),
        payback_within_months=charter.decide.payback_months if within is None else within,
        one_off_cost=once,
        one_off_words=words,
        sources=sources,
    )


def items_per_month(charter: Charter) -> Range:
    """The charter's figure; else the units that are planned a week, with the items that each has."""
    if charter.money.items_per_month is not None:
        return charter.money.items_per_month
    planned = charter.plan.units_per_week * charter.plan.items_per_unit * WEEKS_PER_MONTH
    return Range(low=planned, likely=planned, high=planned)


def build_cost(charter: Charter) -> float | None:
    """The budget's lines for building; `None` where it has none."""
    return _lines(charter, "build")


def _one_off(
    charter: Charter, asked: float | None, governance_share: float, change_share: float
) -> tuple[float | None, str]:
    """What is spent once, and how it comes about: a part that the budget names is added, one that it does not name is
    reckoned by its share, so that nothing counts twice. Licences and other lines are spent as well. `running` is not in
    it: running cost is measured.
    """
    if asked is not None:
        words = "building, with the shares of governance and change on top"
        return one_off_cost(asked, governance_share, change_share), words
    build = _lines(charter, "build")
    if build is None:
        return None, "the budget has no line of kind build"
    governance, training = _lines(charter, "governance"), _lines(charter, "training")
    named = [build, *(part for part in (governance, training) if part is not None)]
    spent = one_off_cost(
        sum(named),
        0.0 if governance is not None else governance_share,
        0.0 if training is not None else change_share,
    )
    added = [name for name, part in (("governance", governance), ("training", training)) if part is not None]
    reckoned = [name for name, part in (("governance", governance), ("change", training)) if part is None]
    parts = ["the budget's lines for building" + "".join(f" and {name}" for name in added)]
    if reckoned:
        parts.append(f"with the share{'s' if len(reckoned) > 1 else ''} of {' and '.join(reckoned)} on top")
    rest = sum(_lines(charter, kind) or 0.0 for kind in ("licences", "other"))
    if rest:
        parts.append("licences and other lines as they stand")
    return spent + rest, ", ".join(parts)


def _lines(charter: Charter, kind: str) -> float | None:
    amounts = [line.amount for line in charter.budget if line.kind == kind]
    return sum(amounts) if amounts else None


def _cost_per_draft(
    charter: Charter, data: PilotData, asked: WhatIf, sources: dict[str, str], *, has_machine: bool
) -> float | None:
    """Of any draft. One without a price came from a machine that is paid by the hour, so that its tokens cost nothing;
    where there is no such machine, it cost what nobody told, and counts as the others.
    """
    running = data.running
    if asked.cost_per_draft is not None:
        sources["cost_per_draft"] = ASKED
        return asked.cost_per_draft
    # Another currency is not converted: rates are nothing that was measured.
    if running.cost is None or not running.drafts or running.currency not in ("", charter.money.currency):
        sources["cost_per_draft"] = UNKNOWN
        return None
    sources["cost_per_draft"] = MEASURED
    if running.priced in (None, running.drafts):
        return running.cost / running.drafts
    if has_machine:
        sources["cost_per_draft"] = f"{MEASURED}; drafts without a price came from the machine"
        return running.cost / running.drafts
    sources["cost_per_draft"] = f"{MEASURED} on {running.priced} of {running.drafts} drafts, the others had no price"
    return running.cost / running.priced if running.priced else None


def _drafts_per_item(data: PilotData) -> float:
    """At least 1: each item is drafted, and some again, which is paid for again."""
    running = data.running
    return max(1.0, running.drafts / running.drafted_items) if running.drafted_items else 1.0


def _of_charter(value: object, suggested: object) -> str:
    return SUGGESTED if value == suggested else CHARTER


def listed(basis: Basis, saved: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Every assumption as (what, value with unit, where it comes from), for a page; `saved` comes first."""
    from_charter, unit = basis.sources, basis.currency
    per_draft, told = f"{unit} {number(basis.cost_per_draft)}", from_charter["cost_per_draft"]
    if basis.cost_per_draft is None:
        own = basis.machine_cost_per_month > 0
        per_draft, told = ("not charged: own machines", CHARTER) if own else (UNKNOWN, UNKNOWN)
    once = UNKNOWN if basis.one_off_cost is None else money(basis.one_off_cost, unit)
    rows = [
        ("Items a month", _spread(basis.items_per_month, "items", 0), from_charter["items_per_month"]),
        ("Full cost of an hour of work", _spread(basis.wage_per_hour, unit), from_charter["wage_per_hour"]),
        ("Share of saved time that becomes money", _percent(basis.realisation), from_charter["realisation"]),
        ("Months until all use it", f"{basis.months_to_full_use:g} months", from_charter["months_to_full_use"]),
        ("Tokens of one draft", per_draft, told),
        ("Drafts per item", number(basis.drafts_per_item), MEASURED),
        (
            "Machine hours a month",
            f"{basis.machine_hours_per_month:g} h at {unit} {basis.cost_per_machine_hour:g}",
            from_charter["machine_hours_per_month"],
        ),
        ("Governance and security", f"{basis.governance_share:.0%} of cost", from_charter["governance_share"]),
        ("Training and change", f"{basis.change_share:.0%} of one-off cost", from_charter["change_share"]),
        ("One-off cost", f"{once}: {basis.one_off_words}", from_charter["one_off_cost"]),
        ("Discount rate", f"{basis.discount_rate:.1%} a year", from_charter["discount_rate"]),
        ("Horizon of the present value", f"{basis.horizon_months} months", from_charter["horizon_months"]),
        ("To pay back within", f"{basis.payback_within_months:g} months", from_charter["payback_within_months"]),
    ]
    return [*saved, *((what, value.replace("%", " %"), where) for what, value, where in rows)]


def _spread(spread: Spread, unit: str, digits: int = 2) -> str:
    if spread.low == spread.high:
        return f"{_short(spread.likely, digits)} {unit}"
    low, likely, high = (_short(one, digits) for one in (spread.low, spread.likely, spread.high))
    return f"{low} to {high} {unit}, most likely {likely}"


def _percent(spread: Spread) -> str:
    if spread.low == spread.high:
        return f"{spread.likely:.0%}"
    return f"{spread.low:.0%} to {spread.high:.0%}, most likely {spread.likely:.0%}"


def _short(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
