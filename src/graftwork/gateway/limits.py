"""What a key may still use: a token bucket each for requests and tokens a minute, budgets for a day and a month.

Counters of this process are exact; those of others join when a key is read again, within `key_cache_seconds`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from graftwork.apps.traffic.queries import Grant, Used, periods_of
from graftwork.core.errors import GatewayBudgetSpent, GatewayRateLimited

_NONE = Used()


@dataclass(slots=True)
class Bucket:
    """Fills evenly up to one minute's worth. What is taken may exceed what is there: the debt is paid by waiting."""

    per_minute: float
    filled_at: float
    level: float

    def wait_seconds(self, now: float) -> float:
        """0 where at least one unit is there, else the seconds until it is."""
        self.level = min(self.per_minute, self.level + (now - self.filled_at) * self.per_minute / 60)
        self.filled_at = now
        return 0.0 if self.level >= 1 else (1 - self.level) * 60 / self.per_minute

    def take(self, units: float) -> None:
        self.level -= units


@dataclass(slots=True)
class Account:
    """The state of one key in this process. `pending` is used but not yet stored, by day: [calls, tokens, money]."""

    requests: Bucket | None = None
    tokens: Bucket | None = None
    pending: dict[str, list[Any]] = field(default_factory=dict)
    in_flight_tokens: int = 0


class Limits:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._accounts: dict[int, Account] = {}

    def admit(self, grant: Grant, now: datetime, estimated_tokens: int) -> None:
        """Let one call in, and hold back what its prompt will take. Raises `GatewayRateLimited`, `GatewayBudgetSpent`.

        Followed by one `settle`.
        """
        account = self._accounts.get(grant.key_id)
        if account is None:
            account = self._accounts[grant.key_id] = Account()
        monotonic = self._clock()
        account.requests = _bucket(account.requests, grant.requests_per_minute, monotonic)
        account.tokens = _bucket(account.tokens, grant.tokens_per_minute, monotonic)
        for unit, bucket in (("requests", account.requests), ("tokens", account.tokens)):
            if bucket is not None and (wait := bucket.wait_seconds(monotonic)):
                raise GatewayRateLimited(unit, wait)
        _check_budgets(grant, account, now)
        if account.requests is not None:
            account.requests.take(1)
        if account.tokens is not None:
            account.tokens.take(estimated_tokens)
        account.in_flight_tokens += estimated_tokens

    def settle(self, grant: Grant, now: datetime, estimated_tokens: int, used: Used) -> None:
        """One call is over, and used this much."""
        account = self._accounts[grant.key_id]
        account.in_flight_tokens -= estimated_tokens
        if account.tokens is not None:
            account.tokens.take(used.tokens - estimated_tokens)
        day = periods_of(now)[0]
        pending = account.pending.setdefault(day, [0, 0, Decimal(0)])
        pending[0] += used.requests
        pending[1] += used.tokens
        pending[2] += used.money

    def take_pending(self) -> dict[tuple[int, str], Used]:
        """What is to be stored, by key and day. It counts until `stored` says that it is."""
        return {
            (key_id, day): Used(*pending)
            for key_id, account in self._accounts.items()
            for day, pending in account.pending.items()
        }

    def stored(self, saved: Mapping[tuple[int, str], Used]) -> None:
        for (key_id, day), used in saved.items():
            pending = self._accounts[key_id].pending[day]
            pending[0] -= used.requests
            pending[1] -= used.tokens
            pending[2] -= used.money
            if not pending[0]:
                del self._accounts[key_id].pending[day]


def _bucket(bucket: Bucket | None, per_minute: int | None, now: float) -> Bucket | None:
    if per_minute is None:
        return None
    if bucket is None or bucket.per_minute != per_minute:
        return Bucket(per_minute, now, per_minute)
    return bucket


def _check_budgets(grant: Grant, account: Account, now: datetime) -> None:
    limits = (grant.tokens_per_day, grant.tokens_per_month, grant.money_per_day, grant.money_per_month)
    if limits == (None, None, None, None):
        return
    budgets = (
        ("day", grant.tokens_per_day, grant.money_per_day),
        ("month", grant.tokens_per_month, grant.money_per_month),
    )
    for period, (word, tokens, money) in zip(periods_of(now), budgets, strict=True):
        used = grant.used.get(period, _NONE).plus(_pending_in(account, period))
        if tokens is not None and used.tokens + account.in_flight_tokens >= tokens:
            raise GatewayBudgetSpent("tokens", word, _until_next(word, now))
        if money is not None and used.money >= Decimal(money):
            raise GatewayBudgetSpent("money", word, _until_next(word, now))


def _pending_in(account: Account, period: str) -> Used:
    found = [pending for day, pending in account.pending.items() if day.startswith(period)]
    return Used(*(sum(column) for column in zip(*found, strict=True))) if found else _NONE


def _until_next(word: str, now: datetime) -> float:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "day":
        return (midnight + timedelta(days=1) - now).total_seconds()
    next_month = (midnight.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (next_month - now).total_seconds()
