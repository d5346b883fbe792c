"""The charter as a report shows it: what was said before anything was measured, and what changed since."""

from typing import Any

from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.pdf_layout import Story, bullets, table, text
from graftwork.apps.pilots.models import Pilot
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.sentences import money
from graftwork.core.charter.schema import Charter, Person

_MOST_CHANGES = 60


def charter(pilot: Pilot) -> Story:
    held = pilot.as_charter
    parts: Story = [text("Charter", "h1")]
    if pilot.charter_sha256:
        parts.append(text(f"Fixed on {words.day(pilot.started_at)}. SHA-256 {pilot.charter_sha256}", "mono"))
    parts += [text("Problem", "h2"), text(held.problem)]
    if held.pain_point:
        parts += [text("Whose pain it is", "h2"), text(held.pain_point)]
    parts.append(table([], _facts(held), [0.3, 0.7]))
    if held.budget:
        parts += _budget(held)
    if held.risks:
        parts += [text("Risks", "h2"), *bullets(held.risks)]
    return [*parts, *_changes(pilot), *_decisions(pilot)]


def _facts(held: Charter) -> list[list[str]]:
    metrics = held.metrics
    guards = ", ".join(metrics[guard.metric].title for guard in held.guards)
    rows = [
        ["Owner", _person(held.owner)],
        ["LLM operations", _person(held.llm_operations)],
        ["Team", "; ".join(f"{one.part.replace('_', ' ')}: {_person(one)}" for one in held.team)],
        ["Items", held.population.description],
        ["Part of the units", words.quantity(held.population.share, "share")],
        ["Arms", _arms(held)],
        ["Primary metric", metrics[held.primary.metric].title],
        ["Guards", guards],
        ["Planned length", f"{held.plan.weeks:g} weeks, {held.plan.units_per_week:g} units a week"],
        ["Winsorised above", _winsorised(held)],
        ["Adjusted by", held.primary.covariate if held.primary.covariate != "none" else "nothing"],
        ["Go", _go(held)],
        ["Extend", f"by {held.decide.extend_weeks:g} weeks, at most {_times(held.decide.extensions)}"],
        ["Training required", ", ".join(held.change.required_modules)],
        ["Seeded drafts", f"{held.seeds.share * 100:g} % of the drafts" if held.seeds.share else "none"],
    ]  # fmt: skip
    return [row for row in rows if row[1]]


def _arms(held: Charter) -> str:
    if held.arms.design == "before_after":
        return "all get drafts; compared with times from before, which is weaker"
    return f"{held.arms.assisted * 100:g} % of the {held.arms.unit}s get drafts, drawn by a keyed hash"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _winsorised(held: Charter) -> str:
    above = held.primary.winsorise_above
    return words.quantity(above, held.metrics[held.primary.metric].unit) if above else "not at all"


def _go(held: Charter) -> str:
    share = f"{held.decide.payback_probability * 100:g} %"
    return f"pays back within {held.decide.payback_months:g} months with a probability of at least {share}"


def _person(one: Person) -> str:
    return ", ".join(part for part in (one.name, one.department) if part)


def _budget(held: Charter) -> Story:
    total = sum(line.amount for line in held.budget)
    rows = [
        [line.title, labels.BUDGET_KINDS.get(line.kind, line.kind), money(line.amount, held.money.currency)]
        for line in held.budget
    ]
    rows.append(["Together", "", money(total, held.money.currency)])
    head = ["Budget", "Kind", "Amount"]
    return [text("Budget", "h2"), table(head, rows, [0.6, 0.2, 0.2], "llr")]


def _changes(pilot: Pilot) -> Story:
    rows = [
        [f"{one.number}", words.day(one.amended_at), one.reason, _changed(change)]
        for one in pilot.amendments.order_by("number") for change in one.changes
    ][:_MOST_CHANGES]  # fmt: skip
    if not rows:
        return []
    head = ["No.", "Date", "Reason", "Change"]
    return [text("Amendments", "h2"), table(head, rows, [0.07, 0.18, 0.35, 0.4])]


def _decisions(pilot: Pilot) -> Story:
    rows = [
        [words.day(one.decided_at), labels.DECISIONS.get(one.kind, one.kind), one.reason]
        for one in pilot.decisions.order_by("decided_at", "pk")
    ]
    if not rows:
        return []
    return [text("Decisions", "h2"), table(["Date", "Decision", "Reason"], rows, [0.2, 0.15, 0.65])]


def _changed(change: dict[str, Any]) -> str:
    return f"{change['key']}: {_short(change.get('before'))} becomes {_short(change.get('after'))}"


def _short(value: Any) -> str:
    told = "nothing" if value is None else str(value)
    return told if len(told) <= 300 else f"{told[:300]}…"
