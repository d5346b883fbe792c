"""What stands in for the operator's commands where drafts are embedded in pages of another system.

Part of the server's process; see house.py.
"""

from datetime import UTC, datetime
from typing import Any


def embed_from(origin: str, token_minutes: float = 30) -> None:
    """As if graftwork.toml said so."""
    from django.conf import settings

    from graftwork.config.workspace import EmbedSettings

    settings.GRAFTWORK_EMBED = EmbedSettings(origins=origin, token_minutes=token_minutes)


def make_api_token(username: str) -> str:
    """A token of the other system, for a user of its own."""
    from graftwork.apps.accounts.actions import add_user, make_token
    from graftwork.apps.actors import operator

    user = add_user(operator(), username, ["reviewer"], _now())
    return make_token(operator(), user, username, ["embed:write"], _now())


def end_tokens(username: str) -> None:
    """Every embedding token of this person ends, as with a new password."""
    from graftwork.apps.accounts.actions import set_password
    from graftwork.apps.accounts.queries import user_by_name
    from graftwork.apps.actors import operator

    set_password(operator(), user_by_name(username), None, _now())


def draft_again(external_id: str, draft: str) -> None:
    """Nobody holds the item any more, and its draft is made again."""
    import house

    from graftwork.apps.work.models import Item, ItemState

    Item.objects.filter(external_id=external_id).update(
        state=ItemState.WAITING, claimed_by=None, claim_expires_at=None
    )  # fmt: skip
    item = Item.objects.get(external_id=external_id)
    house.finish(item.use_case, house.lease(item.use_case, [item.pk]), {external_id: draft})


def embedded_reviews() -> list[dict[str, Any]]:
    """What is stored of each decision, with the script of its edits."""
    from graftwork.apps.work.models import Review
    from graftwork.apps.work.queries import review_texts

    rows = Review.objects.select_related("item__scope_key", "draft", "reviewer").order_by("decided_at")
    return [
        {
            "by": row.reviewer.username if row.reviewer else None,
            "decision": row.decision,
            "reason": row.reason,
            "note": texts.note,
            "final": texts.final,
            "share": row.share_rewritten,
            "edits": [[edit.operation, edit.text] for edit in texts.edits or ()],
            "active": row.active_seconds,
            "wall": row.wall_seconds,
            "thinking": row.thinking_seconds,
            "undone": row.undone_at is not None,
        }
        for row in rows
        for texts in [review_texts(row)]
    ]


def _now() -> datetime:
    return datetime.now(UTC)
