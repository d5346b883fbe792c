"""Reading accounts: who somebody is, and what they may do."""

import hashlib
from datetime import datetime

from graftwork.apps.accounts.models import ApiToken, GroupMembership, User
from graftwork.apps.actors import Actor
from graftwork.core.errors import NotFound, NotSignedIn
from graftwork.core.usecase_tables import ROLES, Role


def secret_digest(secret: str) -> str:
    """Secrets are 256 random bits, so a plain SHA-256 cannot be searched backwards and needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def user_by_name(username: str) -> User:
    # PostgreSQL refuses to compare with a NUL.
    user = None if "\x00" in username else User.objects.filter(username=username).first()
    if user is None:
        raise NotFound("user", username)
    return user


def roles_of(user: User) -> frozenset[Role]:
    granted = set(user.role_grants.values_list("role", flat=True))
    return frozenset(role for role in ROLES if role in granted)


def groups_of(user: User) -> frozenset[str]:
    return frozenset(user.group_memberships.values_list("group", flat=True))


def members_by_group() -> dict[str, list[str]]:
    """The names of the members of each group, both in their order."""
    rows = GroupMembership.objects.order_by("group", "user__username").values_list("group", "user__username")
    found: dict[str, list[str]] = {}
    for group, username in rows:
        found.setdefault(group, []).append(username)
    return found


def actor_for_user(user: User) -> Actor:
    return Actor(f"user:{user.pk}", user.pk, roles_of(user), groups=groups_of(user))


def actor_for_token(secret: str, now: datetime) -> Actor:
    """The actor behind a token, limited to its scopes. Raises `NotSignedIn` for any reason it does not hold."""
    token = ApiToken.objects.select_related("user").filter(secret_sha256=secret_digest(secret)).first()
    if token is None or token.revoked_at or (token.expires_at and token.expires_at <= now) or not token.user.is_active:
        raise NotSignedIn
    user = token.user
    return Actor(f"token:{token.pk}", user.pk, roles_of(user), frozenset(token.scopes), groups_of(user))
