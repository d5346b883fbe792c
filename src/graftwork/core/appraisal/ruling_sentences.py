"""A ruling in one sentence, and the parts of the rule in a sentence each."""

from collections.abc import Mapping, Sequence
from datetime import date

from graftwork.core.appraisal.confidence import counts_only_at_the_end
from graftwork.core.appraisal.data import Decided, Ruling, Verdict
from graftwork.core.appraisal.guarding import least_worse
from graftwork.core.appraisal.sentences import (
    TROUBLES,
    behind,
    change,
    count,
    is_known,
    number,
    percent,
    probability,
    size,
    sure,
)
from graftwork.core.appraisal.verdict import LEAST_DAYS, Standing, ruling

# What the rule said, for a sentence about a pilot that is over.
RULINGS: Mapping[Ruling, str] = {
    "go": "go",
    "extend": "extend",
    "stop": "stop",
    "early": "too early to say",
    "watch": "watch",
    "invalid": "the arms are not comparable",
}


def verdict(at: Standing, *, what_if: bool = False) -> Verdict:
    """The ruling with its sentence and reasons. Simulated pilots say so first, then those with other assumptions."""
    found = ruling(at)
    marks = ("Simulated: " if at.data.simulated else "") + ("What if: " if what_if else "")
    return Verdict(found, marks + _sentence(at, found), reasons(at))


def decision_sentence(decided: Decided, ruling: Ruling) -> str:
    """`Stopped on 3 May 2026; the rule said: go.`"""
    done = "Stopped" if decided.kind == "stop" else "Decided to go"
    return f"{done} on {_date(decided.day)}; the rule said: {RULINGS[ruling]}."


def _sentence(at: Standing, found: Ruling) -> str:
    if at.data.decided is not None:
        rests = "The arms are not comparable" if found == "invalid" else _changed(at)
        return f"{decision_sentence(at.data.decided, found)} {rests}."
    say = {
        "invalid": _invalid,
        "early": _early,
        "go": _go,
        "stop": _stop,
        "extend": _extend,
        "watch": _watch,
    }[found]
    return say(at)


def _changed(at: Standing) -> str:
    """What drafts change, with what it rests on."""
    return f"{change(at.primary.metric, at.improvement)} ({behind(at.primary.now, at.noun)})"


def _invalid(at: Standing) -> str:
    shares = at.balance
    return (
        f"The arms are not comparable: {count(shares.assisted)} assisted and {count(shares.control, at.noun)} in "
        f"control where {percent(shares.expected_share)} assisted were planned ({_chance(shares.p_value)} by chance), "
        "so no figure counts until that is explained."
    )


def _chance(p_value: float | None) -> str:
    if p_value is None or p_value < 1e-6:
        return "less than once in a million"
    return f"about once in {count(1 / p_value)}"


def _early(at: Standing) -> str:
    if at.days is None:
        return "The pilot has not started, so there is nothing to say yet."
    return f"Too early to say: {'; '.join(_missing(at))}."


def _missing(at: Standing) -> list[str]:
    """What keeps it early."""
    parts = []
    if at.days is not None and at.days < LEAST_DAYS:
        parts.append(f"{count(max(0, int(at.days)), 'days')} of at least {LEAST_DAYS}")
    if at.units < at.least_units:
        parts.append(f"{count(at.units, at.noun)} of at least {at.least_units} in the smaller arm")
    return parts


def _go(at: Standing) -> str:
    held = ("there is no guard to hold", "the guard holds", "every guard holds")[min(2, len(at.guards))]
    return f"{_changed(at)}, {held}, and {_pays_back(at)}: go."


def _pays_back(at: Standing) -> str:
    months = f"{number(at.money.payback_within_months)} months"
    chance = at.money.payback_probability
    if not is_known(chance):
        return f"whether it pays back within {months} is unknown"
    return f"it pays back within {months} with a probability of {probability(chance)}"


def _stop(at: Standing) -> str:
    if at.broken:
        return f"{_broken(at)}: stop."
    if at.harms:
        return f"{_changed(at)}: stop, they make it worse."
    if at.hopeless and not at.too_early:
        least = size(at.charter.primary.minimum_effect, at.primary.metric.unit)
        return f"{_changed(at)}, and {least} would be worth having: stop."
    after = f" after {count(at.data.extensions, 'extensions')}" if at.data.extensions else ""
    return f"{_changed(at)}, and the planned end has passed{after} without what it takes to go ({_open(at)}): stop."


def _broken(at: Standing) -> str:
    first = at.broken[0]
    least = size(least_worse(first.metric, first.guarded), first.metric.unit)
    margin = size(first.guarded.margin, first.metric.unit)
    others = len(at.broken) - 1
    more = f", and {count(others, 'other guards')} {'is' if others == 1 else 'are'} broken too" if others else ""
    rests = behind(first.guarded.effect, at.noun)
    return f"{first.metric.title} is at least {least} worse with drafts, beyond the margin of {margin} ({rests}){more}"


def _extend(at: Standing) -> str:
    weeks = f"{number(at.charter.decide.extend_weeks)} weeks"
    left = count(at.extensions_left, "extensions")
    return f"{_changed(at)}, which leaves it open at the planned end ({_open(at)}): extend by {weeks} ({left} left)."


