"""What is known of a pilot, read from its sums alone: as fast after ten million reviews as after ten."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from django.db import OperationalError
from django.db.models import Count, F, FloatField, Max, Min, Sum, Value
from django.db.models.functions import Least
from django.utils import timezone

from graftwork.apps.pilots.folding.actions import fold
from graftwork.apps.pilots.folding.contributions import PEOPLE
from graftwork.apps.pilots.folding.rebuilding import is_rebuilding
from graftwork.apps.pilots.models import BaselineTime, Bin, Cell, Due, Oddity, Pilot, PilotState, SegmentCell
from graftwork.core.appraisal.data import Appraisal, Arm, ByArm, Decided, MetricSums, PilotData, Running
from graftwork.core.appraisal.measuring import DECIDED, DRAFT_COST, DRAFT_MS, DRAFT_TOKENS, DRAFTS, ENROLLED
from graftwork.core.appraisal.what_if import WhatIf
from graftwork.core.charter.metrics import HANDLING_TIME
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import NAMES, Moments

# What a page brings up to date before it shows: enough for what one team decides between two looks.
_CAUGHT_UP_BY_A_PAGE = 300
_REVIEWER = "reviewer"
_ARMS: tuple[Arm, Arm] = ("assisted", "control")

Days = Mapping[str, list[tuple[date, ByArm]]]
Parts = Mapping[str, Mapping[str, Mapping[str, ByArm]]]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How many items are not in the sums yet, since when the oldest waits, and whether the sums are made anew."""

    waiting: int
    since: datetime | None
    rebuilding: bool


def pilot_data(pilot: Pilot, now: datetime) -> PilotData:
    """Everything that is known of a pilot, from its sums; a handful of queries, whatever its size."""
    charter = pilot.as_charter
    days, parts, bins = _days(pilot), _parts(pilot), _bins(pilot)
    sums = {metric: _metric_sums(metric, days, parts, bins) for metric in charter.metrics}
    baseline, baseline_days = _baseline(pilot, charter)
    return PilotData(
        as_of=now if pilot.ended_at is None else min(now, pilot.ended_at),
        started_at=pilot.started_at,
        ends_at=pilot.ends_at,
        enrolled=_enrolled(charter, days, parts),
        metrics=sums,
        running=_running(charter, days),
        reviewers=sum(number != 0 for number in sums["escalations"].clusters),
        extensions=pilot.decisions.filter(kind="extend").count(),
        simulated=pilot.simulated,
        baseline=baseline,
        baseline_days=baseline_days,
        oddities=dict(Oddity.objects.filter(pilot=pilot, count__gt=0).order_by("code").values_list("code", "count")),
        amendments=pilot.amendments.count(),
        paused=pilot.state == PilotState.PAUSED,
        ended_at=pilot.ended_at,
        items=_items(days, ENROLLED),
        settled=_items(days, DECIDED),
        tenure_people=_tenure_people(parts),
        decided=_decided(pilot),
    )


def appraised(pilot: Pilot, now: datetime, what_if: WhatIf | None = None) -> Appraisal:
    """What the pilot shows as of its sums. `catch_up` first where somebody looks at it."""
    from graftwork.core.appraisal.appraise import appraise  # noqa: PLC0415 - loads scipy, which takes two seconds

    return appraise(pilot.as_charter, pilot_data(pilot, now), what_if)


def catch_up(pilot: Pilot, now: datetime) -> None:
    """Bring what a person has just decided into the sums; where another process is at it, leave it to that."""
    if not Due.objects.filter(pilot=pilot, due_at__lte=now).exists():
        return
    try:
        fold(pilot, now, _CAUGHT_UP_BY_A_PAGE, wait=False)
    except OperationalError:  # the store is busy: the page shows what is there, and `freshness` says what waits
        return


def freshness(pilot: Pilot, now: datetime | None = None) -> Freshness:
    """What the figures do not know yet."""
    now = now or timezone.now()
    due = Due.objects.filter(pilot=pilot, due_at__lte=now)
    found = due.aggregate(waiting=Count("item", distinct=True), since=Min("due_at"))
    return Freshness(found["waiting"], found["since"], is_rebuilding(pilot, now))


def enrolled_units(pilot: Pilot) -> dict[Arm, int]:
    """Units in each arm: for reviewers drawn, those who have decided on something."""
    charter = pilot.as_charter
    if charter.arms.unit == _REVIEWER:
        return _enrolled(charter, {}, _parts(pilot, metric=ENROLLED))
    return _enrolled(charter, _days(pilot, metric=ENROLLED), {})


def _metric_sums(metric: str, days: Days, parts: Parts, bins: Mapping[Arm, Mapping[int, int]]) -> MetricSums:
    segments = parts.get(metric, {})
    return MetricSums(
        days=days.get(metric, []),
        clusters={int(number): arms for number, arms in segments.get(_REVIEWER, {}).items()},
        segments={dimension: by_value for dimension, by_value in segments.items() if dimension != _REVIEWER},
        bins=bins if metric == HANDLING_TIME else {},
    )


