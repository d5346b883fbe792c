"""How fast a system may be asked: our own count, and what its answers say of theirs."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from graftwork.systems.errors import TargetDown
from graftwork.systems.http.tables import Rate

# Longer waits belong to the queue: a thread that sleeps holds a place that another delivery could use.
LONGEST_SLEEP_SECONDS = 2.0
# What a system may ask for at most: beyond a day it is rather a mistake, and a person sees the lane waiting.
LONGEST_WAIT_SECONDS = 86_400.0


class Limits:
    """A token bucket, and the time until which the system wants no request. One for all threads of a connector."""

    def __init__(
        self,
        rate: Rate,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._now, self._monotonic, self._sleep = rate, now, monotonic, sleep
        self._burst = float(rate.burst or max(1, rate.requests // 10))
        self._tokens, self._filled_at = self._burst, monotonic()
        self._closed_until = -math.inf
        self._lock = threading.Lock()

    def wait_for_one(self) -> None:
        """Take the right to one request. Raises `TargetDown` where that is more than two seconds away."""
        with self._lock:
            wait = self._take()
        if wait > 0:
            self._sleep(wait)

    def _take(self) -> float:
        now = self._monotonic()
        closed = self._closed_until - now
        if closed > LONGEST_SLEEP_SECONDS:
            raise TargetDown("it asked us to wait", closed)
        missing = self._missing(now)
        if missing > LONGEST_SLEEP_SECONDS:
            raise TargetDown("as many requests as the file allows were sent", missing)
        self._tokens -= 1
        return max(closed, missing, 0.0)

    def _missing(self, now: float) -> float:
        """Seconds until there is a whole token. Tokens may be owed: each thread that waits has taken its own."""
        if not self._rate.requests:
            return 0.0
        per_second = self._rate.requests / self._rate.per_seconds
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * per_second)
        self._filled_at = now
        return max(0.0, (1 - self._tokens) / per_second)

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
