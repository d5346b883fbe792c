"""Counting use as it happens: in the transaction that stores a decision, so that both are there or neither.

No page then has to walk through reviews. `rebuild` counts again from the reviews themselves.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from graftwork.apps.adoption.models import Streak, UseDay
from graftwork.apps.adoption.queries import working_since
from graftwork.apps.work.models import Review
from graftwork.core.adoption import is_unused, tenure_band

# Counted again from at most so many drafts; a charter suggests a pause after 1,000 at most.
LONGEST_STREAK = 1_000


def decided(review: Review, now: datetime) -> None:
    """A person decided on a draft; what they decide without one is no use of help."""
    del now
    if review.draft_id is None:
        return
    _add(review, 1)
    streak = _streak(review)
    if is_unused(review.decision, review.share_rewritten):
        streak.unused += 1
    else:
        streak.before, streak.unused = streak.unused, 0
        streak.used_at, streak.used_review = review.decided_at, review.pk
    streak.save()


def taken_back(review: Review, now: datetime) -> None:
    """As if it had not been decided."""
    del now
    if review.draft_id is None:
        return
    _add(review, -1)
    streak = _streak(review)
    if not is_unused(review.decision, review.share_rewritten):
        if streak.used_review == review.pk:
            streak.unused, streak.before = streak.unused + streak.before, 0
    elif streak.used_at is None or review.decided_at >= streak.used_at:
        streak.unused = max(0, streak.unused - 1)
    else:
        streak.before = max(0, streak.before - 1)
    streak.save()


def restart_streak(use_case: str) -> None:
    """Begin to count unused drafts anew, as after a pause that was made because of them."""
    Streak.objects.filter(use_case=use_case).delete()


def rebuild(use_case: str, *, simulated: bool | None = None) -> int:
    """Count again from all reviews of the use case; returns how many days of use there are.

    `simulated` says of which reviews, those that nobody made or the others; `None` is both. Tenure that was noted on a
    day stays as it was.
    """
    kinds = (False, True) if simulated is None else (simulated,)
    reviews = Review.objects.filter(
        item__use_case=use_case, undone_at=None, draft__isnull=False, simulated__in=kinds, reviewer__isnull=False
    )
    with transaction.atomic():
        band = _bands(use_case)
        UseDay.objects.filter(use_case=use_case, simulated__in=kinds).delete()
        Streak.objects.filter(use_case=use_case, simulated__in=kinds).delete()
        days = (
            reviews.order_by()
            .annotate(on=TruncDate("decided_at"))
            .values("simulated", "reviewer_id", "on")
            .annotate(
                reviews=Count("pk"),
                drafts=Count("pk", filter=~Q(decision="escalated")),
                accepted=Count("pk", filter=Q(decision="accepted")),
            )
        )
        made = UseDay.objects.bulk_create(
            [
                UseDay(
                    use_case=use_case, simulated=row["simulated"], user_id=row["reviewer_id"], day=row["on"],
                    tenure=band(row["simulated"], row["reviewer_id"], row["on"]),
                    reviews=row["reviews"], drafts=row["drafts"], accepted=row["accepted"],
                )
                for row in days
            ],
            batch_size=1_000,
        )  # fmt: skip
        for kind in kinds:
            _rebuild_streak(use_case, simulated=kind)
    return len(made)


def _bands(use_case: str) -> Callable[[bool, int, date], str]:
    """The band of somebody's tenure on a day: as it was noted then, else as far as it is known now."""
    days = UseDay.objects.filter(use_case=use_case)
    noted = {
        (simulated, user_id, day): tenure
        for simulated, user_id, day, tenure in days.values_list("simulated", "user_id", "day", "tenure")
    }
    reviewers = Review.objects.filter(item__use_case=use_case, draft__isnull=False).order_by()
    since = working_since(use_case, list(reviewers.values_list("reviewer_id", flat=True).distinct()))

    def band(simulated: bool, user_id: int, day: date) -> str:
        return noted.get((simulated, user_id, day)) or tenure_band(since.get(user_id), day)

    return band


def _rebuild_streak(use_case: str, *, simulated: bool) -> None:
    latest = (
        Review.objects.filter(item__use_case=use_case, undone_at=None, draft__isnull=False, simulated=simulated)
        .order_by("-effective_at")
        .values_list("pk", "decision", "share_rewritten", "decided_at")[:LONGEST_STREAK]
    )
    streak = Streak(use_case=use_case, simulated=simulated)
    for pk, decision, share, decided_at in latest:
        if not is_unused(decision, share):
            streak.used_review, streak.used_at = pk, decided_at
            break
        streak.unused += 1
    streak.save(force_insert=True)


def _add(review: Review, step: int) -> None:
    if review.reviewer_id is None:
        return
    key = {
        "use_case": review.item.use_case,
        "simulated": review.simulated,
        "user_id": review.reviewer_id,
        "day": review.decided_at.date(),
    }
    changes = {
        "reviews": F("reviews") + step,
        "drafts": F("drafts") + (step if review.decision != "escalated" else 0),
        "accepted": F("accepted") + (step if review.decision == "accepted" else 0),
    }
    if not UseDay.objects.filter(**key).update(**changes):
        since = working_since(review.item.use_case, [review.reviewer_id]).get(review.reviewer_id)
        first = UseDay(**key, tenure=tenure_band(since, review.decided_at.date()))
        UseDay.objects.bulk_create([first], ignore_conflicts=True)
        UseDay.objects.filter(**key).update(**changes)


def _streak(review: Review) -> Streak:
    streak, _ = Streak.objects.select_for_update().get_or_create(
        use_case=review.item.use_case, simulated=review.simulated
    )
    return streak
