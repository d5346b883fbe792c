"""Reading what is stored of enrolled items, in a handful of queries for a whole batch."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.work.models import Draft, Item, Outcome, Review, SeededDraft
from graftwork.core.appraisal.measuring import RawDraft, RawItem, RawOutcome, RawReview, deciding_review

# SQLite takes some 32,000 values in one statement.
IDS_AT_ONCE = 5_000

Reviews = Mapping[UUID, Sequence[RawReview]]


def read_raw(enrolments: Sequence[Enrolment], reviews: Reviews, now: datetime) -> dict[UUID, RawItem]:
    """Each item as `measure` takes it, by number."""
    ids = [one.item_id for one in enrolments]
    outcomes, drafts, followed = _outcomes(ids), _drafts(ids), _followed(_decided(reviews))
    seeded = _seeded(ids)
    return {
        one.item_id: RawItem(
            as_of=now,
            enrolled_at=one.enrolled_at,
            arm=one.arm,
            reviews=reviews.get(one.item_id, ()),
            outcomes=outcomes.get(one.item_id, ()),
            drafts=drafts.get(one.item_id, ()),
            followed_at=followed.get(one.item_id, ()),
            seeded=one.item_id in seeded,
        )
        for one in enrolments
    }


def read_reviews(pilot: Pilot, ids: Sequence[UUID], now: datetime) -> Reviews:
    """Those in effect, in the order of their decisions. Simulated ones count in simulated pilots, and only there.

    What was decided after the end of the pilot counts nowhere: its arms held until then.
    """
    found: defaultdict[UUID, list[RawReview]] = defaultdict(list)
    until = {"decided_at__lte": pilot.ended_at} if pilot.ended_at else {}
    for part in _parts(ids):
        rows = Review.objects.filter(
            item__in=part, simulated=pilot.simulated, undone_at=None, effective_at__lte=now, **until
        ).order_by("decided_at")
        for item, decision, decided_at, reviewer, draft, *measured in rows.values_list(
            "item_id", "decision", "decided_at", "reviewer_id", "draft_id",
            "share_rewritten", "active_seconds", "active_seconds_30", "active_seconds_120",
        ):  # fmt: skip
            found[item].append(RawReview(decision, decided_at, reviewer, draft is not None, *measured))
    return found


def _seeded(ids: Sequence[UUID]) -> set[UUID]:
    parts = (SeededDraft.objects.filter(item__in=part).values_list("item_id", flat=True) for part in _parts(ids))
    return {item for part in parts for item in part}


def _outcomes(ids: Sequence[UUID]) -> Mapping[UUID, list[RawOutcome]]:
    found: defaultdict[UUID, list[RawOutcome]] = defaultdict(list)
    for part in _parts(ids):
        rows = Outcome.objects.filter(item__in=part).order_by("occurred_at", "pk")
        for item, kind, value, occurred_at in rows.values_list("item_id", "kind", "value", "occurred_at"):
            found[item].append(RawOutcome(kind, value, occurred_at))
    return found


def _drafts(ids: Sequence[UUID]) -> Mapping[UUID, list[RawDraft]]:
    found: defaultdict[UUID, list[RawDraft]] = defaultdict(list)
    for part in _parts(ids):
        rows = Draft.objects.filter(item__in=part).order_by("number")
        for item, total_ms, prompt, completion, cost, currency in rows.values_list(
            "item_id", "total_ms", "prompt_tokens", "completion_tokens", "cost", "currency"
        ):
            tokens = None if prompt is None and completion is None else (prompt or 0) + (completion or 0)
            found[item].append(RawDraft(total_ms, tokens, None if cost is None else float(cost), currency))
    return found


def _decided(reviews: Reviews) -> dict[UUID, datetime]:
    deciding = ((item, deciding_review(found)) for item, found in reviews.items())
    return {item: one.decided_at for item, one in deciding if one is not None}


def _followed(decided: Mapping[UUID, datetime]) -> dict[UUID, list[datetime]]:
    """When the first item after the decision came in, of the same thread: the items of a thread share its key."""
    found: dict[UUID, list[datetime]] = {}
    later = Item.objects.filter(scope_key=OuterRef("scope_key"), created_at__gt=OuterRef("created_at"))
    for part in _parts(list(decided)):
        keys = dict(Item.objects.filter(pk__in=part).filter(Exists(later)).values_list("pk", "scope_key"))
        threads: defaultdict[int, list[datetime]] = defaultdict(list)
        others = Item.objects.filter(scope_key__in=set(keys.values())).order_by("created_at")
        for key, created_at in others.values_list("scope_key", "created_at"):
            threads[key].append(created_at)
        for item, key in keys.items():
            next_one = bisect_right(threads[key], decided[item])
            found[item] = threads[key][next_one : next_one + 1]
    return found


def _parts(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
