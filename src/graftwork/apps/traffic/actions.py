"""Making and revoking virtual keys; storing what went through the gateway."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.traffic.models import MANAGED, CallRecord, VirtualKey
from graftwork.apps.traffic.queries import Used, digest, key_by_name
from graftwork.core.errors import NotFound, RequestInvalid, did_you_mean

MAX_NAME_CHARACTERS = 80
SECRET_PREFIX = "gw-"  # noqa: S105 - what every secret begins with, so that a scanner can know it


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key may use; `None` does not limit. Money is in the currency of the engines' prices."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None
    tokens_per_month: int | None = None
    money_per_day: Decimal | None = None
    money_per_month: Decimal | None = None

    def given(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value is not None}


def create_key(
    actor: Actor,
    name: str,
    now: datetime,
    *,
    use_cases: Sequence[str] = (),
    engines: Sequence[str] = (),
    managed: str = "",
    tenant: str = "",
    limits: KeyLimits | None = None,
    days: float | None = 90.0,
) -> str:
    """The secret of a new key. It is shown now and never again."""
    actor.require_role("admin")
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or not name.isprintable():
        raise RequestInvalid("name", f"must have 1 to {MAX_NAME_CHARACTERS} printable characters")
    if managed and managed not in MANAGED:
        raise RequestInvalid("managed", f"there is no policy {managed}{did_you_mean(managed, list(MANAGED))}")
    given = (limits or KeyLimits()).given()
    secret = f"{SECRET_PREFIX}{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        if VirtualKey.objects.filter(name=name).exists():
            raise RequestInvalid("name", f"there is a key {name} already")
        key = VirtualKey.objects.create(
            name=name, secret_sha256=digest(secret), tenant=tenant, managed=managed,
            use_cases=sorted(set(use_cases)), engines=sorted(set(engines)),
            expires_at=now + timedelta(days=days) if days is not None else None,
            **given,
        )  # fmt: skip
        detail = {
            "use_cases": key.use_cases, "engines": key.engines, "managed": managed,
            "limits": {limit: str(value) for limit, value in given.items()},
        }  # fmt: skip
        record(actor.name, [Event("gateway_key.made", f"gateway_key:{key.pk}", detail)], now)
    return secret


def revoke_key(actor: Actor, name: str, now: datetime) -> None:
    """Make a key worthless for good; a running gateway follows within seconds."""
    actor.require_role("admin")
    with transaction.atomic():
        key = key_by_name(name)
        if key.revoked_at is not None:
            raise NotFound("key", name)
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        record(actor.name, [Event("gateway_key.revoked", f"gateway_key:{key.pk}", {})], now)


# --- what went through ------------------------------------------------------------------------------------------------

CALL_COLUMNS = tuple(field.attname for field in CallRecord._meta.concrete_fields)


def store_calls(rows: Sequence[Sequence[Any]], used: Mapping[tuple[int, str], Used]) -> None:
    """Append calls (values in the order of `CALL_COLUMNS`) and add what they used of each budget, or neither.

    Written as SQL of our own: the ORM takes forty times as long for a row, and a gateway has thousands a second.
    """
    names, marks = ", ".join(CALL_COLUMNS), ", ".join(["%s"] * len(CALL_COLUMNS))
    with transaction.atomic(), connection.cursor() as cursor:
        if rows:
            # Names come from the model, never from a caller.
            cursor.executemany(f"INSERT INTO traffic_callrecord ({names}) VALUES ({marks})", _adapted(rows))  # noqa: S608
        if used:
            cursor.executemany(_ADD_USE, [_use_row(key_id, period, one) for (key_id, period), one in used.items()])


_ADD_USE = """
INSERT INTO traffic_budgetuse (key_id, period, requests, tokens, money) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (key_id, period) DO UPDATE SET
  requests = traffic_budgetuse.requests + excluded.requests,
  tokens = traffic_budgetuse.tokens + excluded.tokens,
  money = traffic_budgetuse.money + excluded.money
"""


def _use_row(key_id: int, period: str, used: Used) -> tuple[Any, ...]:
    return key_id, period, used.requests, used.tokens, used.money if _is_postgresql() else float(used.money)


def _adapted(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """`id` comes as 32 hexadecimal digits, which both databases take. SQLite's driver knows neither Decimal nor time
    zones: those get the form that Django itself stores.
    """
    if _is_postgresql():
        return rows
    kinds = [field.get_internal_type() for field in CallRecord._meta.concrete_fields]
    at, cost = kinds.index("DateTimeField"), CALL_COLUMNS.index("cost")
    adapted = []
    for row in rows:
        values = list(row)
        values[at] = values[at].replace(tzinfo=None).isoformat(sep=" ")
        values[cost] = None if values[cost] is None else float(values[cost])
        adapted.append(values)
    return adapted


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"
