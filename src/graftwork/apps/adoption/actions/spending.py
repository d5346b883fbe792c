"""What was spent on a pilot, against its budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import LEADS
from graftwork.apps.adoption.hooks import pilot_brief
from graftwork.apps.adoption.models import Spend
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.core.charter.schema import Budget
from graftwork.core.errors import NotFound, RequestInvalid

KINDS: tuple[str, ...] = get_args(Budget)
MAX_AMOUNT = 1e12
MAX_NOTE_CHARACTERS = 200
MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Spent:
    """One amount, in the currency of the pilot's charter."""

    kind: str
    amount: float
    spent_on: date
    note: str = ""


def add_spend(actor: Actor, pilot: str, rows: Sequence[Spent], now: datetime) -> int:
    """Note these amounts, all or none of them. Raises `RequestInvalid` that names the row, from 1."""
    actor.require_role(*LEADS)
    if not 1 <= len(rows) <= MOST_ROWS:
        raise RequestInvalid("rows", f"must be 1 to {MOST_ROWS:,}")
    for number, row in enumerate(rows, 1):
        if problem := _problem(row, now):
            field, reason = problem
            raise RequestInvalid(field, f"row {number}: {reason}" if len(rows) > 1 else reason)
    with transaction.atomic():
        pilot_brief(actor, pilot)
        Spend.objects.bulk_create(
            [
                Spend(pilot=pilot, kind=row.kind, amount=row.amount, note=row.note.strip(), spent_on=row.spent_on)
                for row in rows
            ]
        )
        total = math.fsum(row.amount for row in rows)
        record(actor.name, [Event("spend.added", f"pilot:{pilot}", {"rows": len(rows), "amount": total})], now)
    return len(rows)


def remove_spend(actor: Actor, pilot: str, spend_id: int, now: datetime) -> None:
    """Take back an amount that was noted by mistake."""
    actor.require_role(*LEADS)
    with transaction.atomic():
        pilot_brief(actor, pilot)
        row = Spend.objects.filter(pk=spend_id, pilot=pilot).first()
        if row is None:
            raise NotFound("amount", str(spend_id))
        detail = {"kind": row.kind, "amount": row.amount, "spent_on": row.spent_on.isoformat()}
        row.delete()
        record(actor.name, [Event("spend.removed", f"pilot:{pilot}", detail)], now)


def _problem(row: Spent, now: datetime) -> tuple[str, str] | None:
    if row.kind not in KINDS:
        return "kind", f"must be one of {', '.join(KINDS)}"
    if not math.isfinite(row.amount) or not 0 < row.amount <= MAX_AMOUNT:
        return "amount", "must be a positive number"
    if not date(2000, 1, 1) <= row.spent_on <= now.date() + timedelta(days=1):
        return "spent_on", "must be a day in the past"
    if len(row.note.strip()) > MAX_NOTE_CHARACTERS:
        return "note", f"has over {MAX_NOTE_CHARACTERS} characters"
    return None
