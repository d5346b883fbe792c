"""What is stored of a use case's drafts, for a comparison of deployments: counts, times and tokens, never a text."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, FloatField, Min, Q, QuerySet, Sum
from django.db.models.functions import Cast, TruncDate

from graftwork.apps.pilots.models import Pilot
from graftwork.apps.work.models import Draft
from graftwork.core.deployments.history import DayUse, UseHistory, ZoneUse
from graftwork.core.types import Zone
from graftwork.core.usecase import UseCase

WINDOW_DAYS = 90
# The newest ones tell enough, and a page does not read ten million rows.
MOST_DRAFTS = 100_000
_ZONES: tuple[Zone, ...] = ("local", "managed")


def use_history(use_case: str, now: datetime, *, most_drafts: int = MOST_DRAFTS) -> UseHistory:
    """The newest drafts of at most 90 days. Today is not over, and the first day may have begun before what is read:
    both count for shares and times, and not as days."""
    drafts = _newest(use_case, now, most_drafts)
    found = drafts.aggregate(
        first=Min("created_at"),
        grounded=Count("pk", filter=~Q(drew_on="")),
        versions=Count("release", distinct=True),
    )
    if found["first"] is None:
        return UseHistory()
    return UseHistory(
        days=_days(drafts, found["first"].astimezone(UTC).date(), now),
        zones={zone: use for zone in _ZONES if (use := _zone(drafts, zone)).drafts},
        grounded=found["grounded"],
        versions=found["versions"],
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


def holds_simulated(use_case: str) -> bool:
    """Whether a simulated pilot made drafts of this use case, so that no figure of it is anybody's work alone."""
    return Pilot.objects.filter(use_case=use_case, simulated=True).exists()


def _newest(use_case: str, now: datetime, most: int) -> QuerySet[Draft]:
    since = now - timedelta(days=WINDOW_DAYS)
    newest = Draft.objects.filter(item__use_case=use_case, created_at__gte=since, created_at__lte=now)
    return Draft.objects.filter(pk__in=newest.order_by("-pk").values("pk")[:most])


def _days(drafts: QuerySet[Draft], first: date, now: datetime) -> list[DayUse]:
    counted = Q(prompt_tokens__isnull=False, completion_tokens__isnull=False)
    rows: dict[date, Any] = {
        row["day"]: row
        for row in drafts.annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values("day")
        .annotate(
            drafts=Count("pk"),
            counted=Count("pk", filter=counted),
            prompt=Sum("prompt_tokens", filter=counted),
            answer=Sum("completion_tokens", filter=counted),
        )
    }
    today = now.astimezone(UTC).date()
    return [_day(day, rows.get(day)) for day in _between(first + timedelta(days=1), today)]


def _between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(max(0, (end - first).days))]


def _day(day: date, row: dict[str, Any] | None) -> DayUse:
    if row is None:
        return DayUse(day, 0)
    return DayUse(day, row["drafts"], row["counted"], row["prompt"] or 0, row["answer"] or 0)


def _zone(drafts: QuerySet[Draft], zone: Zone) -> ZoneUse:
    took = Cast(F("total_ms"), FloatField())
    found = drafts.filter(zone=zone).aggregate(
        drafts=Count("pk"), masked=Count("pk", filter=Q(masked__isnull=False)), total=Sum(took),
        squares=Sum(took * took),
    )  # fmt: skip
    models = drafts.filter(zone=zone).order_by("model").values_list("model", flat=True).distinct()
    return ZoneUse(found["drafts"], found["masked"], found["total"] or 0.0, found["squares"] or 0.0, tuple(models))
