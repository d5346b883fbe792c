"""Reading what the gateway may do for whom, and what was used."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from graftwork.apps.traffic.models import BudgetUse, VirtualKey
from graftwork.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Used:
    """What went through in one period."""

    requests: int = 0
    tokens: int = 0
    money: Decimal = Decimal(0)

    def plus(self, other: "Used") -> "Used":
        return Used(self.requests + other.requests, self.tokens + other.tokens, self.money + other.money)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one virtual key allows, as it stood when it was read. `used` has one entry for each period asked for."""

    key_id: int
    name: str
    tenant: str
    use_cases: tuple[str, ...]
    engines: tuple[str, ...]
    managed: str
    requests_per_minute: int | None
    tokens_per_minute: int | None
    tokens_per_day: int | None
    tokens_per_month: int | None
    money_per_day: Decimal | None
    money_per_month: Decimal | None
    expires_at: datetime | None
    revoked: bool
    used: dict[str, Used] = field(default_factory=dict)

    def holds(self, now: datetime) -> bool:
        return not self.revoked and (self.expires_at is None or now < self.expires_at)


def digest(secret: str) -> str:
    """Secrets are 256 random bits, so a plain SHA-256 cannot be searched backwards and needs no salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def periods_of(now: datetime) -> tuple[str, str]:
    """The day and the month that `now` (UTC) belongs to, as budgets name them."""
    day = f"{now.year:04}-{now.month:02}-{now.day:02}"
    return day, day[:7]


def grant_for(secret_sha256: str, now: datetime) -> Grant | None:
    """What the key with this digest allows; `None` where there is none. It may be expired or revoked."""
    key = VirtualKey.objects.filter(secret_sha256=secret_sha256).first()
    if key is None:
        return None
    rows = BudgetUse.objects.filter(key=key, period__in=periods_of(now))
    return Grant(
        key_id=key.pk,
        name=key.name,
        tenant=key.tenant or f"key-{key.pk}",
        use_cases=tuple(key.use_cases),
        engines=tuple(key.engines),
        managed=key.managed,
        requests_per_minute=key.requests_per_minute,
        tokens_per_minute=key.tokens_per_minute,
        tokens_per_day=key.tokens_per_day,
        tokens_per_month=key.tokens_per_month,
        money_per_day=key.money_per_day,
        money_per_month=key.money_per_month,
        expires_at=key.expires_at,
        revoked=key.revoked_at is not None,
        used={row.period: Used(row.requests, row.tokens, row.money) for row in rows},
    )


def key_by_name(name: str) -> VirtualKey:
    # PostgreSQL refuses to compare with a NUL.
    key = None if "\x00" in name else VirtualKey.objects.filter(name=name).first()
    if key is None:
        raise NotFound("key", name)
    return key


def keys_with_use(now: datetime) -> list[tuple[VirtualKey, Used]]:
    """Every key with what it used this month, by name."""
    month = periods_of(now)[1]
    rows: Iterable[BudgetUse] = BudgetUse.objects.filter(period=month)
    used = {row.key_id: Used(row.requests, row.tokens, row.money) for row in rows}
    return [(key, used.get(key.pk, Used())) for key in VirtualKey.objects.order_by("name")]
