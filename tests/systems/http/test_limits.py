"""Rates: a short wait is slept, a long one goes back to the queue, and nobody asks in between."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from graftwork.systems.errors import TargetDown
from graftwork.systems.http.limits import LONGEST_SLEEP_SECONDS, LONGEST_WAIT_SECONDS, Limits
from graftwork.systems.http.tables import Rate

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def limits(clock: Clock, stopping: Callable[[], bool] = lambda: False, **rate: Any) -> Limits:
    return Limits(Rate(**rate), now=lambda: NOW, monotonic=lambda: clock.seconds, sleep=clock.sleep, stopping=stopping)


def done_at_last(made: Limits, clock: Clock, count: int, requests: int = 3) -> list[float]:
    """The times of the requests of `count` deliveries, each tried again as the queue does until it is through."""
    at: list[float] = []
    for _ in range(count):
        for _ in range(20):
            try:
                with made.together(requests):
                    for _ in range(requests):
                        made.wait_for_one()
                        at.append(clock.seconds)
                break
            except TargetDown as down:
                clock.seconds += down.retry_after_seconds or 0
        else:
            pytest.fail("it never came through")
    return at


def test_a_burst_goes_through_and_then_requests_keep_their_distance() -> None:
    clock = Clock()
    made = limits(clock, requests=60, per_seconds=60, burst=3)

    for _ in range(5):
        made.wait_for_one()

    assert clock.slept == pytest.approx([1.0, 1.0])


def test_more_than_the_rate_never_gets_through_in_any_minute() -> None:
    clock = Clock()
    made = limits(clock, requests=10, per_seconds=10, burst=2)
    at = []
    for _ in range(50):
        made.wait_for_one()
        at.append(clock.seconds)

    assert all(sum(start <= one < start + 10 for one in at) <= 10 + 2 for start in at)
    assert max(clock.slept) <= LONGEST_SLEEP_SECONDS


def test_a_wait_that_is_too_long_to_sleep_is_told_and_takes_no_turn() -> None:
    clock = Clock()
    made = limits(clock, requests=1, per_seconds=60)
    made.wait_for_one()

    for _ in range(3):
        with pytest.raises(TargetDown) as down:
            made.wait_for_one()
        assert down.value.retry_after_seconds == pytest.approx(60)
    clock.seconds += 60
    made.wait_for_one()

    assert clock.slept == []


def test_without_a_rate_nothing_waits() -> None:
    clock = Clock()
    made = limits(clock)
    for _ in range(1_000):
        made.wait_for_one()

    assert clock.slept == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("-5", 0),
        ("999999999", LONGEST_WAIT_SECONDS),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Sun, 99 Nov 2026 12:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    assert limits(Clock()).note_refusal({"Retry-After": said}) == seconds


@pytest.mark.parametrize(
    ("form", "said", "seconds"),
    [
        ("seconds", "30", 30),
        ("milliseconds", "30000", 30),
        ("epoch", str(NOW.timestamp() + 30), 30),
        ("epoch_ms", str((NOW.timestamp() + 30) * 1000), 30),
        ("epoch", "0", 0),
    ],
)
def test_a_reset_is_read_as_the_file_says(form: Any, said: str, seconds: float) -> None:
    made = limits(Clock(), reset_header="X-Reset", reset_is=form)

    assert made.note_refusal({"X-Reset": said}) == pytest.approx(seconds)


def test_the_last_request_that_is_left_closes_until_the_reset_and_one_before_does_not() -> None:
    clock = Clock()
    made = limits(clock, remaining_header="X-Left", reset_header="X-Reset")
    made.note({"X-Left": "1", "X-Reset": "30"})
    made.wait_for_one()
    made.note({"X-Left": "0", "X-Reset": "30"})

    with pytest.raises(TargetDown) as down:
        made.wait_for_one()
    clock.seconds += 29
    made.wait_for_one()

    assert down.value.retry_after_seconds == pytest.approx(30)
    assert clock.slept == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("rate", "requests"),
    [
        ({"requests": 10, "per_seconds": 60}, 3),
        ({"requests": 10, "per_seconds": 60, "burst": 2}, 5),
        ({"requests": 1, "per_seconds": 600}, 3),
        ({"requests": 100, "per_seconds": 86_400}, 7),
    ],
)
def test_all_deliveries_of_several_requests_come_through_a_low_rate(rate: dict[str, Any], requests: int) -> None:
    clock = Clock()
    at = done_at_last(limits(clock, **rate), clock, 100, requests)

    allowed = max(rate.get("burst", 0), rate["requests"] // 10, requests)
    assert len(at) == 100 * requests  # no request was spent on a try that came to nothing
    assert all(
        sum(start <= one < start + rate["per_seconds"] - 0.01 for one in at) <= rate["requests"] + allowed
        for start in at[:: len(at) // 20]
    )
    assert at[-1] - at[0] <= 100 * requests * rate["per_seconds"] / rate["requests"]


def test_a_delivery_that_cannot_begin_soon_spends_nothing_and_one_that_has_begun_is_waited_for() -> None:
    clock = Clock()
    made = limits(clock, requests=10, per_seconds=60)
    with made.together(3):
        for _ in range(3):
            made.wait_for_one()
    slept = sum(clock.slept)
    for _ in range(3):
        with pytest.raises(TargetDown) as down, made.together(3):
            pytest.fail("it must not begin")
        assert down.value.retry_after_seconds == pytest.approx(6)

    assert slept == pytest.approx(12)


def test_what_was_reserved_and_not_used_is_given_back() -> None:
    clock = Clock()
    made = limits(clock, requests=60, per_seconds=60, burst=5)
    with made.together(5):
        made.wait_for_one()
    with made.together(4):
        for _ in range(4):
            made.wait_for_one()

    assert clock.slept == []


def test_within_requests_that_belong_together_more_of_them_are_asked_for_only_where_they_are_near() -> None:
    clock = Clock()
    made = limits(clock, requests=10, per_seconds=60, burst=3)
    with made.together(2):
        made.wait_for_one()
        with made.together(1):
            made.wait_for_one()
        with made.together(1):
            made.wait_for_one()
        with pytest.raises(TargetDown), made.together(1):
            pytest.fail("it must not begin")
        made.wait_for_one()  # such as another page of what has begun: waited for

    assert sum(clock.slept) == pytest.approx(6)


def test_threads_do_not_take_each_others_reservation() -> None:
    clock = Clock()
    made = limits(clock, requests=10, per_seconds=60)
    refused: list[float | None] = []

    def other() -> None:
        try:
            made.wait_for_one()
        except TargetDown as down:
            refused.append(down.retry_after_seconds)

    with made.together(3):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        for _ in range(3):
            made.wait_for_one()

    assert refused == [pytest.approx(18)]


@pytest.mark.parametrize(("per_seconds", "goes_on"), [(9, True), (30, False)])
def test_while_the_worker_is_stopped_only_a_short_wait_is_waited_for(per_seconds: float, goes_on: bool) -> None:
    clock = Clock()
    made = limits(clock, lambda: True, requests=1, per_seconds=per_seconds)
    with made.together(2):
        made.wait_for_one()
        if goes_on:
            made.wait_for_one()
        else:
            with pytest.raises(TargetDown, match="stopped"):
                made.wait_for_one()


@pytest.mark.parametrize(("seconds", "waits"), [(59, True), (61, False)])
def test_what_has_begun_waits_a_minute_at_most_for_the_system(seconds: int, waits: bool) -> None:
    clock = Clock()
    made = limits(clock)
    with made.together(2):
        made.wait_for_one()
        made.note_refusal({"Retry-After": str(seconds)})
        if waits:
            made.wait_for_one()
        else:
            with pytest.raises(TargetDown):
                made.wait_for_one()

    assert sum(clock.slept) == pytest.approx(seconds if waits else 0)
