"""From what is stored of one item to what it adds to each metric: one numerator and one denominator, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120, OWN_OUTCOME
from graftwork.core.charter.schema import Charter

Decision = Literal["accepted", "edited", "rejected", "escalated"]
Values = dict[str, tuple[float, float]]

# Counted besides the metrics: who was drawn, and what drafts cost. On the day of the enrolment, not of a decision.
ENROLLED = "enrolled"
DECIDED = "decided"
DRAFTS = "drafts"
DRAFT_COST = "draft_cost"
DRAFT_TOKENS = "draft_tokens"
DRAFT_MS = "draft_ms"
BOOKKEEPING = frozenset({ENROLLED, DECIDED, DRAFTS, DRAFT_COST, DRAFT_TOKENS, DRAFT_MS})

# Why something of an item does not count as it stands.
IMPLAUSIBLE_TIME = "implausible_time"
IMPLAUSIBLE_VALUE = "implausible_value"
CLOCK = "clock"
OTHER_CURRENCY = "other_currency"
ITEM_ODDITIES = frozenset({IMPLAUSIBLE_TIME, IMPLAUSIBLE_VALUE, CLOCK, OTHER_CURRENCY})

MOST_SECONDS = 86_400.0
# The square of a larger value would swallow those of all others in a sum.
MOST_VALUE = 1e9


@dataclass(frozen=True, slots=True)
class RawReview:
    """A review in effect, not taken back. Times in seconds, `None` where they were not measured."""

    decision: str
    decided_at: datetime
    reviewer: int | None
    has_draft: bool
    share_rewritten: float | None = None
    seconds: float | None = None
    seconds_30: float | None = None
    seconds_120: float | None = None


@dataclass(frozen=True, slots=True)
class RawOutcome:
    kind: str
    value: float
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RawDraft:
    total_ms: float
    tokens: int | None
    cost: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class RawItem:
    """All that is known of an enrolled item at `as_of`. `followed_at`: when items of its thread came in later;
    the first one after the decision is enough. `seeded`: a mistake was planted in a draft of it."""

    as_of: datetime
    enrolled_at: datetime
    arm: str
    reviews: Sequence[RawReview] = ()
    outcomes: Sequence[RawOutcome] = ()
    drafts: Sequence[RawDraft] = ()
    followed_at: Sequence[datetime] = ()
    seeded: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """`values` are {metric: (y, d)}; what is unknown is left out. `day` and `reviewer` are those of the decision that
    stands, or of the last escalation while there is none. `again_at`: when more of the item is known without anybody
    telling.
    """

    values: Mapping[str, tuple[float, float]]
    oddities: frozenset[str] = frozenset()
    day: date | None = None
    reviewer: int | None = None
    decided_at: datetime | None = None
    again_at: Sequence[datetime] = ()


def measure(raw: RawItem, charter: Charter) -> Measured:
    """What one item adds to the sums of its arm. An item without an arm adds nothing, an undecided one no metric; one
    that was escalated and waits counts as an escalation at once, or those that nobody settles would never be seen.
    """
    if not raw.arm:
        return Measured({})
    values: Values = {ENROLLED: (0.0, 1.0)}
    oddities: set[str] = set()
    if raw.arm == "assisted":
        oddities |= _drafts(raw.drafts, charter.money.currency, values)
    if not raw.reviews:
        return Measured(values, frozenset(oddities))
    values["escalations"] = (float(any(review.decision == "escalated" for review in raw.reviews)), 1.0)
    deciding = deciding_review(raw.reviews)
    if deciding is None:
        return _measured(raw, max(raw.reviews, key=_decided_at), values, oddities, [])
    values[DECIDED] = (0.0, 1.0)
    if not raw.seeded:  # its time is that of two readings, and who gets one is drawn: to leave it out moves nothing
        oddities |= _times(raw.reviews, values)
    if raw.arm == "assisted" and deciding.has_draft:
        _acceptance(deciding, values)
    oddities |= _told(raw.outcomes, charter, values)
    again_at = _followed_up(raw, deciding.decided_at, charter, values)
    _winsorise(charter, values)
    return _measured(raw, deciding, values, oddities, again_at)


def _measured(
    raw: RawItem, standing: RawReview, values: Values, oddities: set[str], again_at: Sequence[datetime]
) -> Measured:
    # A clock that was set back must not put a decision before the item was there.
    day = max(standing.decided_at.date(), raw.enrolled_at.date())
    odd = oddities | ({CLOCK} if day != standing.decided_at.date() else set())
    return Measured(values, frozenset(odd), day, standing.reviewer, standing.decided_at, again_at)


def deciding_review(reviews: Sequence[RawReview]) -> RawReview | None:
    """The decision that stands: an escalation only passes the item on."""
    return max((one for one in reviews if one.decision != "escalated"), key=_decided_at, default=None)


def _decided_at(review: RawReview) -> datetime:
    return review.decided_at


def _times(reviews: Sequence[RawReview], values: Values) -> set[str]:
    """The seconds of all reviews together, unknown where one of them is: the rest would look like a faster item."""
    times = {
        HANDLING_TIME: [review.seconds for review in reviews],
        HANDLING_TIME_30: [review.seconds_30 for review in reviews],
        HANDLING_TIME_120: [review.seconds_120 for review in reviews],
    }
    odd = False
    for key, seconds in times.items():
        known = [one for one in seconds if one is not None]
        implausible = any(not 0 <= one <= MOST_SECONDS for one in known)
        odd |= implausible
        if len(known) == len(seconds) and not implausible:
            values[key] = (sum(known), 1.0)
    if HANDLING_TIME in values:
        values["throughput"] = (1.0, values[HANDLING_TIME][0] / 3600)
    return {IMPLAUSIBLE_TIME} if odd else set()


def _acceptance(deciding: RawReview, values: Values) -> None:
    values["acceptance"] = (float(deciding.decision == "accepted"), 1.0)
    values["rejections"] = (float(deciding.decision == "rejected"), 1.0)
    if deciding.share_rewritten is not None:
        values["share_rewritten"] = (deciding.share_rewritten, 1.0)


def _told(outcomes: Sequence[RawOutcome], charter: Charter, values: Values) -> set[str]:
    """Of several values of one kind the latest counts."""
    latest = {one.kind: one.value for one in sorted(outcomes, key=_occurred_at)}
    told = {"csat": "csat", "quality": "quality", **{one.kind: f"{OWN_OUTCOME}{one.kind}" for one in charter.outcomes}}
    means = [(key, latest[kind]) for kind, key in told.items() if kind in latest]
    values.update({key: (value, 1.0) for key, value in means if abs(value) <= MOST_VALUE})
    if "solved_first_contact" in latest:
        values["first_contact_resolution"] = (float(latest["solved_first_contact"] == 1), 1.0)
    return {IMPLAUSIBLE_VALUE} if any(not abs(value) <= MOST_VALUE for _, value in means) else set()


def _occurred_at(outcome: RawOutcome) -> datetime:
    return outcome.occurred_at


def _followed_up(raw: RawItem, decided_at: datetime, charter: Charter, values: Values) -> list[datetime]:
    """What only the charter's days can tell. A reopening is not counted before they are over either: bad news would
    come in early and good news late, and every pilot would begin with bad ones. Returns when there is more to know.
    """
    again_at = []
    reopened_by = decided_at + timedelta(days=charter.rules.reopen_days)
    if raw.as_of >= reopened_by:
        values["reopen_rate"] = (float(_reopened(raw, reopened_by)), 1.0)
    else:
        again_at.append(reopened_by)
    solved_by = decided_at + timedelta(days=charter.rules.first_contact_days)
    if "first_contact_resolution" in values:
        return again_at
    if raw.as_of >= solved_by:
        followed = any(decided_at < when <= solved_by for when in raw.followed_at)
        values["first_contact_resolution"] = (float(not followed and not _reopened(raw, solved_by)), 1.0)
    else:
        again_at.append(solved_by)
    return again_at


def _reopened(raw: RawItem, until: datetime) -> bool:
    return any(one.kind == "reopened" and one.value == 1 and one.occurred_at <= until for one in raw.outcomes)


def _drafts(drafts: Sequence[RawDraft], currency: str, values: Values) -> set[str]:
    """What the drafts took; the denominators count those of which it is known, in the charter's currency."""
    if not drafts:
        return set()
    values[DRAFTS] = (float(len(drafts)), 1.0)
    values[DRAFT_MS] = (sum(draft.total_ms for draft in drafts), float(len(drafts)))
    tokens = [draft.tokens for draft in drafts if draft.tokens is not None]
    if tokens:
        values[DRAFT_TOKENS] = (float(sum(tokens)), float(len(tokens)))
    costs = [draft.cost for draft in drafts if draft.cost is not None and draft.currency == currency]
    if costs:
        values[DRAFT_COST] = (sum(costs), float(len(costs)))
    odd = any(draft.cost is not None and draft.currency != currency for draft in drafts)
    return {OTHER_CURRENCY} if odd else set()


def _winsorise(charter: Charter, values: Values) -> None:
    """A limit on handling time holds for every cap of idle time, or the caps would differ by more than the cap."""
    above, primary = charter.primary.winsorise_above, charter.primary.metric
    if above is None:
        return
    times = (HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120)
    for key in times if primary == HANDLING_TIME else (primary,):
        if key in values:
            y, d = values[key]
            values[key] = (min(y, above), d)
