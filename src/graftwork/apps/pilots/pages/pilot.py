"""All that the page of a pilot shows, ready to be written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graftwork.apps.pilots.charts import Chart, Table
from graftwork.apps.pilots.models import Decision, Pilot, PilotState
from graftwork.apps.pilots.pages.heading import Heading, heading
from graftwork.apps.pilots.pages.money_page import money_rows
from graftwork.apps.pilots.pages.pilot_charts import (
    history_chart,
    quantile_chart,
    sensitivity_chart,
    subgroup_chart,
)
from graftwork.apps.pilots.pages.wording import (
    effect_cells,
    lift,
    mean_of_arm,
    page_scale,
    trouble_sentence,
    units,
)
from graftwork.apps.pilots.seeds import seeds_of
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import Appraisal, GuardFinding, MetricFinding
from graftwork.core.appraisal.labels import DECISIONS, METHODS, RULINGS
from graftwork.core.appraisal.sentences import (
    Scale,
    count,
    effect_sentence,
    number,
    percent,
    probability,
    scale_of,
    size,
)
from graftwork.core.appraisal.verdict import drawn
from graftwork.core.charter.schema import Charter


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GuardRow:
    """`standing` is holds, broken or open: what its colour goes by."""

    title: str
    standing: str
    in_words: str
    margin: str
    sentence: str
    cells: tuple[str, str]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """`against` where the rule said something else at that moment."""

    kind: str
    decided_at: datetime
    by: str
    reason: str
    ruling: str
    against: bool


@dataclass(frozen=True, slots=True)
class PilotPage:
    """`leading` is what stands first: the decision where there is one, else what the rule says."""

    pilot: Heading
    charter: Charter
    leading: str
    leading_in_words: str
    is_decided: bool
    ruling: str
    ruling_in_words: str
    sentence: str
    reasons: Sequence[str]
    facts: Sequence[Fact]
    effect: str
    effect_facts: Sequence[Fact]
    trouble: str
    charts: dict[str, Chart]
    arms: Table
    balance: str
    balance_alarms: bool
    guards: Sequence[GuardRow]
    others: Table
    by_the_way: Table
    money_sentence: str
    cost_is_unknown: bool
    money: Table
    assumptions: Table
    notes: Sequence[str]
    seeds: str
    decisions: Sequence[DecisionRow]


def pilot_page(pilot: Pilot, appraisal: Appraisal) -> PilotPage:
    charter = pilot.as_charter
    primary = appraisal.primary
    drawn_charts = (
        ("history", history_chart(charter, appraisal)), ("subgroups", subgroup_chart(charter, appraisal)),
        ("sensitivity", sensitivity_chart(charter, appraisal)), ("quantiles", quantile_chart(charter, appraisal)),
    )  # fmt: skip
    return PilotPage(
        pilot=heading(pilot),
        charter=charter,
        leading=leading(appraisal)[0],
        leading_in_words=leading(appraisal)[1],
        is_decided=appraisal.decided is not None,
        ruling=appraisal.verdict.ruling,
        ruling_in_words=RULINGS[appraisal.verdict.ruling],
        sentence=labels.bare(appraisal.verdict.sentence, appraisal.verdict.ruling),
        reasons=appraisal.verdict.reasons,
        facts=_facts(pilot, charter, appraisal),
        effect=effect_sentence(primary.metric, primary.now, drawn(charter)),
        effect_facts=_effect_facts(charter, primary),
        trouble=trouble_sentence(primary.now),
        charts={name: chart for name, chart in drawn_charts if chart},
        arms=_arms(charter, appraisal),
        balance=_balance(charter, appraisal),
        balance_alarms=appraisal.balance.alarms,
        guards=[_guard(one) for one in appraisal.guards],
        others=_others(appraisal),
        by_the_way=_by_the_way(primary, page_scale(charter, primary)),
        money_sentence=appraisal.money.sentence,
        cost_is_unknown=appraisal.money.monthly_cost is None,
        money=_money(appraisal),
        assumptions=Table(("Assumption", "Value", "Where it comes from"), list(appraisal.money.assumptions)),
        notes=appraisal.notes,
        seeds=seeds_of(pilot).sentence,
        decisions=decision_rows(pilot),
    )


def leading(appraisal: Appraisal) -> tuple[str, str]:
    """What stands first, by name and in words: what was decided, else what the rule says."""
    if appraisal.decided is not None:
        return appraisal.decided.kind, DECISIONS[appraisal.decided.kind]
    return appraisal.verdict.ruling, RULINGS[appraisal.verdict.ruling]


def decision_rows(pilot: Pilot) -> list[DecisionRow]:
    """Newest first."""
    rows = pilot.decisions.order_by("-decided_at", "-pk").select_related("decided_by")
    return [_decision(row) for row in rows]


def _decision(row: Decision) -> DecisionRow:
    said = str((row.figures or {}).get("verdict", {}).get("ruling", ""))
    by = row.decided_by.get_username() if row.decided_by else ""
    against = row.kind in ("go", "extend", "stop") and bool(said) and said != row.kind
    return DecisionRow(
        DECISIONS.get(row.kind, row.kind), row.decided_at, by, row.reason, RULINGS.get(said, ""), against
    )


def _facts(pilot: Pilot, charter: Charter, appraisal: Appraisal) -> list[Fact]:
    enrolled = appraisal.balance.assisted + appraisal.balance.control
    planned = appraisal.planned_units
    of_planned = f"of {count(planned)} planned" if planned else ""
    facts = [Fact(f"{drawn(charter).capitalize()} enrolled", count(enrolled), of_planned)]
    if pilot.started_at:
        facts.append(Fact("Started", f"{pilot.started_at:%-d %b %Y}"))
    if pilot.state == PilotState.ENDED and pilot.ended_at:
        facts.append(Fact("Ended", f"{pilot.ended_at:%-d %b %Y}"))
    elif pilot.ends_at:
        facts.append(Fact("Planned end", f"{pilot.ends_at:%-d %b %Y}"))
    chance = appraisal.money.payback_probability
    within = f"within {number(appraisal.money.payback_within_months)} months"
    return [*facts, Fact("Chance of paying back", probability(chance), within)]


def _effect_facts(charter: Charter, found: MetricFinding) -> list[Fact]:
    metric, scale = found.metric, page_scale(charter, found)
    now, interval = effect_cells(metric, found.now, scale)
    sure = f"{percent(found.now.confidence)} interval"
    at = "at every look" if found.now.method == "sequence" else "at the planned end alone"
    _, planned = effect_cells(metric, found.planned, scale)
    levels = f"{labels.WORTH_HAVING.lower()}: {size(charter.primary.minimum_effect, metric.unit, scale)}"
    if charter.primary.target:
        levels += f"; {labels.TARGET.lower()}: {size(charter.primary.target, metric.unit, scale)}"
    facts = [
        Fact(labels.IMPROVEMENT, now, levels),
        Fact(f"{sure}, {at}", interval, METHODS[found.now.method]),
    ]
    if found.planned.method != found.now.method:
        facts.append(Fact(f"{sure}, for the planned end alone", planned, METHODS[found.planned.method]))
    facts.append(Fact(labels.RELATIVE, lift(metric, found.now)))
    adjusted = found.planned.adjustment if found.planned.adjustment is not None else found.now.adjustment
    if adjusted is not None:
        facts.append(Fact("Variance taken away by the covariate", percent(adjusted)))
    return facts


def _arms(charter: Charter, appraisal: Appraisal) -> Table:
    metric, found = appraisal.primary.metric, appraisal.primary
    baseline = charter.arms.design == "before_after"
    assisted, control = (mean_of_arm(found.arms.get(arm), metric.unit) for arm in ("assisted", "control"))
    name = "Before (imported baseline)" if baseline else "Control"
    enrolled = "" if baseline else count(appraisal.balance.control)
    rows = [
        ("Assisted", count(appraisal.balance.assisted), count(found.now.units_assisted), assisted),
        (name, enrolled, count(found.now.units_control), control),
    ]
    return Table(("Arm", "Enrolled", "Measured", metric.title), rows)


def _balance(charter: Charter, appraisal: Appraisal) -> str:
    at = appraisal.balance
    if charter.arms.design == "before_after":
        return "All get drafts; there is no control arm, so this comparison is weaker."
    if at.p_value is None:
        return "Whether the arms are as large as planned is not known yet."
    planned = f"{percent(at.expected_share)} of {drawn(charter)} were to be assisted"
    if at.alarms:
        return (
            f"Sample ratio mismatch: {planned}, and what came differs too much for chance (p = {number(at.p_value)})."
        )
    return f"As planned: {planned}, and what came differs no more than chance allows (p = {number(at.p_value)})."


def _guard(one: GuardFinding) -> GuardRow:
    holds = one.guarded.holds
    standing, words = {True: ("holds", "holds"), False: ("broken", "broken"), None: ("open", "not known yet")}[holds]
    margin = size(one.guarded.margin, one.metric.unit, scale_of(one.guarded.margin, one.metric.unit))
    return GuardRow(
        one.metric.title, standing, words, margin, one.sentence, effect_cells(one.metric, one.guarded.effect)
    )


def _others(appraisal: Appraisal) -> Table:
    rows = []
    for one in appraisal.others:
        unit = one.metric.unit
        assisted = mean_of_arm(one.arms.get("assisted"), unit)
        if one.metric.seen_in == "assisted":
            rows.append((one.metric.title, assisted, "no drafts there", "", "", count(one.now.units_assisted)))
            continue
        cells = effect_cells(one.metric, one.now)
        rows.append((one.metric.title, assisted, mean_of_arm(one.arms.get("control"), unit), *cells, units(one.now)))
    return Table(("Metric", "Assisted", "Control", "Improvement", "Interval", "Units"), rows)


def _by_the_way(found: MetricFinding, scale: Scale) -> Table:
    """The same comparison by other methods."""
    rows = [
        (METHODS[one.method], *effect_cells(found.metric, one, scale), units(one))
        for one in (found.planned, *found.others)
    ]
    return Table(("Method", "Improvement", "Interval", "Assisted / control"), rows)


def _money(appraisal: Appraisal) -> Table:
    return Table(("Figure", "Value, and its interval"), [(row.what, row.now) for row in money_rows(appraisal.money)])
