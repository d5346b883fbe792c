"""Who does something: every action takes an `Actor`, asks it for permission and names it in the audit log."""

from dataclasses import dataclass
from typing import Literal, get_args

from graftwork.core.errors import NotAllowed
from graftwork.core.usecase_tables import ROLES, Role

Scope = Literal["items:read", "items:write", "reviews:read", "reviews:write", "outcomes:write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is what the audit log shows: a kind and a number, never a person's name. `scopes` limit a token."""

    name: str
    user_id: int | None
    roles: frozenset[Role]
    scopes: frozenset[Scope] | None = None

    def may_act_as(self, role: Role) -> bool:
        return role in self.roles or "admin" in self.roles

    def require_role(self, *roles: Role) -> None:
        if not any(self.may_act_as(role) for role in roles):
            raise NotAllowed(f"the role {' or '.join(roles)}")

    def require_scope(self, scope: Scope) -> None:
        if self.scopes is not None and scope not in self.scopes:
            raise NotAllowed(f"the scope {scope}")


def operator() -> Actor:
    """Whoever runs the command line on the machine itself, where the key file lies: may do everything."""
    return Actor("cli", None, frozenset(ROLES))


def worker(name: str) -> Actor:
    return Actor(f"worker:{name}", None, frozenset(("ops",)))
