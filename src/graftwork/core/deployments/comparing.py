"""In-house, managed service and hybrid side by side: what was measured or resampled here, and what is judgement.

Judgement is the same for every company and says its reason; figures are of this use case alone. They are never mixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from graftwork.core.deployments.history import UseHistory, ZoneUse, share
from graftwork.core.deployments.judgement import ASPECTS, Aspect
from graftwork.core.deployments.spend import LEAST_DAYS, Prices, Spend, hybrid_spend, in_house_spend, managed_spend
from graftwork.core.stats import Estimate
from graftwork.core.types import Zone

# Resampled: the days of the history, drawn again. Made up: as a simulated pilot has it.
Basis = Literal["measured", "resampled", "made up", "input", "configured", "judgement", "unknown"]
# Below it, a month's spend and its band are the same amount when written.
_HARDLY_ANY_SWING = 0.005
Deployment = Literal["in_house", "managed", "hybrid"]
TITLES: dict[Deployment, str] = {"in_house": "In-house", "managed": "Managed service", "hybrid": "Hybrid"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is said, and what it rests on. `estimate` where it is a number with a count."""

    text: str
    basis: Basis
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One aspect for all three; `shared` is said once, because it is the same for each."""

    title: str
    cells: dict[Deployment, Sequence[Statement]]
    shared: Sequence[Statement] = ()


def compare(history: UseHistory, prices: Prices, engines: dict[Zone, Sequence[str]]) -> list[ComparisonRow]:
    """The aspects in the order in which they are asked for. `engines` names those that the use case declares."""
    figures = {
        "data_control": _data_control(history),
        "customisation": {},
        "set_up": _set_up(engines),
        "upkeep": _upkeep(history),
        "cost_predictability": _cost(history, prices),
        "integration": _integration(history),
    }
    shared = {"customisation": _customisation(history)}
    rows = [_row(aspect, figures[aspect.key], shared.get(aspect.key, ())) for aspect in ASPECTS]
    return [_made_up(row) for row in rows] if history.is_made_up else rows


def _made_up(row: ComparisonRow) -> ComparisonRow:
    """As it is where all that was seen are drafts of a simulated pilot."""

    def marked(found: Sequence[Statement]) -> list[Statement]:
        return [replace(one, basis="made up") if one.basis in ("measured", "resampled") else one for one in found]

    return replace(row, cells={name: marked(cell) for name, cell in row.cells.items()}, shared=marked(row.shared))


def _row(aspect: Aspect, figures: dict[Deployment, list[Statement]], shared: Sequence[Statement]) -> ComparisonRow:
    judged: dict[Deployment, str] = {
        "in_house": aspect.in_house, "managed": aspect.managed, "hybrid": aspect.hybrid,
    }  # fmt: skip
    cells: dict[Deployment, Sequence[Statement]] = {
        name: [*figures.get(name, []), Statement(judged[name], "judgement")] for name in TITLES
    }
    return ComparisonRow(aspect.title, cells, shared)


def _data_control(history: UseHistory) -> dict[Deployment, list[Statement]]:
    local, managed, every = history.zone("local"), history.zone("managed"), history.drafts
    if not every:
        return {}
    stayed = Statement("of drafts were written on own machines", "measured", share(local.drafts, every))
    left = Statement("of drafts were written by a managed service", "measured", share(managed.drafts, every))
    masked = [
        Statement("of those had their personal data masked first", "measured", share(managed.masked, of))
        for of in [managed.drafts]
        if of
    ]
    found: dict[Deployment, list[Statement]] = {"in_house": [stayed], "managed": [left, *masked]}
    if local.drafts and managed.drafts:
        found["hybrid"] = [Statement("this use case is a hybrid now", "measured")]
    return found


def _customisation(history: UseHistory) -> list[Statement]:
    if not history.drafts:
        return []
    versions = f"{history.versions} version{'s' if history.versions != 1 else ''} of model, instructions and settings"
    return [
        Statement(f"{versions} wrote drafts in this time", "measured"),
        Statement("of drafts drew on own documents", "measured", share(history.grounded, history.drafts)),
    ]


def _set_up(engines: dict[Zone, Sequence[str]]) -> dict[Deployment, list[Statement]]:
    local, managed = engines.get("local", ()), engines.get("managed", ())

    def declared(names: Sequence[str]) -> Statement:
        text = f"ready: the use case declares {', '.join(names)}" if names else "no such engine is declared yet"
        return Statement(text, "configured")

    both = "ready: both kinds are declared" if local and managed else "one kind of engine is still missing"
    return {
        "in_house": [declared(local)],
        "managed": [declared(managed)],
        "hybrid": [Statement(both, "configured")],
    }


def _upkeep(history: UseHistory) -> dict[Deployment, list[Statement]]:
    def models(zone: ZoneUse) -> list[Statement]:
        if not zone.drafts:
            return []
        number = len(zone.models)
        return [Statement(f"{number} model{'s' if number != 1 else ''} served {zone.drafts:,} drafts", "measured")]

    return {"in_house": models(history.zone("local")), "managed": models(history.zone("managed"))}


def _integration(history: UseHistory) -> dict[Deployment, list[Statement]]:
    def waited(zone: ZoneUse) -> list[Statement]:
        seconds = zone.mean_seconds
        return [] if seconds is None else [Statement("until a draft is whole, on average", "measured", seconds)]

    return {"in_house": waited(history.zone("local")), "managed": waited(history.zone("managed"))}


def _cost(history: UseHistory, prices: Prices) -> dict[Deployment, list[Statement]]:
    machine, tokens = _missing_of_machines(prices), _missing_of_tokens(history, prices)
    managed, hybrid = managed_spend(history.days, prices), hybrid_spend(history.days, prices)
    return {
        "in_house": [*_spend(in_house_spend(prices), machine, "input"), *_busy(history)],
        "managed": _spend(managed, tokens, "resampled"),
        "hybrid": _spend(hybrid, [*tokens, *machine], "resampled"),
    }


def _missing_of_machines(prices: Prices) -> list[str]:
    hours = [] if prices.machine_hours_per_month else ["the machine hours a month"]
    return [*hours, *([] if prices.cost_per_machine_hour else ["what a machine hour costs"])]


def _missing_of_tokens(history: UseHistory, prices: Prices) -> list[str]:
    missing = []
    if len(history.days) < LEAST_DAYS:
        missing.append(f"{LEAST_DAYS} whole days with drafts (there are {len(history.days)})")
    elif not any(day.counted for day in history.days):
        missing.append("counts of tokens")
    if prices.prompt_per_million is None:
        missing.append("what a million prompt tokens cost")
    if prices.answer_per_million is None:
        missing.append("what a million answer tokens cost")
    return missing


def _spend(spend: Spend | None, missing: Sequence[str], basis: Basis) -> list[Statement]:
    if spend is None:
        return [Statement(f"a month's spend; missing: {', '.join(missing)}", "unknown")]
    month = Statement("a month", basis, spend.month)
    if spend.swing is None:
        return [month]
    if not spend.swing:
        return [month, Statement("the same every month, whatever comes in", basis)]
    if spend.swing < _HARDLY_ANY_SWING:
        alone = replace(spend.month, low=None, high=None)
        return [replace(month, estimate=alone), Statement("nearly the same every month", basis)]
    return [month, Statement(f"nine months of ten stay within {spend.swing * 100:.0f} % of the median", basis)]


def _busy(history: UseHistory) -> list[Statement]:
    """How much of a machine the drafts would take, as measured on own machines; at most, as several run at once."""
    seconds = history.zone("local").mean_seconds
    if seconds is None or not history.days:
        return []
    a_month = sum(day.drafts for day in history.days) / len(history.days) * 30
    hours = a_month * seconds.value / 3_600
    text = f"{hours:,.1f} machine hours a month at most for all drafts, one after the other"
    return [Statement(text, "measured")]
