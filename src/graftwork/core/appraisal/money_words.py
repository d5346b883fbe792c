"""What is said of a pilot's money: one sentence that holds for good and bad news alike."""

from dataclasses import dataclass
from typing import Literal

from graftwork.core.appraisal.sentences import money, probability
from graftwork.core.stats import Estimate

# not_known: no time was measured · so_far: a value, and no telling how sure · assumed: somebody asks what if
# saves, loses: the interval lies on one side of zero · open: it does not
Standing = Literal["not_known", "so_far", "assumed", "saves", "loses", "open"]


@dataclass(frozen=True, slots=True)
class Said:
    """All that the sentence goes by. `missing` says in words which cost nobody knows, "" where all are known."""

    minutes: Estimate | None
    is_assumed: bool
    all_alike: bool
    missing: str
    pays_its_running: bool | None
    chance: float | None
    within_months: float

    @property
    def standing(self) -> Standing:
        if self.minutes is None:
            return "not_known"
        if self.is_assumed:
            return "assumed"
        if self.minutes.low is None or self.minutes.high is None:
            return "so_far"
        if self.minutes.low > 0:
            return "saves"
        return "loses" if self.minutes.high < 0 else "open"


def money_sentence(said: Said, *, decided_by: str = "", is_before_after: bool = False) -> str:
    """`decided_by` names the primary metric where it is no time; a comparison before and after is said to be weaker."""
    if said.minutes is None:
        if decided_by:
            return f"This pilot is decided by {decided_by}, and no time was measured, so its money is not known."
        return "How much time a draft saves is not known yet, so neither is what it pays."
    sentence = f"{_time(said, said.minutes)}{_consequence(said)}."
    if decided_by:
        sentence += f" The pilot itself is decided by {decided_by}."
    if is_before_after and not said.is_assumed:
        sentence += " This compares with the time before, not with a control arm, which is weaker."
    return sentence


def amount(value: float, currency: str) -> str:
    """As all money is written."""
    return money(value, currency)


def _time(said: Said, minutes: Estimate) -> str:
    match said.standing:
        case "saves":
            return f"Saves {_between(minutes)} per item"
        case "loses":
            return f"Costs {_between(minutes)} more per item"
        case "open":
            return f"No saving is shown yet: an item takes {_around_zero(minutes)}"
        case "assumed":
            return (
                f"{'Would save' if minutes.value >= 0 else 'Would cost'} {_about(minutes.value)} per item, as assumed"
            )
        case _:
            why = "all times are the same" if said.all_alike else "there are too few items"
            done = "saved" if minutes.value >= 0 else "lost"
            so_far = f"{_about(minutes.value)} {done}" if _is_some(minutes.value) else "no time saved or lost"
            return f"So far {so_far} per item, and {why} to say how sure that is"


def _consequence(said: Said) -> str:
    if said.missing:
        return f"; {said.missing}, so it is not known when it pays back"
    if said.chance is None:
        return ""
    chance = f"; {probability(said.chance)} chance of paying back within {_months(said.within_months)}"
    if said.standing in ("saves", "assumed", "so_far") and said.pays_its_running is False:
        return f", which is not worth what running it costs{chance}"
    return chance


def _between(minutes: Estimate) -> str:
    assert minutes.low is not None
    assert minutes.high is not None
    low, high = sorted((abs(minutes.low), abs(minutes.high)))
    factor, unit = (60, "seconds") if high < 1 else (1, "minutes")
    return _range(low * factor, high * factor, unit)


def _around_zero(minutes: Estimate) -> str:
    assert minutes.low is not None
    assert minutes.high is not None
    in_minutes = max(abs(minutes.low), abs(minutes.high)) >= 1
    longer, less = (_about(end, in_minutes=in_minutes) for end in (minutes.low, minutes.high))
    return f"between {longer} longer and {less} less"


def _range(low: float, high: float, unit: str) -> str:
    digits = 0 if unit == "seconds" else 1
    first, last = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return f"{last} {unit}" if first == last else f"{first} to {last} {unit}"


def _about(minutes: float, *, in_minutes: bool = False) -> str:
    size = abs(minutes)
    if in_minutes or size >= 1:
        return f"{size:.1f} minutes"
    seconds = round(size * 60)
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def _is_some(minutes: float) -> bool:
    """Whether anything is left of it in whole seconds."""
    return round(abs(minutes) * 60) > 0


def _months(months: float) -> str:
    return "1 month" if months == 1 else f"{months:g} months"
