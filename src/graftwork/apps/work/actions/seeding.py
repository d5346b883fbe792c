"""Drafts with a statement known to be wrong: planted in place of an item's own, shown once, never delivered.

They tell whether drafts are read before they are sent. A decision on one is no review: nothing leaves, and the item
then shows its own draft. `reviewing.decide` asks here before it stores anything, so there is no door past it.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.apps.work.models import Draft, Item, SeededDraft
from graftwork.apps.work.queries import draft_for, draft_text, open_seed

# How a decision met what was planted, as `DraftWasSeeded` says it.
NOTICED = "was noticed"
STANDS = "still stands in the text"


def plant(draft: Draft, statement: str, now: datetime) -> bool:
    """Show the item, once, with `statement` in the text of `draft`. For a transaction that records why.

    Not where the draft says so by itself: nobody could tell the two apart, and it would have to be taken out of both.
    """
    item = draft.item
    text = draft_text(item, draft)
    if stands_in(statement, text):
        return False
    key = unwrap(item.scope_key, keyring())
    seed = SeededDraft(draft=draft, item=item, planted_at=now)
    seed.text_sealed = key.seal(with_statement(text, statement), seed.label("text"))
    seed.statement_sealed = key.seal(statement, seed.label("statement"))
    SeededDraft.objects.bulk_create([seed], ignore_conflicts=True)
    return True


def with_statement(text: str, statement: str) -> str:
    """`text` with `statement` as a sentence of its own before its last paragraph, where nobody reads it first."""
    before, gap, last = text.rstrip().rpartition("\n\n")
    if not gap:
        before, gap, last = text.rstrip().rpartition("\n")
    return f"{before} {statement}{gap}{last}" if gap else f"{last} {statement}"


def settle(actor: Actor, item: Item, approved: str | None, active_seconds: float | None, now: datetime) -> str:
    """How this decision meets what was planted in `item`: `NOTICED`, `STANDS`, or empty where it is a review.

    For `decide`, in its transaction and with the item locked. `approved` is the text of an approval. It never stands
    with a planted statement in it, whether that is open, was settled, or was taken out while somebody had it before
    them.
    """
    key = unwrap(item.scope_key, keyring())
    seeds = list(SeededDraft.objects.select_for_update(of=("self",)).filter(item=item))
    standing = approved is not None and any(stands_in(_statement(key, seed), approved) for seed in seeds)
    shown = _shown(actor, item) if seeds else None
    if shown is None:
        return STANDS if standing else ""
    shown.settled_at, shown.reviewer_id, shown.noticed = now, actor.user_id, not standing
    shown.active_seconds = active_seconds
    shown.save(update_fields=["settled_at", "reviewer", "noticed", "active_seconds"])
    # Who it was stays out of the log: it is about whether drafts are read, not about a person.
    record("pilot", [Event("seed.settled", f"item:{item.pk}", {"noticed": shown.noticed})], now)
    return NOTICED if shown.noticed else STANDS


def _shown(actor: Actor, item: Item) -> SeededDraft | None:
    """What this person had before them: nothing where a pilot keeps drafts from them."""
    draft = draft_for(item, actor.user_id)
    return open_seed(item, draft) if draft else None


def planted_statement(item: Item, approved: str) -> str:
    """What was planted in `item` and stands in `approved`; else what was settled last. Empty where nothing was."""
    key = unwrap(item.scope_key, keyring())
    seeds = SeededDraft.objects.filter(item=item, settled_at__isnull=False).order_by("-settled_at")
    taken_out = SeededDraft.objects.filter(item=item, settled_at=None)
    statements = [_statement(key, seed) for seed in [*seeds, *taken_out]]
    return next((one for one in statements if stands_in(one, approved)), statements[0] if statements else "")


def forget_open(items: Iterable[UUID] | QuerySet[Any, Any], now: datetime) -> int:
    """Take out what was planted in these items, by their ids, and nobody has decided on; returns how many.

    For drafts that are made again, and for pilots that end. The rows stay: a page that is still open may hold them.
    """
    seeds = SeededDraft.objects.filter(item__in=items, settled_at=None, withdrawn_at=None)
    return seeds.update(withdrawn_at=now)


def stands_in(statement: str, text: str) -> bool:
    """Whether `text` says `statement`, whatever the case, the spaces and the punctuation."""
    words, within = _words(statement), _words(text)
    return f" {words} " in f" {within} " if words else statement.strip() in text


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(one for one in folded if unicodedata.category(one) != "Cf")
    return re.sub(r"[\W_]+", " ", visible).strip()


def _statement(key: DataKey, seed: SeededDraft) -> str:
    return key.unseal(seed.statement_sealed, seed.label("statement"))
