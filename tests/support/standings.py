"""Pilots as the rule sees them, given by their intervals: for tests of verdicts and of the pages that show them."""

from datetime import timedelta
from typing import Any

from graftwork.core.appraisal.data import GuardFinding, MetricFinding, MoneyFinding, PilotData
from graftwork.core.appraisal.guarding import guard_sentence
from graftwork.core.appraisal.verdict import Standing
from graftwork.core.charter.metrics import BY_KEY
from graftwork.core.value.guards import non_inferior
from graftwork.core.value.results import Balance, Effect
from support.appraisals import NOT_RUNNING, STARTED, charter


def effect(
    low: float | None,
    high: float | None,
    *,
    units: tuple[int, int] = (1_204, 1_189),
    unit: str = "s",
    **changes: Any,
) -> Effect:
    """Assisted minus control, its value in the middle of the interval."""
    middle = None if low is None or high is None else (low + high) / 2
    known: dict[str, Any] = {
        "difference": middle,
        "low": low,
        "high": high,
        "standard_error": None if low is None or high is None else (high - low) / 6,
        "p_value": None,
        "assisted": None,
        "control": None,
        "units_assisted": units[0],
        "units_control": units[1],
        "unit": unit,
        "method": "sequence",
    }
    return Effect(**{**known, **changes})


def saved(low: float, high: float, **changes: Any) -> Effect:
    """Seconds saved per item: handling time is lower with drafts by that much."""
    return effect(-high, -low, **changes)


def guard(low: float | None, high: float | None, *, margin: float = 0.02, key: str = "reopen_rate") -> GuardFinding:
    """A guard with this interval of assisted minus control."""
    metric = BY_KEY[key]
    guarded = non_inferior(effect(low, high, unit=metric.unit), margin, metric.better)
    return GuardFinding(metric, guarded, guard_sentence(metric, guarded))


def money(chance: float | None = 0.81, within: float = 12) -> MoneyFinding:
    """Money of which only the payback is known."""
    return MoneyFinding("EUR", None, 0, None, None, 0, None, chance, within, None, None, None, None, 0, (), "")


def standing(
    primary: Effect | None = None,
    *,
    days: float | None = 28,
    weeks: float = 8,
    guards: list[GuardFinding] | None = None,
    balance: Balance | None = None,
    chance: float | None = 0.81,
    extensions: int = 0,
    simulated: bool = False,
    **tables: Any,
) -> Standing:
    """A pilot that goes, unless told otherwise: `days` since its start, `weeks` planned, tables of its charter."""
    made = charter(**tables)
    data = PilotData(
        as_of=STARTED + timedelta(days=days or 0),
        started_at=None if days is None else STARTED,
        ends_at=None if days is None else STARTED + timedelta(weeks=weeks),
        enrolled={"assisted": 1_250, "control": 1_240},
        metrics={},
        running=NOT_RUNNING,
        reviewers=12,
        extensions=extensions,
        simulated=simulated,
    )
    now = primary or saved(174, 246)
    finding = MetricFinding(made.metrics[made.primary.metric], now, now, {})
    held = [guard(-0.01, 0.008)] if guards is None else guards
    return Standing(made, data, finding, held, balance or Balance(1_250, 1_240, 0.5, 0.84), money(chance))
