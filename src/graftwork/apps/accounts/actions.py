"""Writing accounts: people, roles, sign-in links, tokens."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from graftwork.apps.accounts.models import ApiToken, GroupMembership, RoleGrant, SignInLink, User
from graftwork.apps.accounts.queries import secret_digest
from graftwork.apps.actors import SCOPES, Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.core.errors import NotFound, RequestInvalid, SignInLinkInvalid, did_you_mean
from graftwork.core.usecase_tables import NAME, ROLES

LINK_MINUTES = 30.0
MAX_TOKEN_NAME_CHARACTERS = 80


def add_user(actor: Actor, username: str, roles: list[str], now: datetime, *, password: str | None = None) -> User:
    """Add a person. Without a password they come in by a sign-in link."""
    actor.require_role("admin")
    user = User(username=username)
    _set_password(user, password)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise RequestInvalid("username", "; ".join(error.messages)) from None
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise RequestInvalid("username", f"there is a user {username} already")
        user.save()
        _record(actor, "user.added", user, now)
        for role in roles:
            give_role(actor, user, role, now)
    return user


def set_password(actor: Actor, user: User, password: str | None, now: datetime) -> None:
    """Everyone may set their own; an admin anyone's. `None` leaves only sign-in links."""
    if actor.user_id != user.pk:
        actor.require_role("admin")
    _set_password(user, password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        _record(actor, "user.password_set", user, now)


def set_active(actor: Actor, user: User, now: datetime, *, active: bool) -> None:
    """Shut somebody out, or let them in again. Sessions and tokens of an inactive user no longer count."""
    actor.require_role("admin")
    user.is_active = active
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        _record(actor, "user.enabled" if active else "user.disabled", user, now)


def give_role(actor: Actor, user: User, role: str, now: datetime) -> None:
    actor.require_role("admin")
    if role not in ROLES:
        raise RequestInvalid("role", f"there is no role {role}{did_you_mean(role, list(ROLES))}")
    with transaction.atomic():
        _, new = RoleGrant.objects.get_or_create(user=user, role=role)
        if new:
            _record(actor, "role.given", user, now, role=role)


def take_role(actor: Actor, user: User, role: str, now: datetime) -> None:
    actor.require_role("admin")
    with transaction.atomic():
        if not RoleGrant.objects.filter(user=user, role=role).delete()[0]:
            raise NotFound("role", role)
        _record(actor, "role.taken", user, now, role=role)


def add_to_group(actor: Actor, user: User, group: str, now: datetime) -> None:
    """`user` may read and review what is open to `group`, which begins to be with its first member."""
    actor.require_role("admin")
    require_group_name(group)
    with transaction.atomic():
        _, new = GroupMembership.objects.get_or_create(user=user, group=group)
        if new:
            _record(actor, "group.joined", user, now, group=group)


def take_from_group(actor: Actor, user: User, group: str, now: datetime) -> None:
    actor.require_role("admin")
    require_group_name(group)
    with transaction.atomic():
        if not GroupMembership.objects.filter(user=user, group=group).delete()[0]:
            raise NotFound("group", group)
        _record(actor, "group.left", user, now, group=group)


def require_group_name(group: str) -> None:
    """Raises `RequestInvalid` for what can be no group."""
    if re.fullmatch(NAME, group) is None:
        raise RequestInvalid("group", "must be lower-case letters, digits and _, and begin with a letter")


def make_sign_in_link(actor: Actor, user: User, now: datetime, *, minutes: float = LINK_MINUTES) -> str:
    """The secret of a link that signs `user` in once. It is shown now and never again."""
    actor.require_role("admin")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        SignInLink.objects.create(
            user=user, secret_sha256=secret_digest(secret), expires_at=now + timedelta(minutes=minutes)
        )
        _record(actor, "link.made", user, now)
    return secret


def use_sign_in_link(secret: str, now: datetime) -> User:
    """Redeem a link. Raises `SignInLinkInvalid` where it was used, has expired or never was."""
    digest = secret_digest(secret)
    with transaction.atomic():
        good = SignInLink.objects.filter(secret_sha256=digest, used_at=None, expires_at__gt=now, user__is_active=True)
        if not good.update(used_at=now):
            raise SignInLinkInvalid
        user = SignInLink.objects.select_related("user").get(secret_sha256=digest).user
        record(f"user:{user.pk}", [Event("link.used", f"user:{user.pk}", {})], now)
    return user


def note_sign_in(user: User, now: datetime) -> None:
    """Record that somebody signed in with their password; a link records itself when it is used."""
    with transaction.atomic():
        record(f"user:{user.pk}", [Event("user.signed_in", f"user:{user.pk}", {})], now)


def make_token(
    actor: Actor, user: User, name: str, scopes: list[str], now: datetime, *, days: float | None = 90.0
) -> str:
    """The secret of a new token that acts for `user` within `scopes`. It is shown now and never again."""
    actor.require_role("admin")
    for scope in scopes:
        if scope not in SCOPES:
            raise RequestInvalid("scope", f"there is no scope {scope}{did_you_mean(scope, list(SCOPES))}")
    if not 1 <= len(name) <= MAX_TOKEN_NAME_CHARACTERS:
        raise RequestInvalid("name", f"must have 1 to {MAX_TOKEN_NAME_CHARACTERS} characters")
    secret = f"gw_{secrets.token_urlsafe(32)}"
    expires_at = now + timedelta(days=days) if days is not None else None
    with transaction.atomic():
        if ApiToken.objects.filter(name=name).exists():
            raise RequestInvalid("name", f"there is a token {name} already")
        ApiToken.objects.create(
            name=name, user=user, secret_sha256=secret_digest(secret), scopes=sorted(set(scopes)), expires_at=expires_at
        )
        _record(actor, "token.made", user, now, scopes=sorted(set(scopes)))
    return secret


def revoke_token(actor: Actor, name: str, now: datetime) -> None:
    actor.require_role("admin")
    with transaction.atomic():
        token = ApiToken.objects.select_related("user").filter(name=name, revoked_at=None).first()
        if token is None:
            raise NotFound("token", name)
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        _record(actor, "token.revoked", token.user, now, token=token.pk)


def _record(actor: Actor, action: str, user: User, now: datetime, **detail: Any) -> None:
    record(actor.name, [Event(action, f"user:{user.pk}", detail)], now)


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RequestInvalid("password", "; ".join(error.messages)) from None
    user.set_password(password)
