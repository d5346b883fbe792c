"""What of a charter may change after the start, and why the rest may not.

The figures of a pilot are worth something because nobody could choose, after seeing them, what they would be compared
with. So what is measured, against what, and by which rule it is judged stays; circumstances may change, with a date
and a reason.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from graftwork.core.charter.schema import Charter
from graftwork.core.errors import AmendmentRefused

# An amendment may be about the file with the times of before, by its digest; no key of the charter is called so.
BASELINE_FILE = "baseline_file"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. `key` is a dotted path; lists are one value. As JSON has it."""

    key: str
    before: Any
    after: Any


def changes(before: Charter, after: Charter) -> list[Change]:
    """In the order of the charter's keys."""
    return list(_changes("", before, after))


def as_fixed(fixed: Charter, charter: Charter) -> Charter:
    """`charter` with the sample size that the start computed, where it leaves that open as before the start."""
    if charter.plan.units is not None:
        return charter
    return charter.model_copy(update={"plan": charter.plan.model_copy(update={"units": fixed.plan.units})})


def undone(charter: Charter, made: Iterable[Mapping[str, Any]]) -> Charter:
    """The charter before the changes `made`, each with `key` and `before`, newest first."""
    data = charter.model_dump(mode="json")
    for change in made:
        if change["key"] == BASELINE_FILE:
            continue
        *parents, last = str(change["key"]).split(".")
        table = data
        for parent in parents:
            table = table[parent]
        table[last] = change["before"]
    return Charter.model_validate(data)


def check_amendment(before: Charter, after: Charter) -> list[Change]:
    """The changes, where all of them may be made after the start. Raises `AmendmentRefused` for the first that not."""
    found = changes(before, after)
    for change in found:
        if reason := _refusal(change.key, before, after):
            raise AmendmentRefused(change.key, reason)
    return found


def amendable() -> dict[str, list[str]]:
    """What may become of which keys after the start, for the reference."""
    words = {**dict.fromkeys(sorted(_FREE), "may change"), **_ONE_WAY_WORDS}
    words |= {key: f"stays: {reason}" for key, reason in _REASONS.items()}
    found: dict[str, list[str]] = {}
    for key, text in words.items():
        found.setdefault(text, []).append(key)
    return found


def _refusal(key: str, before: Charter, after: Charter) -> str:
    """Why `key` may not change as it does; empty where it may."""
    for place in _upwards(key):
        if place in _ONE_WAY:
            return _ONE_WAY[place](before, after)
        if place in _FREE:
            return ""
        if place in _REASONS:
            return _REASONS[place]
    return "it was said before the start, and stays on record"


def _upwards(key: str) -> list[str]:
    """`a.b.c`, `a.b`, `a`."""
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _changes(path: str, before: BaseModel, after: BaseModel) -> list[Change]:
    found: list[Change] = []
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    for key in type(before).model_fields:
        one, other = getattr(before, key), getattr(after, key)
        if one == other:
            continue
        if isinstance(one, BaseModel) and type(one) is type(other):
            found += _changes(f"{path}{key}.", one, other)
        else:
            found.append(Change(f"{path}{key}", old[key], new[key]))
    return found


# Circumstances: they explain the figures, or say what these are worth, and the page shows them with their date.
_FREE = frozenset(
    {
        "title", "problem", "pain_point", "owner", "llm_operations", "team", "budget", "money", "risks", "change",
        "measurable_return_months", "population.description", "population.reviewers_department",
        "plan.units_per_week", "plan.reviewers", "seeds.statements",
    }
)  # fmt: skip

_REASONS = {
    "name": "it names the pilot in every record",
    "use_case": "the items counted so far are those of another use case",
    "population.only": "items that take part would differ before and after the change",
    "money.currency": "what was spent and said so far is in the old one; start another pilot for another one",
    "arms": "units would move from one arm to the other, and the arms could not be compared any more",
    "primary": "what decides, and from when on it is worth having, has to be said before the figures are seen",
    "analysis": "how sure is sure enough has to be said before the figures are seen",
    "rules": "events counted so far would mean something else",
    "item_types": "items counted so far were sorted by the old kinds",
    "decide": "the rule for go, extend and stop has to be said before the figures are seen",
    "plan": "what else was assumed before the start stays on record",
}


def _larger_share(before: Charter, after: Charter) -> str:
    shrinks = after.population.share < before.population.share
    return "units that take part would drop out; a larger share may come in" if shrinks else ""


def _longer(before: Charter, after: Charter) -> str:
    shorter = after.plan.weeks < before.plan.weeks
    return "a shorter plan could end on a lucky day; decide go or stop instead, which is possible on any day" * shorter


def _more_units(before: Charter, after: Charter) -> str:
    fewer = (after.plan.units or 0) < (before.plan.units or 0)
    return "a smaller sample could end on a lucky day; a larger one may be planned" * fewer


def _fewer_seeds(before: Charter, after: Charter) -> str:
    more = after.seeds.share > before.seeds.share
    return "more seeded drafts would change what the assisted arm works with; fewer may be" * more


def _stricter_guards(before: Charter, after: Charter) -> str:
    new = {guard.metric: guard.margin for guard in after.guards}
    for guard in before.guards:
        if new.get(guard.metric, float("inf")) > guard.margin:
            return f"`{guard.metric}` would be guarded less; guards may only be added, and margins made smaller"
    return ""


def _more_outcomes(before: Charter, after: Charter) -> str:
    kept = set(before.outcomes) <= set(after.outcomes)
    return "" if kept else "an outcome that may have been told would be dropped or mean something else; add a new one"


_ONE_WAY_WORDS = {
    "population.share": "may become larger",
    "plan.weeks": "may become longer",
    "plan.units": "may become larger",
    "seeds.share": "may become smaller",
    "guards": "may be added, and their margins become smaller",
    "outcomes": "may be added",
}
_ONE_WAY: dict[str, Callable[[Charter, Charter], str]] = {
    "population.share": _larger_share,
    "plan.weeks": _longer,
    "plan.units": _more_units,
    "seeds.share": _fewer_seeds,
    "guards": _stricter_guards,
    "outcomes": _more_outcomes,
}
