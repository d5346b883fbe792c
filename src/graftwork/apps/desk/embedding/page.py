"""What an embedded draft shows of an item, as JSON: the desk's page of it, without the item's own content.

The other system's page shows that already, and what is not sent cannot be read there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from graftwork.apps.actors import Actor
from graftwork.apps.desk.behind import Behind
from graftwork.apps.desk.diff import Comparison, comparison_of
from graftwork.apps.desk.fields_form import Node
from graftwork.apps.desk.grounds import ClaimShown, ExcerptShown, summary, to_check
from graftwork.apps.desk.review_page import Decided, ReviewPage, behind
from graftwork.apps.work.queries import access_item, draft_for, item_content
from graftwork.apps.work.usecases import get_usecase

Told = dict[str, Any]


def told(page: ReviewPage, actor: Actor, now: datetime) -> Told:
    """The whole page; `actor` is who sees it."""
    item, use_case = page.item, page.use_case
    return {
        "item": {"id": str(item.pk), "external_id": item.external_id, "state": item.state, "title": page.title},
        "desk_url": settings.GRAFTWORK_WORKSPACE.base_url + reverse("desk:item", args=[item.pk]),
        "mode": page.mode,
        "draft": str(page.draft.pk) if page.draft else None,
        "holder": page.holder if page.mode == "held" else "",
        "claimed_until": item.claim_expires_at.isoformat() if item.claim_expires_at and page.mine else None,
        "claim_seconds": page.claim_seconds,
        "trouble": _trouble(page),
        "passage": page.passage.said if page.passage else "",
        "notices": [{"word": one.word, "texts": list(one.texts)} for one in page.notices],
        "text": page.text,
        "is_json": page.is_json,
        "is_grounded": page.is_grounded,
        "form": form_told(page.form) if page.mode == "edit" else None,
        "statements": statements_told(page.claims),
        "removed": list(page.removed),
        "changes": changes_told(page.comparison),
        "sources": [_source(one) for one in page.excerpts],
        "reasons": [{"code": one.code, "label": one.label} for one in use_case.review.reasons] if use_case else [],
        "decided": _decided(page.decided, actor, now) if page.decided else None,
        "progress": page.progress,
    }


def checked(actor: Actor, item_id: Any, text: str, *, renew_form: bool) -> Told:
    """What is to be said of a text while it is edited: its changes, its statements, its form if asked."""
    item = access_item(actor, item_id)
    draft, use_case = draft_for(item, actor.user_id), get_usecase(item.use_case)
    known: Behind | None = behind(actor, item, draft, use_case, item_content(item)) if draft else None
    return {
        "changes": changes_told(comparison_of(use_case, known.before if known else None, text)),
        "statements": statements_told(known.claims(text)) if known else None,
        "form": form_told(known.form(text)) if known and renew_form else None,
    }


def changes_told(comparison: Comparison) -> Told:
    edits = comparison.edits if comparison.changed and not comparison.field_changes else ()
    return {
        "status": comparison.status,
        "edits": [{"operation": edit.operation, "text": edit.text} for edit in edits or ()],
        "fields": [asdict(change) for change in comparison.field_changes],
    }


def statements_told(claims: Sequence[ClaimShown] | None) -> Told | None:
    """`None` where statements are not checked. Offsets count UTF-16 units, as the browser does."""
    if claims is None:
        return None
    return {
        "summary": summary(claims),
        "to_check": to_check(claims),
        "claims": [
            {
                "text": one.text,
                "support": one.support,
                "missing": list(one.missing),
                "citing": one.citing,
                "hidden": one.hidden,
                "start": one.start,
                "end": one.end,
            }
            for one in claims
        ],
    }


def form_told(node: Node | None) -> Told | None:
    """The form of a JSON draft, without the places that its evidence would be lit in: they are not on this page."""
    return _node(asdict(node)) if node else None


def _node(node: Mapping[str, Any]) -> Told:
    kept = ("kind", "key", "label", "path", "json", "empty", "text", "choices", "rest", "number", "whole", "reason",
            "others")  # fmt: skip
    children = [_node(child) for child in node["children"]]
    return {name: node[name] for name in kept} | {
        "children": children,
        "blank": _node(node["blank"]) if node["blank"] else None,
    }


def _source(one: ExcerptShown) -> Told:
    link = settings.GRAFTWORK_WORKSPACE.base_url + one.link if one.link else ""
    pieces = [{"text": piece.text, "lit": piece.lit} for piece in one.pieces]
    return {"number": one.number, "title": one.title, "place": one.place, "link": link, "pieces": pieces}


def _trouble(page: ReviewPage) -> Told | None:
    """Why there is no draft, or why the item can only be looked at."""
    if page.broken_usecase is not None:
        return {"code": page.broken_usecase.code, "message": "The use case of this item cannot be read at the moment"}
    if page.item.error_code and page.mode != "decided":
        return {"code": page.item.error_code, "message": page.item.error_message}
    return None


def _decided(decided: Decided, actor: Actor, now: datetime) -> Told:
    review = decided.review
    return {
        "review_id": str(review.pk),
        "decision": review.decision,
        "mine": review.reviewer_id == actor.user_id,
        "by": review.reviewer.get_username() if review.reviewer else "",
        "decided_at": review.decided_at.isoformat(),
        "effective_at": review.effective_at.isoformat(),
        "undo_seconds": max(0.0, (review.effective_at - now).total_seconds()) if decided.may_undo else 0.0,
        "final": decided.final,
        "note": decided.note,
        "reason": decided.reason,
    }
