"""Trying again, and knowing when to stop: back-off with jitter under one deadline, and a circuit breaker."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from graftwork.core.errors import EngineError, EngineTimeout, EngineUnavailable

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class PassingError(Exception):
    """One attempt failed in a way that may pass: a 429, a 5xx, a broken connection, a time-out before any text.

    `retry_after_seconds` is what the server asked for. `healthy` says that the server itself works (it only limits us),
    so that the breaker stays closed.
    """

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None, healthy: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.healthy = healthy


@dataclass(frozen=True)
class Retries:
    """`attempts` in all. The n-th pause is drawn from 0 to `base_seconds` x 2^n, at most `longest_seconds`.

    Drawing from the whole range ("full jitter", M. Brooker, AWS Architecture Blog 2015) keeps clients that failed
    together from coming back together.
    """

    attempts: int = 4
    base_seconds: float = 0.5
    longest_seconds: float = 20.0
    sleep: Sleep = asyncio.sleep
    clock: Monotonic = time.monotonic
    random: Callable[[], float] = random.random

    def pause_seconds(self, attempt: int, retry_after_seconds: float | None) -> float:
        """After failed attempt number `attempt` (from 0). What the server asks for is a lower bound."""
        drawn = self.random() * min(self.longest_seconds, self.base_seconds * 2.0**attempt)
        return drawn if retry_after_seconds is None else retry_after_seconds + drawn / 4


class Breaker:
    """Stops asking a server that keeps failing. One for each engine.

    Opens after `failures_to_open` failed attempts in a row; `pause_seconds` later it lets one probe through, whose
    success closes it and whose failure opens it again.
    """

    def __init__(
        self, *, failures_to_open: int = 8, pause_seconds: float = 15.0, clock: Monotonic = time.monotonic
    ) -> None:
        self._failures_to_open = failures_to_open
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._failures = 0
        self.last_reason = ""
        self._opened_at: float | None = None
        self._probing = False

    def enter(self) -> float:
        """0 where an attempt may start, else the seconds until one may."""
        if self._opened_at is None:
            return 0.0
        left = self._opened_at + self._pause_seconds - self._clock()
        if left > 0:
            return left
        if self._probing:
            return self._pause_seconds
        self._probing = True
        return 0.0

    def succeeded(self) -> None:
        self._failures, self._opened_at, self._probing = 0, None, False

    def failed(self, reason: str = "") -> None:
        self._failures += 1
        self.last_reason = reason or self.last_reason
        self._probing = False
        if self._failures >= self._failures_to_open:
            self._opened_at = self._clock()

    def abandoned(self) -> None:
        """The attempt was cancelled: it says nothing about the server."""
        self._probing = False


async def with_retries(
    attempt: Callable[[], Awaitable[T]], *, engine: str, timeout_seconds: float, retries: Retries, breaker: Breaker
) -> T:
    """The result of `attempt`, which raises `PassingError` where it may be tried again.

    `timeout_seconds` is one deadline over everything: attempts and pauses together. An attempt may use all that is
    left, because a slow model is no failed one; a pause that would end after the deadline is not begun.

    Raises `EngineUnavailable` when tries, time or the breaker's patience are used up, `EngineTimeout` when the deadline
    ends an attempt, and every other error of `attempt` as it is.
    """
    deadline = retries.clock() + timeout_seconds
    for number in range(retries.attempts):
        try:
            return await _through(breaker, attempt, engine, deadline - retries.clock(), timeout_seconds)
        except PassingError as failure:
            pause = retries.pause_seconds(number, failure.retry_after_seconds)
            last = number + 1 == retries.attempts
            if last or retries.clock() + pause >= deadline:
                raise EngineUnavailable(engine, failure.reason) from None
            await retries.sleep(pause)
    raise AssertionError("at least one attempt is made")


async def _through(
    breaker: Breaker, attempt: Callable[[], Awaitable[T]], engine: str, left_seconds: float, timeout_seconds: float
) -> T:
    if wait := breaker.enter():
        because = f" ({breaker.last_reason})" if breaker.last_reason else ""
        raise EngineUnavailable(engine, f"it keeps failing{because}; the next try is in {wait:.0f} s")
    try:
        async with asyncio.timeout(max(left_seconds, 0.001)):
            result = await attempt()
    except TimeoutError:
        breaker.failed()
        raise EngineTimeout(engine, timeout_seconds) from None
    except PassingError as failure:
        breaker.abandoned() if failure.healthy else breaker.failed(failure.reason)
        raise
    except EngineUnavailable as error:
        breaker.failed(error.reason)
        raise
    except EngineError:  # it answered, though with a refusal
        breaker.succeeded()
        raise
    except BaseException:
        breaker.abandoned()
        raise
    breaker.succeeded()
    return result


def retry_after_seconds(value: str | None, *, now: datetime | None = None) -> float | None:
    """A Retry-After header (RFC 9110, section 10.2.3), in seconds or as a date; `None` where there is none to read."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
