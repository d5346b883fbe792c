"""Who does something: every action takes an `Actor`, asks it for permission and names it in the audit log."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from graftwork.core.errors import NotAllowed
from graftwork.core.usecase_tables import ROLES, Role

Scope = Literal[
    "items:read",
    "items:write",
    "reviews:read",
    "reviews:write",
    "outcomes:write",
    "knowledge:read",
    "knowledge:write",
    "embed:write",
    "pilots:read",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is what the audit log shows: a kind and a number, never a person's name. `scopes` limit a token.

    No role stands for a group: who administers the house need not read what lies in it.
    """

    name: str
    user_id: int | None
    roles: frozenset[Role]
    scopes: frozenset[Scope] | None = None
    groups: frozenset[str] = frozenset()
    every_group: bool = False

    def may_act_as(self, role: Role) -> bool:
        return role in self.roles or "admin" in self.roles

    def require_role(self, *roles: Role) -> None:
        if not any(self.may_act_as(role) for role in roles):
            raise NotAllowed(f"the role {' or '.join(roles)}")

    def belongs_to_any(self, groups: Collection[str]) -> bool:
        """Whether what is open to `groups` is open to this actor; without any it is open to everybody."""
        return not groups or self.every_group or not self.groups.isdisjoint(groups)

    def require_scope(self, scope: Scope) -> None:
        if self.scopes is not None and scope not in self.scopes:
            raise NotAllowed(f"the scope {scope}")


def operator() -> Actor:
    """Whoever runs the command line on the machine itself, where the key file lies: may do and read everything."""
    return Actor("cli", None, frozenset(ROLES), every_group=True)


def worker(name: str) -> Actor:
    return Actor(f"worker:{name}", None, frozenset(("ops",)))
