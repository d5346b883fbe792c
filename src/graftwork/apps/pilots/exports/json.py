"""The figures of a pilot as one object, for programs. Every number goes with its unit, count, interval and method.

The schema is stable: within `graftwork.pilot-figures/1` keys are added, never renamed or removed. What is unknown is
null. An effect is assisted minus control.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from graftwork import __version__
from graftwork.apps.pilots.exports.canonical import canonical
from graftwork.apps.pilots.models import Amendment, Decision, Pilot
from graftwork.apps.pilots.seeds import Seeds, seeds_of
from graftwork.core.appraisal.data import (
    Appraisal,
    GuardFinding,
    Look,
    MetricFinding,
    MoneyFinding,
    QuantileFinding,
    Subgroup,
)
from graftwork.core.charter.metrics import Metric
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Balance, Effect

SCHEMA = "graftwork.pilot-figures/1"
_SIMULATION = "simulation"


def figures_json(pilot: Pilot, appraisal: Appraisal, as_of: datetime) -> dict[str, Any]:
    """All that `appraisal` says of `pilot` as it stood at `as_of`, with the charter that it is held against."""
    return {
        "schema": SCHEMA,
        "graftwork": __version__,
        "as_of": iso(as_of),
        "simulated": pilot.simulated,
        "pilot": about(pilot),
        "charter": pilot.as_charter.model_dump(mode="json"),
        "charter_sha256": pilot.charter_sha256 or None,
        "baseline": _baseline(pilot),
        "amendments": [_amendment(one) for one in pilot.amendments.order_by("number")],
        "decisions": [_decision(one) for one in pilot.decisions.order_by("decided_at", "pk")],
        **_findings(appraisal),
        "seeds": _seeds(seeds_of(pilot)),
    }


def about(pilot: Pilot) -> dict[str, Any]:
    """What a list of pilots tells of each."""
    charter = pilot.as_charter
    return {
        "name": pilot.name,
        "title": charter.title,
        "use_case": pilot.use_case,
        "state": str(pilot.state),
        "simulated": pilot.simulated,
        "design": charter.arms.design,
        "unit": charter.arms.unit,
        "primary_metric": charter.primary.metric,
        "created_at": iso(pilot.created_at),
        "started_at": iso(pilot.started_at),
        "ends_at": iso(pilot.ends_at),
        "ended_at": iso(pilot.ended_at),
    }


def iso(time: datetime | date | None) -> str | None:
    """ISO 8601; a time in UTC, to the second."""
    if isinstance(time, datetime):
        return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return time.isoformat() if time else None


def _findings(appraisal: Appraisal) -> dict[str, Any]:
    unit = appraisal.primary.metric.unit
    method = appraisal.primary.now.method
    return {
        "verdict": {
            "ruling": appraisal.verdict.ruling,
            "sentence": appraisal.verdict.sentence,
            "reasons": list(appraisal.verdict.reasons),
        },
        "primary": _metric_finding(appraisal.primary),
        "guards": [_guard(one) for one in appraisal.guards],
        "others": [_metric_finding(one) for one in appraisal.others],
        "history": [_look(one, unit, method, appraisal.primary.now.confidence) for one in appraisal.history],
        "sensitivity": [{"what": what, "effect": _effect(effect)} for what, effect in appraisal.sensitivity],
        "quantiles": [_quantile(one, unit) for one in appraisal.quantiles],
        "subgroups": [_subgroup(one) for one in appraisal.subgroups],
        "balance": _balance(appraisal.balance),
        "money": _money(appraisal.money),
        "planned_units": appraisal.planned_units,
        "notes": list(appraisal.notes),
    }


def _baseline(pilot: Pilot) -> dict[str, Any] | None:
    """The file with the times of before that was imported last."""
    if not pilot.baseline_sha256:
        return None
    return {
        "sha256": pilot.baseline_sha256, "imported_at": iso(pilot.baseline_imported_at),
        "times": pilot.baseline.count(),
    }  # fmt: skip


def _seeds(found: Seeds) -> dict[str, Any]:
    """Drafts with a planted mistake, and how many of those that were decided on were noticed."""
    return {"planted": found.planted, "shown": found.shown, "noticed": _estimate(found.noticed, "wilson")}


def _amendment(one: Amendment) -> dict[str, Any]:
    return {
        "number": one.number,
        "amended_at": iso(one.amended_at),
        "reason": one.reason,
        "changes": one.changes,
        "charter_sha256": one.charter_sha256,
    }


def _decision(one: Decision) -> dict[str, Any]:
    """The figures on which it rested are named by their digest: they hold all decisions before it."""
    return {
        "kind": one.kind,
        "decided_at": iso(one.decided_at),
        "reason": one.reason,
        "figures_sha256": hashlib.sha256(canonical(one.figures)).hexdigest() if one.figures else None,
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "key": metric.key,
        "title": metric.title,
        "unit": metric.unit,
        "better": metric.better,
        "count": metric.count,
        "definition": metric.definition,
        "source": metric.source,
    }


def _metric_finding(found: MetricFinding) -> dict[str, Any]:
    return {
        "metric": _metric(found.metric),
        "now": _effect(found.now),
        "planned": _effect(found.planned),
        "arms": {arm: _estimate(found.arms.get(arm), "arm") for arm in ("assisted", "control")},
        "others": [_effect(one) for one in found.others],
    }


def _guard(found: GuardFinding) -> dict[str, Any]:
    unit = found.metric.unit
    return {
        "metric": _metric(found.metric),
        "effect": _effect(found.guarded.effect),
        "margin": {"value": _known(found.guarded.margin), "unit": unit},
        "worse_by": {"value": _known(found.guarded.worse_by), "unit": unit},
        "holds": found.guarded.holds,
        "sentence": found.sentence,
    }


def _look(look: Look, unit: str, method: str, confidence: float) -> dict[str, Any]:
    return {
        "day": iso(look.day),
        "improvement": {
            "value": _known(look.improvement), "low": _known(look.low), "high": _known(look.high), "unit": unit,
            "n": look.units, "method": method, "confidence": confidence,
        },
        "met": look.met,
    }  # fmt: skip


def _quantile(found: QuantileFinding, unit: str) -> dict[str, Any]:
    return {
        "quantile": found.quantile,
        "unit": unit,
        "assisted": _known(found.assisted),
        "control": _known(found.control),
        "difference": _estimate(found.difference, "bootstrap"),
    }


def _subgroup(found: Subgroup) -> dict[str, Any]:
    return {
        "dimension": found.dimension,
        "value": found.value,
        "effect": _effect(found.effect),
        "differs": found.differs,
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "n_assisted": balance.assisted,
        "n_control": balance.control,
        "expected_share_assisted": balance.expected_share,
        "p_value": _known(balance.p_value),
        "alarm_below": balance.alarm_below,
        "alarms": bool(balance.alarms),
        "method": "chi_square",
    }


def _money(money: MoneyFinding) -> dict[str, Any]:
    a_month = f"{money.currency}/month"
    return {
        "currency": money.currency,
        "sentence": money.sentence,
        "minutes_saved_per_item": _estimate(money.minutes_saved_per_item, _SIMULATION),
        "monthly_benefit": _estimate(money.monthly_benefit, _SIMULATION),
        "monthly_cost": _estimate(money.monthly_cost, _SIMULATION),
        "payback_months": _estimate(money.payback_months, _SIMULATION),
        "net_present_value": _estimate(money.net_present_value, _SIMULATION),
        "payback_probability": {"value": _known(money.payback_probability), "unit": "probability",
                                "within_months": _known(money.payback_within_months), "method": _SIMULATION},
        "items_per_month": _figure(money.items_per_month, "items/month"),
        "one_off_cost": _figure(money.one_off_cost, money.currency),
        "break_even_share_rewritten": _figure(money.break_even_share_rewritten, "share"),
        "cost_per_accepted_draft": _figure(money.cost_per_accepted_draft, money.currency),
        "net_saving_per_item": _figure(money.net_saving_per_item, money.currency),
        "revenue_uplift_per_month": _figure(money.revenue_uplift_per_month, a_month),
        "assumptions": [{"what": what, "value": value, "source": source} for what, value, source in money.assumptions],
    }  # fmt: skip


def _figure(value: float | None, unit: str) -> dict[str, Any]:
    """One number that is computed from others, without an interval of its own."""
    return {"value": _known(value), "unit": unit, "method": "computed"}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "value": _known(effect.difference),
        "low": _known(effect.low),
        "high": _known(effect.high),
        "unit": effect.unit,
        "n": int(effect.units_assisted) + int(effect.units_control),
        "n_assisted": int(effect.units_assisted),
        "n_control": int(effect.units_control),
        "method": effect.method,
        "confidence": _known(effect.confidence),
        "standard_error": _known(effect.standard_error),
        "p_value": _known(effect.p_value),
        "assisted": _known(effect.assisted),
        "control": _known(effect.control),
        "relative": _estimate(effect.relative, effect.method),
        "variance_taken_away": _known(effect.adjustment),
        "trouble": effect.trouble,
    }


def _estimate(estimate: Estimate | None, method: str) -> Mapping[str, Any] | None:
    if estimate is None:
        return None
    return {
        "value": _known(estimate.value),
        "low": _known(estimate.low),
        "high": _known(estimate.high),
        "unit": estimate.unit,
        "n": int(estimate.n),
        "method": method,
        "confidence": _known(estimate.confidence),
    }


def _known(value: float | None) -> float | None:
    """JSON has no infinity; a payback that never comes is unknown, and the sentence beside it says why."""
    return float(value) if value is not None and math.isfinite(value) else None
