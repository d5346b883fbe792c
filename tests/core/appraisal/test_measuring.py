"""What one item adds to each metric; what is unknown adds nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.appraisal.measuring import Measured, RawDraft, RawItem, RawOutcome, RawReview, measure
from support.pilots import make_charter

CAME_IN = datetime(2026, 10, 1, 8, tzinfo=UTC)
DECIDED = datetime(2026, 10, 1, 9, tzinfo=UTC)
LATER = DECIDED + timedelta(days=60)
RITA = 7


def decision(seconds: float | None = 100.0, kind: str = "accepted", **values: Any) -> RawReview:
    given = {"decided_at": DECIDED, "reviewer": RITA, "has_draft": True, "seconds_30": seconds, "seconds_120": seconds}
    return RawReview(**{"decision": kind, "seconds": seconds, **given, **values})


def outcome(kind: str, value: float, after: timedelta = timedelta(days=1)) -> RawOutcome:
    return RawOutcome(kind, value, DECIDED + after)


def item(*reviews: RawReview, **values: Any) -> RawItem:
    return RawItem(**{"as_of": LATER, "enrolled_at": CAME_IN, "arm": "assisted", "reviews": reviews, **values})


def measured(raw: RawItem, **charter: Any) -> Measured:
    return measure(raw, make_charter(**charter))


def values(raw: RawItem, **charter: Any) -> Any:
    return measured(raw, **charter).values


def test_an_undecided_item_has_no_metric_only_its_place() -> None:
    found = measured(item())
    assert found.values == {"enrolled": (0.0, 1.0)}
    assert (found.day, found.reviewer) == (None, None)


def test_an_item_without_an_arm_adds_nothing() -> None:
    assert measured(item(decision(), arm="")).values == {}


def test_an_escalation_alone_decides_nothing_and_is_counted_as_one() -> None:
    found = measured(item(decision(kind="escalated")))
    assert found.values == {"enrolled": (0.0, 1.0), "escalations": (1.0, 1.0)}
    assert (found.day, found.reviewer) == (DECIDED.date(), RITA)
    assert values(item(decision()))["decided"] == (0.0, 1.0)


def test_all_reviews_of_an_item_add_their_seconds_and_the_last_one_decides() -> None:
    first = decision(60.0, "escalated")
    second = decision(40.0, "edited", decided_at=DECIDED + timedelta(days=1), reviewer=8)
    found = measured(item(first, second))
    assert found.values["handling_time"] == (100.0, 1.0)
    assert found.values["throughput"] == (1.0, 100 / 3600)
    assert found.values["escalations"] == (1.0, 1.0)
    assert (found.day, found.reviewer) == (date(2026, 10, 2), 8)
    assert values(item(decision()))["escalations"] == (0.0, 1.0)


@pytest.mark.parametrize(("seconds", "odd"), [(None, False), (-0.1, True), (86_400.1, True), (float("nan"), True)])
def test_an_unknown_or_implausible_time_is_unknown_and_the_item_counts_for_the_rest(
    seconds: float | None, odd: bool
) -> None:
    found = measured(item(decision(40.0, "escalated"), decision(seconds)))
    assert "handling_time" not in found.values
    assert "throughput" not in found.values
    assert found.values["acceptance"] == (1.0, 1.0)
    assert found.oddities == (frozenset({"implausible_time"}) if odd else frozenset())


@pytest.mark.parametrize("seconds", [0.0, 86_400.0])
def test_the_edges_of_a_plausible_time_count(seconds: float) -> None:
    found = measured(item(decision(seconds)))
    assert found.values["handling_time"] == (seconds, 1.0)
    assert not found.oddities


def test_times_at_other_caps_are_known_apart() -> None:
    found = values(item(decision(50.0, seconds_30=30.0, seconds_120=None)))
    assert found["handling_time_30"] == (30.0, 1.0)
    assert "handling_time_120" not in found


def test_the_primary_metric_is_winsorised_as_the_charter_says_and_no_other() -> None:
    found = values(item(decision(500.0)), primary={"winsorise_above": 300.0})
    assert found["handling_time"] == (300.0, 1.0)
    assert found["throughput"] == (1.0, 500 / 3600)
    other = values(item(decision(500.0)), primary={"metric": "throughput", "winsorise_above": 300.0, "target": None})
    assert other["handling_time"] == (500.0, 1.0)


def test_a_limit_on_handling_time_holds_for_every_cap_of_idle_time() -> None:
    found = values(item(decision(500.0, seconds_30=290.0)), primary={"winsorise_above": 300.0})
    assert (found["handling_time_30"], found["handling_time_120"]) == ((290.0, 1.0), (300.0, 1.0))


@pytest.mark.parametrize(
    ("kind", "rewritten", "acceptance", "rejections"),
    [("accepted", 0.0, 1.0, 0.0), ("edited", 0.4, 0.0, 0.0), ("rejected", None, 0.0, 1.0)],
)
def test_drafts_are_judged_where_there_was_one(
    kind: str, rewritten: float | None, acceptance: float, rejections: float
) -> None:
    found = values(item(decision(kind=kind, share_rewritten=rewritten)))
    assert (found["acceptance"], found["rejections"]) == ((acceptance, 1.0), (rejections, 1.0))
    assert found.get("share_rewritten") == (None if rewritten is None else (rewritten, 1.0))


@pytest.mark.parametrize("raw", [item(decision(has_draft=False)), item(decision(), arm="control")])
def test_without_a_draft_nothing_is_said_of_drafts(raw: RawItem) -> None:
    assert not {"acceptance", "rejections", "share_rewritten"} & set(values(raw))


def test_of_several_answers_the_latest_counts() -> None:
    told = (outcome("csat", 5.0, timedelta(days=2)), outcome("csat", 2.0), outcome("calls", 3.0), outcome("other", 1.0))
    own = ({"kind": "calls", "title": "Calls", "better": "lower"},)
    found = values(item(decision(), outcomes=told), outcomes=own)
    assert found["csat"] == (5.0, 1.0)
    assert found["outcome_calls"] == (3.0, 1.0)
    assert "outcome_other" not in found
    assert "quality" not in found


@pytest.mark.parametrize(("value", "counts"), [(1e9, True), (-1e9, True), (1.1e9, False), (1e200, False)])
def test_a_value_that_would_swallow_all_others_is_unknown(value: float, counts: bool) -> None:
    """Like csat, the metrics of the company's own are bounded; a square of 1e200 would make a sum infinite for good."""
    own = ({"kind": "calls", "title": "Calls", "better": "lower"},)
    found = measured(item(decision(), outcomes=(outcome("csat", value), outcome("calls", value))), outcomes=own)
    assert ("csat" in found.values, "outcome_calls" in found.values) == (counts, counts)
    assert found.oddities == (frozenset() if counts else {"implausible_value"})


