"""Rates: a short wait is slept, a long one goes back to the queue, and nobody asks in between."""

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


def limits(clock: Clock, **rate: Any) -> Limits:
    return Limits(Rate(**rate), now=lambda: NOW, monotonic=lambda: clock.seconds, sleep=clock.sleep)


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
