"""Back-off under one deadline, and the breaker."""

import asyncio
from datetime import UTC, datetime

import pytest

from graftwork.core.engines.retry import Breaker, PassingError, Retries, retry_after_seconds, with_retries
from graftwork.core.errors import EngineRefused, EngineTimeout, EngineUnavailable
from support.scripted import Clock


class Attempts:
    """Fails as scripted, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def run(attempts: Attempts, clock: Clock, breaker: Breaker | None = None, *, timeout_seconds: float = 60.0) -> str:
    retries = Retries(attempts=3, base_seconds=1.0, sleep=clock.sleep, clock=clock, random=lambda: 1.0)
    breaker = breaker or Breaker(clock=clock)
    return asyncio.run(
        with_retries(attempts, engine="e", timeout_seconds=timeout_seconds, retries=retries, breaker=breaker)
    )


def test_a_passing_failure_is_tried_again_after_growing_pauses() -> None:
    clock, attempts = Clock(), Attempts(PassingError("a"), PassingError("b"))
    assert run(attempts, clock) == "answer"
    assert clock.slept == [1.0, 2.0]


def test_the_last_try_ends_it() -> None:
    attempts = Attempts(*(PassingError("HTTP 500") for _ in range(9)))
    with pytest.raises(EngineUnavailable, match="HTTP 500"):
        run(attempts, Clock())
    assert attempts.made == 3


def test_a_refusal_is_not_tried_again() -> None:
    attempts = Attempts(EngineRefused("e", 401, "invalid_api_key"))
    with pytest.raises(EngineRefused):
        run(attempts, Clock())
    assert attempts.made == 1


def test_what_the_server_asks_for_is_waited_for() -> None:
    clock = Clock()
    run(Attempts(PassingError("HTTP 429", retry_after_seconds=7)), clock)
    assert clock.slept == [7.25]


def test_a_pause_that_ends_after_the_deadline_is_not_begun() -> None:
    clock = Clock()
    with pytest.raises(EngineUnavailable):
        run(Attempts(PassingError("HTTP 429", retry_after_seconds=61)), clock)
    assert clock.slept == []


def test_the_deadline_ends_an_attempt() -> None:
    async def never() -> str:
        await asyncio.sleep(60)
        return ""

    with pytest.raises(EngineTimeout):
        asyncio.run(with_retries(never, engine="e", timeout_seconds=0.05, retries=Retries(), breaker=Breaker()))


def test_the_breaker_opens_probes_once_and_closes() -> None:
    clock = Clock()
    breaker = Breaker(failures_to_open=2, pause_seconds=10, clock=clock)
    breaker.failed()
    assert breaker.enter() == 0
    breaker.failed()
    assert breaker.enter() == 10
    clock.now += 10
    assert breaker.enter() == 0  # the probe
    assert breaker.enter() > 0  # nobody beside it
    breaker.succeeded()
    assert breaker.enter() == 0


def test_a_failed_probe_opens_the_breaker_again_and_a_cancelled_one_does_not() -> None:
    clock = Clock()
    breaker = Breaker(failures_to_open=1, pause_seconds=10, clock=clock)
    breaker.failed()
    clock.now += 10
    assert breaker.enter() == 0
    breaker.abandoned()
    assert breaker.enter() == 0
    breaker.failed()
    assert breaker.enter() == 10


def test_an_open_breaker_answers_at_once() -> None:
    clock, attempts = Clock(), Attempts()
    breaker = Breaker(failures_to_open=1, clock=clock)
    breaker.failed()
    with pytest.raises(EngineUnavailable, match="keeps failing"):
        run(attempts, clock, breaker)
    assert attempts.made == 0


@pytest.mark.parametrize(("healthy", "opens"), [(True, False), (False, True)])
def test_a_server_that_only_limits_us_keeps_the_breaker_closed(healthy: bool, opens: bool) -> None:
    clock = Clock()
    breaker = Breaker(failures_to_open=3, clock=clock)
    with pytest.raises(EngineUnavailable):
        run(Attempts(*(PassingError("x", healthy=healthy) for _ in range(3))), clock, breaker)
    assert (breaker.enter() > 0) is opens


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, now=datetime(2026, 11, 22, 10, 0, tzinfo=UTC)) == seconds
