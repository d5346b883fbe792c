"""What is stored of a use case's drafts, for a comparison of deployments: counts, times and tokens, never a text."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db.models import Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, TruncDate

from graftwork.apps.pilots.models import Enrolment
from graftwork.apps.work.models import Draft
from graftwork.core.deployments.history import DayUse, UseHistory, ZoneUse
from graftwork.core.ids import first_uuid7
from graftwork.core.types import Zone
from graftwork.core.usecase import UseCase

WINDOW_DAYS = 90
# The newest ones tell enough, and a page does not read ten million rows.
MOST_DRAFTS = 50_000
Group = dict[str, Any]
_ZONES: tuple[Zone, ...] = ("local", "managed")


def use_history(use_case: str, now: datetime, *, most_drafts: int = MOST_DRAFTS) -> UseHistory:
    """The newest drafts of at most 90 days. Today is not over, and the first day may have begun before what is read:
    both count for shares and times, and not as days. Drafts of a simulated pilot are read where there are no others."""
    real = _within(use_case, now).exclude(item__in=_simulated_items(use_case))
    is_made_up = not real.exists()
    groups = _grouped(_newest(_within(use_case, now) if is_made_up else real, most_drafts))
    if not groups:
        return UseHistory()
    return UseHistory(
        is_made_up=is_made_up,
        days=_days(groups, now),
        zones={zone: _zone(of_zone) for zone in _ZONES if (of_zone := [one for one in groups if one["zone"] == zone])},
        grounded=_sum(groups, "grounded"),
        versions=len({one["release"] for one in groups}),
    )


def managed_share(history: UseHistory) -> float | None:
    """The share of drafts that a managed service wrote; `None` where there was only one kind of engine."""
    local, managed = history.zone("local").drafts, history.zone("managed").drafts
    return managed / (local + managed) if local and managed else None


def engines_by_zone(use_case: UseCase) -> dict[Zone, Sequence[str]]:
    """The models that the use case declares, by whose machines they run on."""
    return {
        zone: [f"{one.model} ({one.name})" for one in use_case.engines if one.effective_zone == zone] for zone in _ZONES
    }


def _within(use_case: str, now: datetime) -> QuerySet[Draft]:
    """The drafts of the last days. Their numbers go by time, so the index ends the search where the days do."""
    since = now - timedelta(days=WINDOW_DAYS)
    oldest = first_uuid7(since - timedelta(days=1))  # clocks of two machines differ
    return Draft.objects.filter(pk__gte=oldest, item__use_case=use_case, created_at__gte=since, created_at__lte=now)


def _simulated_items(use_case: str) -> QuerySet[Enrolment, Any]:
    return Enrolment.objects.filter(pilot__use_case=use_case, pilot__simulated=True).values("item")


def _newest(drafts: QuerySet[Draft], most: int) -> QuerySet[Draft]:
    return Draft.objects.filter(pk__in=drafts.order_by("-pk").values("pk")[:most])


def _grouped(drafts: QuerySet[Draft]) -> list[Group]:
    """One pass over the drafts: all that is asked of them is a sum over days, zones, models or releases."""
    counted = Q(prompt_tokens__isnull=False, completion_tokens__isnull=False)
    took = Cast(F("total_ms"), FloatField())
    rows = (
        drafts.annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values("day", "zone", "model", "release")
        .annotate(
            drafts=Count("pk"),
            counted=Count("pk", filter=counted),
            prompt=Sum("prompt_tokens", filter=counted),
            answer=Sum("completion_tokens", filter=counted),
            masked_first=Count("pk", filter=Q(masked__isnull=False)),
            total=Sum(took),
            squares=Sum(took * took),
            grounded=Count("pk", filter=~Q(drew_on="")),
        )
    )
    return cast("list[Group]", list(rows))


def _days(groups: Sequence[Group], now: datetime) -> list[DayUse]:
    by_day: defaultdict[date, list[Group]] = defaultdict(list)
    for one in groups:
        by_day[one["day"]].append(one)
    first, today = min(by_day), now.astimezone(UTC).date()
    whole = (first + timedelta(days=number) for number in range(1, (today - first).days))
    return [
        DayUse(day, *(_sum(by_day[day], name) for name in ("drafts", "counted", "prompt", "answer"))) for day in whole
    ]


def _zone(groups: Sequence[Group]) -> ZoneUse:
    return ZoneUse(
        drafts=_sum(groups, "drafts"),
        masked=_sum(groups, "masked_first"),
        total_ms=_sum(groups, "total"),
        total_ms_squared=_sum(groups, "squares"),
        models=sorted({one["model"] for one in groups}),
    )


def _sum(groups: Sequence[Group], name: str) -> Any:
    """Of what is null, nothing is added."""
    return sum(one[name] or 0 for one in groups)
