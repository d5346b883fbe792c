"""How shares, hours and money are written, and who sees links to the pages of this app."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import may_read
from graftwork.apps.adoption.pulses import waiting_for
from graftwork.apps.adoption.reading import markdown_as_html
from graftwork.core.adoption import Share
from graftwork.core.stats import Estimate

register = template.Library()

_KINDS = {"build": "Build", "running": "Running", "governance": "Governance and security", "training": "Training",
          "licences": "Licences", "other": "Other"}  # fmt: skip


@register.simple_tag(takes_context=True)
def adoption_links(context: dict[str, Any]) -> dict[str, bool]:
    """What of this app there is for this person: `training`, `survey` (one waits), `adoption`."""
    user = context.get("user")
    if not isinstance(user, User):
        return {"training": False, "survey": False, "adoption": False}
    actor: Actor = getattr(context.get("request"), "actor", None) or actor_for_user(user)
    return {**waiting_for(user.pk, timezone.now()), "adoption": may_read(actor)}


@register.filter
def percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.0f} %"


@register.filter
def interval(estimate: Estimate | None) -> str:
    """The interval of a share; says so where there is too little for one."""
    if estimate is None:
        return "unknown"
    if estimate.low is None or estimate.high is None:
        return "too few to say how sure"
    return f"{100 * estimate.low:.0f} to {100 * estimate.high:.0f} %"


@register.filter
def points(estimate: Estimate) -> str:
    """A mean of 1 to 5 with its interval."""
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.1f}"
    return f"{estimate.value:.1f} ({estimate.low:.1f} to {estimate.high:.1f})"


@register.filter
def share_cell(share: Share) -> SafeString:
    """So many of so many, the share, and its interval."""
    if share.estimate is None:
        return format_html('<span class="quiet">{}</span>', "nobody yet")
    return format_html(
        '{} of {} <span class="quiet">{}, {}</span>',
        share.count, share.of, percent(share.estimate.value), interval(share.estimate),
    )  # fmt: skip


@register.filter
def hours(number: float) -> str:
    return f"{number:,.1f} h".replace(".0 h", " h")


@register.filter
def money(amount: float, currency: str) -> str:
    """`EUR 9,000`; cents stay where there are some, since these amounts were noted and not estimated."""
    return f"{currency} {amount:,.2f}".removesuffix(".00")


@register.filter
def kind_words(kind: str) -> str:
    return _KINDS.get(kind, kind)


@register.filter
def lookup(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key, "")


@register.filter
def as_html(text: str) -> SafeString:
    return mark_safe(markdown_as_html(text))  # noqa: S308 - raw HTML in it was escaped, scripts in links refused


@register.simple_tag
def budget_rows(budget: Mapping[str, float], spent: Mapping[str, float]) -> list[tuple[str, float | None, float]]:
    """(kind, planned or `None`, spent), of every kind that either names."""
    return [(kind, budget.get(kind), spent.get(kind, 0.0)) for kind in _KINDS if kind in budget or kind in spent]
