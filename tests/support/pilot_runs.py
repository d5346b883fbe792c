"""Many pilots, each appraised as its page would be: how often the interval that decides errs, or finds the effect."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from graftwork.core.appraisal.comparing import finding, totals
from graftwork.core.appraisal.data import MetricSums, PilotData, Running
from graftwork.core.appraisal.planning import planned_sample
from graftwork.core.value.effects import difference
from support.pilot_draws import moments

STARTED = datetime(2026, 3, 2, tzinfo=UTC)
ARMS = ("assisted", "control")
LOOKS, LOOKS_AFTER = 20, 4


@dataclass(frozen=True)
class Shares:
    """Of so many pilots, those in which the deciding interval left out 0: at any look, before the planned end, at it,
    at the end of the extension. `one_look`: those in which the interval for one look did at any look.
    """

    runs: int
    ever: float
    before: float
    end: float
    extended: float
    one_look: float


def run_pilots(charter, draw, *, pilots, per_arm, seed):
    """Twenty daily looks with `per_arm` units, the planned end, and as many units a day again in an extension of four.

    `draw(rng, units, arm)` gives values.
    """
    rng, metric = np.random.default_rng(seed), charter.metrics[charter.primary.metric]
    found = np.zeros(5)
    for _ in range(pilots):
        days = _days(rng, draw, per_arm)
        daily = [_excludes(charter, metric, days[:at], ends=LOOKS + 1, now=at) for at in range(1, LOOKS + 1)]
        end = _excludes(charter, metric, days[:LOOKS], ends=LOOKS, now=LOOKS)
        last = len(days)
        daily_after = [
            _excludes(charter, metric, days[:at], ends=last + 1, now=at) for at in range(LOOKS + 1, last + 1)
        ]
        extended = _excludes(charter, metric, days, ends=last, now=last)
        one_look = any(_one_look(metric, days[:at]) for at in range(1, last + 1))
        found += (any([*daily, end, *daily_after, extended]), any(daily), end, extended, one_look)
    return Shares(pilots, *(float(share) for share in found / pilots))


def power(charter, draw, *, pilots, seed):
    """The planned units, and the shares of pilots with exactly these in which 0 is left out at the planned end: by the
    interval that decides, and by the daily one alone.
    """
    rng, metric = np.random.default_rng(seed), charter.metrics[charter.primary.metric]
    sample = planned_sample(charter)
    found = daily = 0
    for _ in range(pilots):
        arms = {arm: moments(draw(rng, sample.per_arm[arm], arm)) for arm in ARMS}
        days = [(STARTED.date(), arms)]
        found += _excludes(charter, metric, days, ends=LOOKS, now=LOOKS)
        daily += _excludes(charter, metric, days, ends=LOOKS + 1, now=LOOKS)
    return sample.units, found / pilots, daily / pilots


def _days(rng, draw, per_arm):
    """What each day adds; days bring unlike numbers of units."""
    looks = LOOKS + LOOKS_AFTER
    parts = {}
    for arm in ARMS:
        ends = np.cumsum(rng.dirichlet(np.full(looks, 3.0)) * per_arm * looks / LOOKS).astype(int)
        parts[arm] = np.split(draw(rng, int(ends[-1]), arm), ends[:-1])
    return [
        ((STARTED + timedelta(days=at)).date(), {arm: moments(parts[arm][at]) for arm in ARMS}) for at in range(looks)
    ]


def _excludes(charter, metric, days, *, ends, now):
    """Whether the interval that decides `now` leaves out 0; `ends` and `now` are days after the start."""
    data = PilotData(
        as_of=STARTED + timedelta(days=now),
        started_at=STARTED,
        ends_at=STARTED + timedelta(days=ends),
        enrolled={},
        metrics={metric.key: MetricSums(days)},
        running=Running(0, 0, None, "EUR", 0, None),
        reviewers=0,
    )
    return leaves_out_0(finding(charter, data, metric).now)


def _one_look(metric, days):
    arms = totals(MetricSums(days))
    return leaves_out_0(difference(arms["assisted"], arms["control"], unit=metric.unit))


def leaves_out_0(effect):
    return effect.low is not None and effect.high is not None and not effect.low <= 0 <= effect.high
