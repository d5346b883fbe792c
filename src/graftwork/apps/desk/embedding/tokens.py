"""Tokens of embedded drafts: signed, short-lived, for one item, one person and one site.

Nothing is stored: a token holds what it is bound to, and each request checks that this still stands. It ends with the
API token that it was made by, and as soon as its person's password, roles or groups change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from graftwork.apps.accounts.models import ApiToken, User
from graftwork.apps.accounts.queries import actor_for_user, groups_of, roles_of
from graftwork.apps.actors import Actor, Scope
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import access_item, may_decide, may_review, visible_items
from graftwork.core.errors import EmbedTokenInvalid, NotFound, RequestInvalid

SCOPE: Scope = "embed:write"
_SALT = "graftwork.embed"
_NO_REVIEWER = "is no active user who may review this item"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page is to show, and to whom. The item by its id, or by the use case and its id there."""

    username: str
    origin: str
    item_id: UUID | None = None
    use_case: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    token: str
    item_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody at work in a page of another site, on this one item. The actor's name says who vouched for them."""

    actor: Actor
    item_id: UUID


def issue(actor: Actor, wanted: Wanted, now: datetime) -> Issued:
    """A token for one item, made by a program that knows who sits before its page; `actor` is that of its API token.

    Raises `NotAllowed`, `RequestInvalid`, or `NotFound` for an item that the program's own user may not see.
    """
    actor.require_scope(SCOPE)
    if wanted.origin not in settings.GRAFTWORK_EMBED.allowed_origins:
        raise RequestInvalid("origin", "is not among the `embed.origins` of graftwork.toml")
    item = _item(actor, wanted)
    user = _reviewer(wanted.username, item)
    expires_at = now + timedelta(minutes=settings.GRAFTWORK_EMBED.token_minutes)
    maker = int(actor.name.removeprefix("token:"))
    held = [str(item.pk), user.pk, wanted.origin, maker, int(expires_at.timestamp()), _standing(user)]
    with transaction.atomic():
        detail = {"user": user.pk, "origin": wanted.origin}
        record(actor.name, [Event("embed.opened", f"item:{item.pk}", detail)], now)
    return Issued(signing.dumps(held, salt=_SALT), item.pk, expires_at)


def admit(token: str, item_id: UUID, origin: str, now: datetime) -> Guest:
    """Who works with `token`, asked for from a page of `origin`. Raises `EmbedTokenInvalid`, the same for any reason.

    The person has their roles as of now, and of the scopes only that to decide.
    """
    held_item, user_id, held_origin, maker, expires, standing = _read(token)
    bound = held_item == str(item_id) and held_origin == origin
    if not bound or origin not in settings.GRAFTWORK_EMBED.allowed_origins or now.timestamp() >= expires:
        raise EmbedTokenInvalid
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not _stands(maker, now) or not constant_time_compare(_standing(user), standing):
        raise EmbedTokenInvalid
    known = actor_for_user(user)
    actor = Actor(
        f"{known.name} via token:{maker}", user.pk, known.roles, frozenset(("reviews:write",)), known.groups
    )  # fmt: skip
    return Guest(actor, item_id)


def _read(token: str) -> Sequence[Any]:
    try:
        held = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise EmbedTokenInvalid from None
    assert isinstance(held, list), "whatever is signed under this salt was made by `issue`"
    return held


def _item(actor: Actor, wanted: Wanted) -> Item:
    if wanted.item_id is not None:
        return access_item(actor, wanted.item_id)
    named = visible_items(actor).filter(use_case=wanted.use_case, external_id=wanted.external_id).first()
    if named is None:
        raise NotFound("item", wanted.external_id)
    return named


def _reviewer(username: str, item: Item) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or not _may_open(actor_for_user(user), item):
        raise RequestInvalid("user", _NO_REVIEWER)
    return user


def _may_open(actor: Actor, item: Item) -> bool:
    """Who may review sees an escalated item too, though others settle it."""
    return may_decide(actor, item) or may_review(actor, item.use_case)


def _stands(token_id: int, now: datetime) -> bool:
    token = ApiToken.objects.select_related("user").filter(pk=token_id, revoked_at=None).first()
    if token is None or not token.user.is_active or SCOPE not in token.scopes:
        return False
    return token.expires_at is None or token.expires_at > now


def _standing(user: User) -> str:
    """Changes with the password, the roles and the groups, and tells none of them."""
    rights = f"{user.password}\n{sorted(roles_of(user))}\n{sorted(groups_of(user))}"
    return salted_hmac(_SALT, rights, algorithm="sha256").hexdigest()[:32]
