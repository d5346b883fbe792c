"""The planned sample of a charter: how many units it takes to find the smallest improvement worth having, and when.

For the planned end, with the part of the error that is left for it. The interval that holds at every look is wider: it
may answer earlier where the effect is large, and seldom does where it is just the smallest.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graftwork.core.appraisal.confidence import confidence_at_an_end, counts_only_at_the_end
from graftwork.core.appraisal.data import Arm
from graftwork.core.appraisal.sentences import count, number, percent, size
from graftwork.core.charter.advice import Advice, advice
from graftwork.core.charter.schema import Charter

# Above and below, the interval for daily looking is tightest far from where the pilot ends.
_FAR_FROM_PLAN = 10.0


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """`units` are what is drawn, in both arms; `weeks` how long they take to come in. `None` where it cannot be said.

    `detectable_after_planned_weeks` is in `unit`, that of the primary metric. `problem` says what is missing.
    """

    units: int | None
    per_arm: Mapping[Arm, int]
    weeks: float | None
    detectable_after_planned_weeks: float | None
    unit: str
    sentence: str
    problem: str = ""


def planned_units(charter: Charter) -> int | None:
    """As the charter says; computed where it does not. A charter that was fixed says it, and costs nothing here."""
    return charter.plan.units or planned_sample(charter).units


@lru_cache(maxsize=64)
def planned_sample(charter: Charter) -> PlannedSample:
    """From the charter's minimum effect, spread, power and confidence; `plan.units` is taken where it is said.

    Loads statsmodels, which takes seconds: not for a page that is looked at often.
    """
    unit = charter.metrics[charter.primary.metric].unit
    try:
        needed = _needed(charter)
    except _Unplannable as problem:
        said = charter.plan.units
        sentence = f"How many {_noun(charter)} it takes cannot be said: {problem}."
        return PlannedSample(said, _split(charter, said), _weeks(charter, said), None, unit, sentence, str(problem))
    units = charter.plan.units or needed
    found = _detectable(charter)
    weeks = _weeks(charter, units)
    sentence = _sentence(charter, needed, units, weeks, found)
    return PlannedSample(units, _split(charter, units), weeks, found, unit, sentence)


def planned_advice(charter: Charter) -> list[Advice]:
    """All advice: what `core.charter.advice` says, and what takes the planned sample to say."""
    found, sample, plan = advice(charter), planned_sample(charter), charter.plan
    if sample.problem:
        key = "plan.standard_deviation" if _spread(charter) is None else "plan.control_mean"
        found.append(
            Advice("plan.unknown", key, f"The sample cannot be planned: {sample.problem}.", "Then nobody knows how "
                   "long the pilot has to be, and a result of nothing found means nothing.")
        )  # fmt: skip
    elif _draws_people(charter) and sample.units and sample.units > _reviewers(charter):
        found.append(
            Advice("plan.too_few_reviewers", "plan.reviewers", f"It takes {count(sample.units, 'reviewers')} to find "
                   f"the smallest improvement worth having, and {count(_reviewers(charter))} take part.",
                   "More weeks help little: it is people who differ. Draw items instead, or ask more people in.")
        )  # fmt: skip
    elif sample.weeks is not None and sample.weeks > plan.weeks:
        found.append(
            Advice("plan.too_short", "plan.weeks", f"The sample takes {_weeks_in_words(sample.weeks)}; the "
                   f"plan has {_weeks_in_words(plan.weeks)}.", "The pilot then most likely ends without an answer.")
        )  # fmt: skip
    return [*found, *_tightest(charter, sample)]


class _Unplannable(Exception):
    """What keeps the sample from being computed, in words."""


def _tightest(charter: Charter, sample: PlannedSample) -> list[Advice]:
    tightest = charter.analysis.tightest_at_units
    if not sample.units or _draws_people(charter) or charter.arms.design == "before_after":
        return []
    if 1 / _FAR_FROM_PLAN <= tightest / sample.units <= _FAR_FROM_PLAN:
        return []
    return [
        Advice("analysis.tightest", "analysis.tightest_at_units", f"The interval for daily looking is tightest at "
               f"{count(tightest, 'units')}, and {count(sample.units)} are planned.",
               "It answers soonest where it is tightest at about as many as are planned.")
    ]  # fmt: skip


def _needed(charter: Charter) -> int:
    """Units in both arms. Where there is no control arm: those with drafts, against as many times from before."""
    from graftwork.core.value import planning as sample  # noqa: PLC0415 - scipy takes a second, and pages import this

    minimum, spread, analysis = charter.primary.minimum_effect, _spread(charter), charter.analysis
    sure = {"power": analysis.power, "confidence": _confidence(charter), "share_assisted": _share(charter)}
    if spread is None:
        raise _Unplannable("`plan.standard_deviation` is not said")
    try:
        if _draws_people(charter):
            alike = charter.plan.intraclass_correlation
            items = _items_of_a_reviewer(charter)
            return sample.clusters_for_mean(
                minimum, spread, items_per_cluster=items, intraclass_correlation=alike, **sure
            )
        inflation, items = _inflation(charter)
        if _is_share(charter):
            total = sample.units_for_share(charter.plan.control_mean, _signed(charter), design_effect=inflation, **sure)
        else:
            total = sample.units_for_mean(minimum, spread, design_effect=inflation, **sure)
    except (ValueError, OverflowError):
        raise _Unplannable("`plan.control_mean` with the minimum effect leads out of what the metric can be") from None
    return math.ceil(total / items / (2 if charter.arms.design == "before_after" else 1))


def _detectable(charter: Charter) -> float | None:
    """The smallest improvement that the planned weeks find, in the metric's unit; `None` where they find none."""
    from graftwork.core.value import planning as sample  # noqa: PLC0415 - scipy takes a second, and pages import this

    spread, plan = _spread(charter), charter.plan
    sure = {"power": charter.analysis.power, "confidence": _confidence(charter), "share_assisted": _share(charter)}
    inflation, items = _inflation(charter)
    units = plan.weeks * _units_a_week(charter) * items * (2 if charter.arms.design == "before_after" else 1)
    if _draws_people(charter) and spread is not None:
        per_person = max(_items_of_a_reviewer(charter), 1.0)
        inflation = sample.design_effect(per_person, plan.intraclass_correlation) / per_person
        found = sample.detectable_mean(_reviewers(charter), spread * math.sqrt(inflation), **sure)
    elif _is_share(charter):
        found = sample.detectable_share(units, plan.control_mean, design_effect=inflation, **sure)
    else:
        found = sample.detectable_mean(units, spread or 0, design_effect=inflation, **sure)
    return found if math.isfinite(found) else None


