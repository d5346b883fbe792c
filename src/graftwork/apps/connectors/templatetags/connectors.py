"""What pages of connectors and of imports say in words, and who sees links to them."""

from typing import Any

from django import template

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import Delivery, DeliveryState
from graftwork.apps.connectors.queries import LaneHealth, state_in_words
from graftwork.apps.connectors.uploads.queries import importable_usecases
from graftwork.apps.work.exporting import MAY_EXPORT
from graftwork.core.usecase_tables import Role

register = template.Library()

MANAGERS: tuple[Role, ...] = ("ops", "owner")  # as `queries.require_manager` asks

_STANDING = {
    "running": "at work now",
    "waiting": "well, waits for the next time",
    "failing": "fails at the moment",
    "paused": "paused",
    "stopped": "stopped by a person",
    "disabled": "switched off in its file",
    "not started": "has not run yet",
    "broken": "broken",
}
_LETTER_KINDS = {
    DeliveryState.DEAD.value: "could not be delivered",
    DeliveryState.CONFLICT.value: "changed there meanwhile",
    DeliveryState.UNSURE.value: "possibly sent",
    DeliveryState.WAITING.value: "waits to be sent",
    DeliveryState.SENDING.value: "was being sent",
    "refused": "could not come in",
}


@register.simple_tag(takes_context=True)
def console_links(context: dict[str, Any]) -> dict[str, bool]:
    """Which of the two pages this person may open: `connectors`, and `tables` for imports and exports."""
    user = context.get("user")
    if not isinstance(user, User):
        return {"connectors": False, "tables": False}
    actor: Actor = getattr(context.get("request"), "actor", None) or actor_for_user(user)
    manages = any(actor.may_act_as(role) for role in MANAGERS)
    exports = any(actor.may_act_as(role) for role in MAY_EXPORT)
    return {"connectors": manages, "tables": exports or bool(importable_usecases(actor))}


@register.filter
def standing(lane: LaneHealth) -> str:
    if lane.standing == "waiting" and not lane.looks_well:
        return "answers, but refused the last"
    return _STANDING.get(lane.standing, lane.standing)


@register.filter
def standing_class(lane: LaneHealth) -> str:
    """What its colour goes by."""
    if lane.standing == "waiting" and not lane.looks_well:
        return "failing"
    return lane.standing.replace(" ", "-")


@register.filter
def delivery_state(row: Delivery) -> str:
    return state_in_words(row)


@register.filter
def letter_kind(state: str) -> str:
    return _LETTER_KINDS.get(state, state)


@register.filter
def megabytes(size_bytes: int) -> str:
    """A size in the unit that a person would choose."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1_000))} kB"
    return f"{round(size_bytes / 1_000_000, 1):g} MB"


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def percent(share: float) -> str:
    """A share of 0 to 1, rounded down: what is not through never reads 100 %."""
    return f"{int(share * 100)} %"