def _watch(at: Standing) -> str:
    if counts_only_at_the_end(at.charter):
        why = "reviewers were drawn" if at.charter.arms.unit == "reviewer" else "there is no control arm"
        return f"{_changed(at)}; because {why}, this counts only at the planned end: watch."
    return f"{_changed(at)}, which does not decide it yet ({_open(at)}): watch."


def _open(at: Standing) -> str:
    """What is missing for a go."""
    parts = _missing(at)
    if not at.works:
        parts.append(f"no sure improvement of about {size(at.charter.primary.minimum_effect, at.primary.metric.unit)}")
    parts += [f"{guard.metric.title.lower()} not known yet" for guard in at.open_guards]
    if not at.pays:
        parts.append(_pays_back(at))
    return "; ".join(parts)


def reasons(at: Standing) -> Sequence[str]:
    """Each part of the rule in a sentence, in the rule's order."""
    return (
        *_of_balance(at),
        *_of_length(at),
        *_of_effect(at),
        *_of_target(at),
        *(guard.sentence for guard in at.guards),
        *_of_money(at),
        *_of_end(at),
    )


def _of_balance(at: Standing) -> list[str]:
    if at.charter.arms.design == "before_after":
        return ["There is no control arm, so there is no balance to check, and every comparison is weaker."]
    if at.balance.p_value is None:
        return ["Whether the arms are as large as planned is not known yet."]
    state = "are not as large as planned" if at.balance.alarms else "are as large as chance allows"
    counts = f"{count(at.balance.assisted)} assisted, {count(at.balance.control, at.noun)} in control"
    return [f"The arms {state}: {counts}, {percent(at.balance.expected_share)} assisted planned."]


def _of_length(at: Standing) -> list[str]:
    if at.days is None:
        return ["The pilot has not started."]
    if at.too_early:
        return [f"Too early: {'; '.join(_missing(at))}."]
    days, units = count(int(at.days), "days"), count(at.units, at.noun)
    return [f"Long enough: {days}, {units} in the smaller arm."]


def _of_effect(at: Standing) -> list[str]:
    if at.primary.now.difference is None or at.improvement.low is None:
        return [f"How large the improvement is cannot be said: {TROUBLES[at.primary.now.trouble]}."]
    metric = at.primary.metric
    where = "lies above 0" if at.improvement.low > 0 else "does not lie above 0"
    minimum = size(at.charter.primary.minimum_effect, metric.unit)
    value = _signed(at.improvement.value, metric.unit)
    rests = behind(at.primary.now, at.noun)
    likeliest = f"its likeliest value is {value}, and at least {minimum} was wanted"
    found = [f"The interval of the improvement {where} ({rests}); {likeliest}."]
    if at.hopeless:
        found.append(f"At most {size(at.improvement.high, metric.unit)} is likely, which is less than wanted.")
    if counts_only_at_the_end(at.charter) and not at.ended:
        found.append(f"This is {sure(at.primary.now)} alone, so it does not count before.")
    return found


def _of_target(at: Standing) -> list[str]:
    """The target decides nothing; people ask for it all the same."""
    target, found = at.charter.primary.target, at.improvement
    if target is None or found.value is None:
        return []
    told = f"The target of {size(target, at.primary.metric.unit)}"
    likeliest = _signed(found.value, at.primary.metric.unit)
    if found.low is None or found.high is None:
        reached = "at or above" if found.value >= target else "below"
        return [f"{told}: the improvement stands {reached} it, at {likeliest}, without an interval to say how sure."]
    if found.low >= target:
        told = f"{told} is met by the whole interval"
    elif found.value >= target:
        told = f"{told} is met by the likeliest value, {likeliest}, and not by the whole interval"
    elif found.high < target:
        told = f"{told} is missed by the whole interval"
    else:
        told = f"{told} is not met by the likeliest value, {likeliest}, and still within the interval"
    early = counts_only_at_the_end(at.charter) and not at.ended
    return [f"{told}; this counts only at the planned end." if early else f"{told}."]


def _signed(value: float | None, unit: str) -> str:
    return size(value, unit) if value is None or value >= 0 else f"{size(-value, unit)} worse"


def _of_money(at: Standing) -> list[str]:
    wanted = percent(at.charter.decide.payback_probability)
    sentence = _pays_back(at)
    return [f"{sentence[0].upper()}{sentence[1:]}; {wanted} was wanted."]


def _of_end(at: Standing) -> list[str]:
    if at.data.started_at is None or at.data.ends_at is None:
        return []
    if at.data.decided is not None:
        return [f"The reason given: {at.data.decided.reason}"]
    left = count(at.extensions_left, "extensions")
    if at.data.paused:
        return [f"The pilot is paused: the planned end, {_day(at)}, moves by as long as the pause is; {left} left."]
    if at.ended:
        return [f"The planned end, {_day(at)}, has passed; {left} left."]
    return [f"The planned end is {_day(at)}; {left} left."]


def _day(at: Standing) -> str:
    end = at.data.ends_at
    return "unknown" if end is None else _date(end.date())


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
