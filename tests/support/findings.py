"""What is said of a pilot, made up by hand: for tests of whatever shows it, which need no statistics."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from graftwork.core.appraisal.data import (
    Appraisal,
    GuardFinding,
    Look,
    MetricFinding,
    MoneyFinding,
    QuantileFinding,
    Subgroup,
    Verdict,
)
from graftwork.core.charter.metrics import BY_KEY
from graftwork.core.stats import Estimate
from graftwork.core.value.results import Balance, Effect, Guarded

SENTENCE = (
    "Go: help saves 2.9 to 4.1 minutes per item, nothing that is guarded got worse, and it pays back within 12 months "
    "with a probability of 81 %."
)


def effect(difference: float | None = -210.0, unit: str = "s", **changes: Any) -> Effect:
    half = 0.17 * abs(difference) if difference else None
    relative = Estimate(-0.43, -0.5, -0.36, 1_500, "share")
    found = Effect(
        difference, None if difference is None or half is None else difference - half,
        None if difference is None or half is None else difference + half, half and half / 1.96, 0.000_01,
        278.0, 488.0, 741, 759, unit, "sequence", relative, 0.12,
    )  # fmt: skip
    return replace(found, **changes)


def appraisal(**changes: Any) -> Appraisal:
    """All parts are there; `changes` are fields of `Appraisal`."""
    time, reopened, csat = BY_KEY["handling_time"], BY_KEY["reopen_rate"], BY_KEY["csat"]
    arms = {"assisted": Estimate(278.0, 265.0, 291.0, 741, "s"), "control": Estimate(488.0, 466.0, 510.0, 759, "s")}
    shares = {
        "assisted": Estimate(0.041, 0.028, 0.058, 741, "share"),
        "control": Estimate(0.039, 0.027, 0.056, 759, "share"),
    }
    drop = effect(0.002, "share", low=-0.012, high=0.016, relative=None)
    found = Appraisal(
        verdict=Verdict("go", SENTENCE, ["The effect is larger than was wanted.", "Both guards hold."]),
        primary=MetricFinding(time, effect(), effect(method="welch"), arms),
        guards=[GuardFinding(reopened, Guarded(drop, 0.02, 0.014, True), "Reopened: not worse by more than 2 points.")],
        others=[
            MetricFinding(reopened, drop, drop, shares),
            MetricFinding(csat, effect(None, "points", trouble="too_few", relative=None), effect(None, "points"), {}),
            MetricFinding(BY_KEY["acceptance"], effect(None, "share"), effect(None, "share"),
                          {"assisted": Estimate(0.61, 0.57, 0.64, 741, "share"), "control": None}),
        ],
        history=history(),
        sensitivity=[("gaps up to 30 s", effect(-190.0)), ("gaps up to 120 s", effect(-224.0))],
        quantiles=[QuantileFinding(0.5, 240.0, 410.0, Estimate(-170.0, -190.0, -150.0, 1_500, "s"))],
        subgroups=[Subgroup("tenure", "under 3 months", effect(-260.0), differs=True)],
        balance=Balance(741, 759, 0.5, 0.64),
        money=money(),
        planned_units=1_480,
        notes=["3 times were over a day long and count as unknown."],
    )  # fmt: skip
    return replace(found, **changes)


def history(days: int = 40) -> list[Look]:
    first = date(2026, 3, 2)
    half = [700 / (at + 1) for at in range(days)]
    return [
        Look(first + timedelta(days=at), 37 * (at + 1), 210.0, 210 - half[at], 210 + half[at], at > 20)
        for at in range(days)
    ]


def money(**changes: Any) -> MoneyFinding:
    found = MoneyFinding(
        currency="EUR",
        minutes_saved_per_item=Estimate(3.5, 2.9, 4.1, 1_500, "min"),
        items_per_month=2_400.0,
        monthly_benefit=Estimate(3_190.0, 2_050.0, 4_430.0, 1_500, "EUR"),
        monthly_cost=Estimate(410.0, 380.0, 450.0, 1_500, "EUR"),
        one_off_cost=24_000.0,
        payback_months=Estimate(9.4, 6.2, 15.8, 1_500, "months"),
        payback_probability=0.81,
        payback_within_months=12.0,
        net_present_value=Estimate(52_000.0, 19_000.0, 88_000.0, 1_500, "EUR"),
        break_even_share_rewritten=0.62,
        cost_per_accepted_draft=0.91,
        net_saving_per_item=1.16,
        revenue_uplift_per_month=500.0,
        assumptions=[
            ("Cost of an hour of work", "30 to 46 EUR", "charter"),
            ("Share of saved time that becomes money", "40 to 80 %", "charter"),
        ],
        sentence="Saves 2.9 to 4.1 minutes per item; 81 % chance of paying back within 12 months.",
    )  # fmt: skip
    return replace(found, **changes)
