"""How fast a system may be asked: our own count, and what its answers say of theirs."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from graftwork.systems.errors import TargetDown
from graftwork.systems.http.tables import Rate

# Longer waits belong to the queue: a thread that sleeps holds a place that another connector could use.
LONGEST_SLEEP_SECONDS = 2.0
# What has begun is waited for: given up between two requests, it would begin anew each time and never end.
LONGEST_SLEEP_BETWEEN_SECONDS = 60.0
# While the worker is being stopped, what has begun may still end within this.
LONGEST_SLEEP_WHEN_STOPPING_SECONDS = 10.0
# What a system may ask for at most: beyond a day it is rather a mistake, and a person sees the lane waiting.
LONGEST_WAIT_SECONDS = 86_400.0

_OURS = "as many requests as the file allows were sent"
_THEIRS = "it asked us to wait"


@dataclass
class _Stretch:
    """Requests that belong together: when each of those that were reserved may go, by the monotonic clock."""

    at: deque[float] = field(default_factory=deque)


class Limits:
    """A token bucket, and the time until which the system wants no request. One for all threads of a connector."""

    def __init__(
        self,
        rate: Rate,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rate, self._now, self._monotonic, self._sleep, self._stopping = rate, now, monotonic, sleep, stopping
        self._per_second = rate.requests / rate.per_seconds
        self._burst = float(rate.burst or max(1, rate.requests // 10))
        self._most = self._tokens = self._burst
        self._filled_at = monotonic()
        self._closed_until = -math.inf
        self._lock = threading.Lock()
        self._under_way = threading.local()

    @contextmanager
    def together(self, count: int) -> Iterator[None]:
        """Reserve `count` requests of this thread, which are then waited for; within another one, as many more.

        Raises `TargetDown`, with nothing spent, where they could not begin within two seconds. What is not used is
        given back.
        """
        outer: _Stretch | None = getattr(self._under_way, "stretch", None)
        stretch = outer or _Stretch()
        with self._lock:
            self._reserve(stretch, count)
        self._under_way.stretch = stretch
        try:
            yield
        finally:
            self._under_way.stretch = outer
            if outer is None:
                with self._lock:
                    self._tokens += len(stretch.at)

    def wait_for_one(self) -> None:
        """Take the right to one request. Raises `TargetDown` where that is too far away: two seconds, or a minute
        where what is `together` has begun."""
        stretch: _Stretch | None = getattr(self._under_way, "stretch", None)
        with self._lock:
            wait = self._take(stretch)
        slept = 0.0
        while wait > slept:
            if self._stopping() and wait - slept > LONGEST_SLEEP_WHEN_STOPPING_SECONDS:
                raise TargetDown("the worker is being stopped")
            step = min(wait - slept, LONGEST_SLEEP_SECONDS)
            self._sleep(step)
            slept += step

    def _reserve(self, stretch: _Stretch, count: int) -> None:
        """Begins when as many tokens are there as the bucket holds, or as leave no more than a minute to wait."""
        count -= len(stretch.at)
        now = self._monotonic()
        if self._closed_until - now > LONGEST_SLEEP_SECONDS:
            raise TargetDown(_THEIRS, self._closed_until - now)
        if not self._rate.requests or count <= 0:
            return
        first = max(min(count, self._burst), count - LONGEST_SLEEP_BETWEEN_SECONDS * self._per_second)
        self._most = max(self._most, first)
        missing = self._missing(now, first)
        if missing > LONGEST_SLEEP_SECONDS:
            raise TargetDown(_OURS, missing, ours=True)
        stretch.at.extend(now + self._missing(now, number) for number in range(1, count + 1))
        self._tokens -= count

    def _take(self, stretch: _Stretch | None) -> float:
        now = self._monotonic()
        longest = LONGEST_SLEEP_SECONDS if stretch is None else LONGEST_SLEEP_BETWEEN_SECONDS
        closed = self._closed_until - now
        if closed > longest:
            raise TargetDown(_THEIRS, closed)
        if stretch is not None and stretch.at:
            return max(closed, stretch.at.popleft() - now, 0.0)
        missing = self._missing(now)
        if missing > longest:
            raise TargetDown(_OURS, missing, ours=True)
        self._tokens -= 1
        return max(closed, missing, 0.0)

    def _missing(self, now: float, count: float = 1) -> float:
        """Seconds until there are `count` tokens. They may be owed: each thread that waits has taken its own."""
        if not self._rate.requests:
            return 0.0
        self._tokens = min(self._most, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        return max(0.0, (count - self._tokens) / self._per_second)

    def note(self, headers: Mapping[str, str]) -> None:
        """Heed what an answer says of how much is left."""
        if self._rate.remaining_header and _number(headers.get(self._rate.remaining_header, "")) == 0:
            seconds = self._reset_in(headers.get(self._rate.reset_header, ""))
            if seconds is not None:
                self._close_for(seconds)

    def note_refusal(self, headers: Mapping[str, str]) -> float | None:
        """Seconds that the system asks us to wait, as its refusal says; then nothing is sent until they are over."""
        seconds = self._retry_after(headers.get(self._rate.retry_after_header, ""))
        if seconds is None and self._rate.reset_header:
            seconds = self._reset_in(headers.get(self._rate.reset_header, ""))
        if seconds is not None:
            self._close_for(seconds)
        return seconds

    def _close_for(self, seconds: float) -> None:
        with self._lock:
            self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    def _retry_after(self, said: str) -> float | None:
        if (seconds := _number(said)) is not None:
            return _bounded(seconds)
        try:
            until = parsedate_to_datetime(said)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return self._from_now(until if until.tzinfo else until.replace(tzinfo=UTC))

    def _reset_in(self, said: str) -> float | None:
        number = _number(said)
        if number is None:
            return None
        seconds = number / 1000 if self._rate.reset_is in ("milliseconds", "epoch_ms") else number
        if self._rate.reset_is in ("epoch", "epoch_ms"):
            seconds -= self._now().timestamp()
        return _bounded(seconds)

    def _from_now(self, until: datetime) -> float:
        return _bounded((until - self._now()).total_seconds())


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _number(said: str) -> float | None:
    try:
        number = float(said)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