WEEK = timedelta(days=7)
FORTNIGHT = timedelta(days=14)
INSTANT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("as_of", "known", "again"),
    [
        (DECIDED, set(), {DECIDED + WEEK, DECIDED + FORTNIGHT}),
        (DECIDED + WEEK - INSTANT, set(), {DECIDED + WEEK, DECIDED + FORTNIGHT}),
        (DECIDED + WEEK, {"first_contact_resolution"}, {DECIDED + FORTNIGHT}),
        (DECIDED + FORTNIGHT, {"first_contact_resolution", "reopen_rate"}, set()),
    ],
)
def test_what_later_days_tell_is_unknown_until_they_are_over(
    as_of: datetime, known: set[str], again: set[datetime]
) -> None:
    reopened = (outcome("reopened", 1.0),)
    found = measured(item(decision(), as_of=as_of, outcomes=reopened))
    assert {"first_contact_resolution", "reopen_rate"} & set(found.values) == known
    assert set(found.again_at) == again


@pytest.mark.parametrize(
    ("told", "followed", "solved", "reopened"),
    [
        ((), (), 1.0, 0.0),
        ((outcome("reopened", 1.0),), (), 0.0, 1.0),
        ((outcome("reopened", 0.0),), (), 1.0, 0.0),
        ((outcome("reopened", 1.0, WEEK + INSTANT),), (), 1.0, 1.0),
        ((outcome("reopened", 1.0, FORTNIGHT + INSTANT),), (), 1.0, 0.0),
        ((), (DECIDED + WEEK,), 0.0, 0.0),
        ((), (DECIDED + WEEK + INSTANT,), 1.0, 0.0),
        ((), (DECIDED - INSTANT,), 1.0, 0.0),
        ((outcome("solved_first_contact", 1.0), outcome("reopened", 1.0)), (), 1.0, 1.0),
        ((outcome("solved_first_contact", 0.0),), (), 0.0, 0.0),
    ],
)
def test_solved_at_first_contact_and_reopened_follow_the_charters_days(
    told: tuple[RawOutcome, ...], followed: tuple[datetime, ...], solved: float, reopened: float
) -> None:
    found = values(item(decision(), outcomes=told, followed_at=followed))
    assert found["first_contact_resolution"] == (solved, 1.0)
    assert found["reopen_rate"] == (reopened, 1.0)


