"""What did not fit, and what that means, in plain sentences. None changes a figure; each says how to read it."""

import math
from collections.abc import Iterator, Sequence
from datetime import date

from graftwork.core.appraisal.comparing import ARMS, by_arm, totals
from graftwork.core.appraisal.confidence import counts_only_at_the_end
from graftwork.core.appraisal.data import Look, MetricFinding, MetricSums, PilotData
from graftwork.core.appraisal.sentences import count, percent, size
from graftwork.core.charter.schema import Charter
from graftwork.core.value.clusters import NOBODY
from graftwork.core.value.moments import Moments

FEW_REVIEWERS = 5
# Missing times, or decisions, of one item in twenty may turn a small effect round.
MANY_MISSING = 0.05

# Each is said with how often it happened.
ODDITIES = {
    "implausible_time": "{items} had a time below zero or longer than a day: such times are unknown, and left out.",
    "clock": "{items} {was} seemingly decided before coming in, because a clock was changed: what counts is the day of "
    "coming in.",
    "moved": "{items} came again under another customer or thread: they stay in the arm into which they first came.",
    "unknown_outcome": "{outcomes} named an item that is not in this pilot: they were counted, and nothing else.",
    "other_currency": "{items} had drafts paid in another currency than the charter's: that cost is not counted.",
}


def notes(
    charter: Charter,
    data: PilotData,
    primary: MetricFinding,
    others: Sequence[MetricFinding],
    history: Sequence[Look],
    small_groups: Sequence[str],
) -> tuple[str, ...]:
    """All that has to be known to read the figures, the weightiest first."""
    return (
        *_of_the_pilot(charter, data),
        *_of_the_arms(charter, data, primary),
        *_of_people(charter, data),
        *_of_spread(charter, data, primary),
        *_of_waiting(charter, data),
        *_of_times(charter, data, primary),
        *_of_outcomes(charter, data, others),
        *_of_oddities(data),
        *_of_looks(charter, data, history),
        *_of_groups(charter, primary, small_groups),
    )


def _of_the_pilot(charter: Charter, data: PilotData) -> Iterator[str]:
    if data.simulated:
        yield "Simulated: nobody made these reviews. The figures show how a pilot reads, not what drafts are worth."
    if charter.arms.design == "before_after":
        yield (
            "Before and after: there is no control arm, so whatever else changed since then counts as an effect of "
            "drafts. This is weaker than a comparison of two arms."
        )
        if data.baseline is None:
            yield "No times from before have been imported, so there is nothing to compare with."
    if data.paused:
        yield (
            "The pilot is paused: new items do not take part. What is decided or learned of earlier ones still comes "
            "in, and the figures of a planned end do not count until it goes on."
        )
    if data.amendments:
        yield (
            f"The charter was changed after the start ({count(data.amendments, 'amendments')}): what was counted "
            "before was counted under the charter of that time."
        )


def _of_the_arms(charter: Charter, data: PilotData, primary: MetricFinding) -> Iterator[str]:
    if data.started_at is None:
        return
    if not any(data.enrolled.values()):
        yield f"No {charter.arms.unit} takes part yet."
        return
    arms = totals(data.metrics.get(primary.metric.key, MetricSums()))
    if not any(arm.units for arm in arms.values()):
        yield f"No item has a value of {primary.metric.title.lower()} yet, so there is nothing to compare."
        return
    if charter.arms.design == "before_after":
        return
    for arm in ARMS:
        if not arms[arm].units:
            yield f"The {arm} arm is empty: without it there is no comparison, only the other arm's figures."


def _of_people(charter: Charter, data: PilotData) -> Iterator[str]:
    if data.reviewers == 1:
        yield "One reviewer made all decisions: the figures say how one person works, not how others would."
    elif 1 < data.reviewers < FEW_REVIEWERS:
        yield f"Only {data.reviewers} reviewers decided: others may work quite differently."
    if charter.arms.unit == "reviewer":
        yield from _of_drawn_reviewers(charter, data)


def _of_drawn_reviewers(charter: Charter, data: PilotData) -> Iterator[str]:
    yield (
        "Reviewers were drawn, not items: what counts is how many people there are, and parts of the items are not "
        "compared."
    )
    clusters = data.metrics.get(charter.primary.metric, MetricSums()).clusters
    nobody = sum(arm.units for arm in by_arm(clusters.get(NOBODY, {})).values())
    if nobody:
        yield f"{count(nobody, 'items')} were decided by a program or by nobody known: they belong to no arm's people."


def _of_spread(charter: Charter, data: PilotData, primary: MetricFinding) -> Iterator[str]:
    arms = totals(data.metrics.get(primary.metric.key, MetricSums()))
    same = [arm for arm in ARMS if _all_the_same(arms[arm])]
    title = primary.metric.title.lower()
    if len(same) == len(ARMS):
        yield (
            f"All values of {title} are the same within each arm: with no spread an effect cannot be told from chance. "
            "See whether they are measured at all."
        )
    elif same:
        yield f"All values of {title} in the {same[0]} arm are the same: see whether they are measured at all."
    known = Moments.total(arms.values())
    if charter.primary.covariate != "none" and known.units > 1 and _no_spread(known.units, known.x, known.xx):
        yield (
            f"The covariate {charter.primary.covariate} is the same for all items, or was never known, so it narrows "
            "no interval."
        )