def _days(pilot: Pilot, metric: str | None = None) -> dict[str, list[tuple[date, ByArm]]]:
    """{metric: what each day added}. A day without units may add to units of earlier days."""
    rows = Cell.objects.filter(pilot=pilot, **({"metric": metric} if metric else {})).exclude(units=0, d=0)
    days: defaultdict[str, defaultdict[date, dict[Arm, Moments]]] = defaultdict(lambda: defaultdict(dict))
    for key, day, arm, *terms in rows.values_list("metric", "day", "arm", *NAMES):
        days[key][day][cast("Arm", arm)] = Moments(*terms)
    return {key: sorted(by_day.items()) for key, by_day in days.items()}


def _parts(pilot: Pilot, metric: str | None = None) -> Parts:
    """{metric: {dimension: {value: sums by arm}}}."""
    rows = SegmentCell.objects.filter(pilot=pilot, units__gt=0, **({"metric": metric} if metric else {}))
    parts: dict[str, dict[str, dict[str, dict[Arm, Moments]]]] = {}
    for key, dimension, value, arm, *terms in rows.order_by("dimension", "value").values_list(
        "metric", "dimension", "value", "arm", *NAMES
    ):
        by_value = parts.setdefault(key, {}).setdefault(dimension, {})
        by_value.setdefault(value, {})[cast("Arm", arm)] = Moments(*terms)
    return cast("Parts", parts)


def _bins(pilot: Pilot) -> dict[Arm, dict[int, int]]:
    bins: dict[Arm, dict[int, int]] = {}
    rows = Bin.objects.filter(pilot=pilot, items__gt=0).order_by("bin")
    for arm, number, items in rows.values_list("arm", "bin", "items"):
        bins.setdefault(cast("Arm", arm), {})[number] = items
    return bins


def _decided(pilot: Pilot) -> Decided | None:
    if pilot.ended_at is None:
        return None
    last = pilot.decisions.filter(kind__in=("go", "stop")).order_by("-decided_at", "-pk").first()
    if last is None:
        return None
    kind: Literal["go", "stop"] = "go" if last.kind == "go" else "stop"
    return Decided(kind, last.decided_at.date(), last.reason)


def _total(days: Days, metric: str, arm: Arm) -> Moments:
    return Moments.total(by_arm[arm] for _, by_arm in days.get(metric, []) if arm in by_arm)


def _enrolled(charter: Charter, days: Days, parts: Parts) -> dict[Arm, int]:
    if charter.arms.unit == _REVIEWER:
        by_reviewer = parts.get(ENROLLED, {}).get(_REVIEWER, {})
        return {arm: sum(arm in by_arm for by_arm in by_reviewer.values()) for arm in _ARMS}
    return {arm: round(_total(days, ENROLLED, arm).units) for arm in _ARMS}


def _items(days: Days, metric: str) -> dict[Arm, int]:
    return {arm: round(_total(days, metric, arm).d) for arm in _ARMS}


def _tenure_people(parts: Parts) -> dict[str, set[int]]:
    """Those who have decided on items of both arms: who is behind one arm alone would be known by the other."""
    people: defaultdict[str, set[int]] = defaultdict(set)
    for value, by_arm in parts.get(DECIDED, {}).get(PEOPLE, {}).items():
        tenure, _, number = value.rpartition("/")
        if int(number) and all(arm in by_arm for arm in _ARMS):
            people[tenure].add(int(number))
    return dict(people)


def _running(charter: Charter, days: Days) -> Running:
    drafts, cost, tokens, took_ms, accepted = (
        _total(days, metric, "assisted") for metric in (DRAFTS, DRAFT_COST, DRAFT_TOKENS, DRAFT_MS, "acceptance")
    )
    return Running(
        drafts=round(drafts.y),
        accepted=round(accepted.y),
        cost=cost.y if cost.d else None,
        currency=charter.money.currency,
        tokens=round(tokens.y),
        mean_draft_ms=took_ms.ratio,
        priced=round(cost.d),
        drafted_items=round(drafts.d),
    )


def _baseline(pilot: Pilot, charter: Charter) -> tuple[Moments | None, tuple[date, date] | None]:
    """The imported times as the primary metric counts them, and their days; `None` where it is not made of times."""
    metric, above = charter.primary.metric, charter.primary.winsorise_above
    if metric not in (HANDLING_TIME, "throughput"):
        return None, None
    seconds: Any = F("seconds")
    if metric == HANDLING_TIME and above is not None:
        seconds = Least(seconds, Value(above), output_field=FloatField())
    found = BaselineTime.objects.filter(pilot=pilot).aggregate(
        n=Count("pk"), total=Sum(seconds), squares=Sum(seconds * seconds), first=Min("day"), last=Max("day")
    )
    if not found["n"]:
        return None, None
    n, total, squares = float(found["n"]), found["total"], found["squares"]
    days = (found["first"], found["last"]) if found["first"] else None
    if metric == HANDLING_TIME:
        return Moments(units=n, y=total, d=n, yy=squares, dd=n, yd=total), days
    hours, squared = total / 3600, squares / 3600**2
    return Moments(units=n, y=n, d=hours, yy=n, dd=squared, yd=hours), days
