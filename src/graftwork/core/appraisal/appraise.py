"""What a pilot shows: the comparison that its charter asks for, the guards, the money, and what the rule says.

Imports scipy (2 s): import it where a figure is asked for, not where a command or the web process starts.
"""

from collections.abc import Sequence

from graftwork.core.appraisal.comparing import arms_balance, finding, is_measured
from graftwork.core.appraisal.data import Appraisal, GuardFinding, MetricFinding, PilotData
from graftwork.core.appraisal.groups import idle_caps, quantiles, subgroups
from graftwork.core.appraisal.guarding import guard_sentence
from graftwork.core.appraisal.history import looks
from graftwork.core.appraisal.money import WhatIf, money_finding
from graftwork.core.appraisal.notes import notes
from graftwork.core.appraisal.planning import planned_units
from graftwork.core.appraisal.ruling_sentences import verdict
from graftwork.core.appraisal.verdict import Standing, drawn
from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120
from graftwork.core.charter.schema import Charter
from graftwork.core.value.guards import non_inferior
from graftwork.core.value.results import Effect


def appraise(charter: Charter, data: PilotData, what_if: WhatIf | None = None) -> Appraisal:
    """Appraise a pilot at one moment. `what_if` puts other assumptions in the place of the charter's money.

    It asks nothing but its arguments, so the same sums always give the same appraisal.
    """
    primary = finding(charter, data, charter.metrics[charter.primary.metric])
    behind_guards = [finding(charter, data, charter.metrics[guard.metric]) for guard in charter.guards]
    guards = _guards(charter, behind_guards)
    others = _others(charter, data)
    balance = arms_balance(charter, data)
    money = money_finding(charter, data, primary.now, _seconds([primary, *behind_guards, *others]), what_if)
    standing = Standing(charter, data, primary, guards, balance, money)
    history = looks(charter, data)
    groups, small = subgroups(charter, data)
    return Appraisal(
        verdict=verdict(standing, what_if=what_if is not None),
        primary=primary,
        guards=guards,
        others=others,
        history=history,
        sensitivity=idle_caps(charter, data),
        quantiles=quantiles(charter, data),
        subgroups=groups,
        balance=balance,
        money=money,
        planned_units=planned_units(charter),
        notes=notes(charter, data, primary, [*behind_guards, *others], history, small),
        decided=data.decided,
    )


def _guards(charter: Charter, behind: Sequence[MetricFinding]) -> list[GuardFinding]:
    found = []
    for guard, at in zip(charter.guards, behind, strict=True):
        guarded = non_inferior(at.now, guard.margin, at.metric.better)
        sentence = guard_sentence(at.metric, guarded, drawn(charter))
        found.append(GuardFinding(at.metric, guarded, sentence))
    return found


def _others(charter: Charter, data: PilotData) -> list[MetricFinding]:
    """What was measured and decides nothing; the other caps of idle time are shown with the sensitivity."""
    shown = {charter.primary.metric, *(guard.metric for guard in charter.guards)}
    if charter.primary.metric == HANDLING_TIME:
        shown |= {HANDLING_TIME_30, HANDLING_TIME_120}
    known = charter.metrics
    return [finding(charter, data, known[key]) for key in known if key not in shown and is_measured(data, key)]


def _seconds(findings: Sequence[MetricFinding]) -> Effect | None:
    """The effect on handling time, wherever it stands in the charter."""
    return next((one.now for one in findings if one.metric.key == HANDLING_TIME), None)