def _draws_people(charter: Charter) -> bool:
    """Without a control arm nobody is drawn, and items are counted whatever the unit says."""
    return charter.arms.unit == "reviewer" and charter.arms.design == "randomised"


def _is_share(charter: Charter) -> bool:
    return charter.metrics[charter.primary.metric].unit == "share"


def _signed(charter: Charter) -> float:
    lower = charter.metrics[charter.primary.metric].better == "lower"
    return -charter.primary.minimum_effect if lower else charter.primary.minimum_effect


def _spread(charter: Charter) -> float | None:
    """Between items; that of a share follows from the share itself."""
    if not _is_share(charter):
        return charter.plan.standard_deviation
    share = charter.plan.control_mean
    return math.sqrt(share * (1 - share)) or None if 0 <= share <= 1 else 1.0


def _share(charter: Charter) -> float:
    return 0.5 if charter.arms.design == "before_after" else charter.arms.assisted


def _confidence(charter: Charter) -> float:
    """Of the interval at one planned end: a part of the error is spent on looking before it."""
    return confidence_at_an_end(charter)


def _inflation(charter: Charter) -> tuple[float, float]:
    """The design effect, and how many items a unit has."""
    from graftwork.core.value import planning as sample  # noqa: PLC0415 - scipy takes a second, and pages import this

    if charter.arms.unit in ("item", "reviewer"):
        return 1.0, 1.0
    items = charter.plan.items_per_unit
    return sample.design_effect(items, charter.plan.intraclass_correlation), items


def _reviewers(charter: Charter) -> int:
    return math.floor(charter.plan.reviewers * charter.population.share + 0.5)


def _items_of_a_reviewer(charter: Charter) -> float:
    """Over the whole pilot; where reviewers are drawn, `units_per_week` counts items."""
    plan = charter.plan
    return plan.items_per_unit if plan.items_per_unit > 1 else plan.units_per_week * plan.weeks / plan.reviewers


def _units_a_week(charter: Charter) -> float:
    return charter.plan.units_per_week * charter.population.share


def _weeks(charter: Charter, units: int | None) -> float | None:
    """How long `units` take to come in; people do not come in, they are there or not."""
    if units is None:
        return None
    if _draws_people(charter):
        return charter.plan.weeks if units <= _reviewers(charter) else None
    return units / _units_a_week(charter)


def _split(charter: Charter, units: int | None) -> dict[Arm, int]:
    if units is None:
        return {}
    if charter.arms.design == "before_after":
        return {"assisted": units, "control": 0}
    assisted = round(units * charter.arms.assisted)
    return {"assisted": assisted, "control": units - assisted}


def _noun(charter: Charter) -> str:
    return "items" if charter.arms.unit == "reviewer" and not _draws_people(charter) else f"{charter.arms.unit}s"


def _weeks_in_words(weeks: float) -> str:
    text = number(weeks, 0 if weeks >= 10 else 1).removesuffix(".0")
    return f"{text} week" if text == "1" else f"{text} weeks"


def _sentence(charter: Charter, needed: int, units: int, weeks: float | None, found: float | None) -> str:
    unit, noun = charter.metrics[charter.primary.metric].unit, _noun(charter)
    at = f"{percent(charter.analysis.power)} power and {percent(charter.analysis.confidence)} confidence"
    split = _split(charter, needed)
    arms = f"{count(split['assisted'])} assisted, {count(split['control'])} control"
    if charter.arms.design == "before_after":
        arms = "all with drafts, against as many times from before"
    takes = f"Finding an improvement of {size(charter.primary.minimum_effect, unit)} with {at} takes "
    parts = [f"{takes}{count(needed, noun)} ({arms})"]
    if units != needed:
        parts.append(f"; {count(units)} are planned")
    if _draws_people(charter):
        parts.append(f". {count(_reviewers(charter), noun)} take part")
    elif weeks is not None:
        a_week = f"{number(_units_a_week(charter))} a week"
        parts.append(f": {_weeks_in_words(weeks)} at {a_week}" if units == needed else f", {_weeks_in_words(weeks)}")
    finds = f"can find {size(found, unit)} or more" if found is not None else "can find nothing with that power"
    looking = "" if counts_only_at_the_end(charter) else " This is for the planned end; looking earlier is allowed."
    return "".join(parts) + f". The planned {_weeks_in_words(charter.plan.weeks)} {finds}.{looking}"