def _all_the_same(arm: Moments) -> bool:
    return arm.units > 1 and arm.d == arm.units and _no_spread(arm.units, arm.y, arm.yy)


def _no_spread(units: float, total: float, squares: float) -> bool:
    return math.isclose(squares * units, total * total, rel_tol=1e-12, abs_tol=1e-12)


def _of_waiting(charter: Charter, data: PilotData) -> Iterator[str]:
    """Items that nobody has decided on yet, where that is many of them: hard ones may be left lying in one arm."""
    if charter.arms.unit == "reviewer":  # an item has no arm before somebody decides on it
        return
    known = [arm for arm in ARMS if data.items.get(arm)]
    waiting = {arm: (data.items[arm] - data.settled.get(arm, 0), data.items[arm]) for arm in known}
    if max((open_ones / of for open_ones, of in waiting.values()), default=0.0) >= MANY_MISSING:
        told = " and ".join(f"{count(some)} of the {count(of)} {arm} items" for arm, (some, of) in waiting.items())
        yield (
            f"Not decided yet are {told}, those that were escalated and wait included. They are in no metric but "
            "escalations. If one arm leaves harder items lying, the effect is not quite the one shown."
        )


def _of_times(charter: Charter, data: PilotData, primary: MetricFinding) -> Iterator[str]:
    """Items that were decided and have no time, where that is many of them."""
    if primary.metric.unit != "s":
        return
    timed = totals(data.metrics.get(primary.metric.key, MetricSums()))
    shares = {arm: 1 - timed[arm].d / data.settled[arm] for arm in ARMS if data.settled.get(arm)}
    if max(shares.values(), default=0.0) >= MANY_MISSING:
        told = ", ".join(f"{percent(share)} of the {arm} items" for arm, share in shares.items())
        planted = " or a mistake was planted in their draft" if charter.seeds.share else ""
        yield (
            f"Times are missing for {told}: they were decided where no time is measured{planted and ','}{planted}. If "
            "these items were harder or easier than others, the effect is not quite the one shown."
        )


def _of_outcomes(charter: Charter, data: PilotData, others: Sequence[MetricFinding]) -> Iterator[str]:
    if not any(data.enrolled.values()):
        return
    guards = {guard.metric for guard in charter.guards}
    for one in others:
        effect = one.now
        if one.metric.key in guards and not (effect.units_assisted or effect.units_control):
            yield f"No value of {one.metric.title.lower()} is known yet: its guard can neither hold nor be broken."


def _of_oddities(data: PilotData) -> Iterator[str]:
    for code, often in sorted(data.oddities.items()):
        if often > 0:
            told = ODDITIES.get(code, "{items} did not fit: " + code.replace("_", " ") + ".")
            items, outcomes = count(often, "items"), count(often, "outcomes")
            yield told.format(items=items, outcomes=outcomes, was="was" if often == 1 else "were")


def _of_looks(charter: Charter, data: PilotData, history: Sequence[Look]) -> Iterator[str]:
    target, least = charter.primary.target, charter.primary.minimum_effect
    wanted = least if target is None else target
    values_alone = counts_only_at_the_end(charter)
    if values_alone:
        standing = [(look.day, look.improvement is not None and look.improvement >= wanted) for look in history]
    else:
        standing = [(look.day, look.met if target is None else bool(look.target_met)) for look in history]
    turn = met_and_lost(standing)
    if turn is None or data.started_at is None:
        return
    first, last = (_day(day, data.started_at.date()) for day in turn)
    what = "the smallest improvement worth having" if target is None else "the target"
    unit = charter.metrics[charter.primary.metric].unit
    if values_alone:
        yield (
            f"On {first} the improvement stood at {what}, {size(wanted, unit)}, or above, and on {last} below it. "
            "Single days have no interval here, so neither was sure."
        )
        return
    since = "It is surely met again now." if standing[-1][1] else "What counts is how it stands now."
    yield f"On {first} {what}, {size(wanted, unit)}, was surely met, and on {last} no longer. {since}"


def met_and_lost(standing: Sequence[tuple[date, bool]]) -> tuple[date, date] | None:
    """The first day on which it was met, and the first one after it on which it was not."""
    met = next((day for day, is_met in standing if is_met), None)
    if met is None:
        return None
    lost = next((day for day, is_met in standing if day > met and not is_met), None)
    return None if lost is None else (met, lost)


def _day(day: date, start: date) -> str:
    return f"{day.day} {day:%B %Y} (day {(day - start).days + 1})"


def _of_groups(charter: Charter, primary: MetricFinding, small: Sequence[str]) -> Iterator[str]:
    if small and primary.now.trouble != "empty_arm":
        shown = "; ".join(small[:10]) + ("; and others" if len(small) > 10 else "")
        yield f"Too small to be compared apart (fewer than 30 {charter.arms.unit}s in an arm): {shown}."
