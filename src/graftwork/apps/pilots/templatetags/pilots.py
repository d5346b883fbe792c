"""What pages of pilots say in words, and who sees a link to them."""

from typing import Any

from django import template

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor
from graftwork.apps.pilots.queries import may_read
from graftwork.core.appraisal import sentences

register = template.Library()


@register.simple_tag(takes_context=True)
def pilot_links(context: dict[str, Any]) -> bool:
    """Whether this person may open the pages of pilots."""
    user = context.get("user")
    if not isinstance(user, User):
        return False
    actor: Actor = getattr(context.get("request"), "actor", None) or actor_for_user(user)
    return may_read(actor)


@register.filter
def said(value: Any) -> str:
    """A value of a charter as an amendment shows it, on one line."""
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, list):
        return "; ".join(said(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {said(one)}" for key, one in value.items() if one not in (None, ""))
    return str(value)


@register.filter
def seconds(value: float | None) -> str:
    return "unknown" if value is None else sentences.seconds(value)


@register.filter
def share(value: float | None) -> str:
    """Of a draft; an item without one has nothing to rewrite."""
    return "" if value is None else sentences.percent(value)