def test_a_resolution_that_was_told_is_known_at_once() -> None:
    raw = item(decision(), as_of=DECIDED, outcomes=(outcome("solved_first_contact", 1.0),))
    assert values(raw)["first_contact_resolution"] == (1.0, 1.0)


def test_a_clock_set_back_does_not_put_a_decision_before_its_item() -> None:
    found = measured(item(decision(decided_at=CAME_IN - timedelta(days=3))))
    assert found.day == CAME_IN.date()
    assert found.oddities == {"clock"}
    assert not measured(item(decision(decided_at=CAME_IN - timedelta(hours=1)))).oddities


def test_drafts_cost_what_is_known_in_the_charters_currency() -> None:
    drafts = (
        RawDraft(1_000.0, 150, 0.02, "EUR"), RawDraft(3_000.0, None, None, ""), RawDraft(2_000.0, 50, 0.5, "USD")
    )  # fmt: skip
    found = measured(item(drafts=drafts))
    assert found.values["drafts"] == (3.0, 1.0)
    assert found.values["draft_ms"] == (6_000.0, 3.0)
    assert found.values["draft_tokens"] == (200.0, 2.0)
    assert found.values["draft_cost"] == (0.02, 1.0)
    assert found.oddities == {"other_currency"}
    assert "drafts" not in values(item(drafts=drafts, arm="control"))


def test_drafts_without_a_price_have_no_cost_rather_than_none_to_pay() -> None:
    assert "draft_cost" not in values(item(drafts=(RawDraft(1_000.0, 10, None, ""),)))


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True)), min_size=1, max_size=4), st.sampled_from(range(4)))
def test_whatever_was_stored_as_a_time_sums_stay_finite(seconds: list[float | None], last: int) -> None:
    reviews = [decision(one, "escalated") for one in seconds]
    reviews[last % len(reviews)] = replace(reviews[last % len(reviews)], decision="edited")
    found = measured(item(*reviews)).values
    assert all(abs(y) <= 4 * 86_400 and 0 <= d <= 96 for y, d in found.values())


def test_an_item_with_a_planted_draft_has_no_time_and_all_else_of_it_counts() -> None:
    timed = {"handling_time", "handling_time_30", "handling_time_120", "throughput"}
    plain, seeded = (values(item(decision(), seeded=one)) for one in (False, True))
    assert set(plain) - set(seeded) == timed
    assert {key: plain[key] for key in seeded} == seeded
