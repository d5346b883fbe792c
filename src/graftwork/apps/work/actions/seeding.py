"""Drafts with a statement known to be wrong: planted in place of an item's own, shown once, never delivered.

They tell whether drafts are read before they are sent. A decision on one is no review: nothing leaves, and the item
then shows its own draft.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.actions.reviewing import Verdict, check_claim
from graftwork.apps.work.models import Draft, SeededDraft
from graftwork.apps.work.queries import draft_text


@dataclass(frozen=True, slots=True)
class Settled:
    """How a seeded draft ended: the planted `statement`, and whether the reviewer let it stand."""

    statement: str
    noticed: bool


def plant(draft: Draft, statement: str, now: datetime) -> None:
    """Show the item of `draft`, once, with `statement` in the text. For a transaction that records why."""
    item = draft.item
    key = unwrap(item.scope_key, keyring())
    seed = SeededDraft(item=item, planted_at=now)
    seed.text_sealed = key.seal(with_statement(draft_text(item, draft), statement), seed.label("text"))
    seed.statement_sealed = key.seal(statement, seed.label("statement"))
    SeededDraft.objects.bulk_create([seed], ignore_conflicts=True)


def with_statement(text: str, statement: str) -> str:
    """`text` with `statement` as a sentence of its own before its last paragraph, where nobody reads it first."""
    before, gap, last = text.rstrip().rpartition("\n\n")
    if not gap:
        before, gap, last = text.rstrip().rpartition("\n")
    return f"{before} {statement}{gap}{last}" if gap else f"{last} {statement}"


def settle(actor: Actor, item_id: UUID, verdict: Verdict, now: datetime) -> Settled | None:
    """Take a decision on a seeded draft as what it is; `None` where the item shows its own.

    Needs the claim, as a decision does. Noticed: rejected, escalated, or the statement does not stand in the final.
    """
    with transaction.atomic():
        seed = SeededDraft.objects.select_for_update(of=("self",)).filter(item_id=item_id, settled_at=None).first()
        if seed is None:
            return None
        item = check_claim(actor, item_id, now)
        statement = unwrap(item.scope_key, keyring()).unseal(seed.statement_sealed, seed.label("statement"))
        noticed = verdict.kind != "approve" or _plain(statement) not in _plain(verdict.final_text)
        seed.settled_at, seed.reviewer_id, seed.noticed = now, actor.user_id, noticed
        seed.active_seconds = verdict.time.active_seconds
        seed.save(update_fields=["settled_at", "reviewer", "noticed", "active_seconds"])
        # Who it was stays out of the log: it is about whether drafts are read, not about a person.
        record("pilot", [Event("seed.settled", f"item:{item.pk}", {"noticed": noticed})], now)
    return Settled(statement, noticed)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
