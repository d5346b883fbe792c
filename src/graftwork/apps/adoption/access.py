"""Who may lead the introduction of a use case, and who may only read how it goes."""

from graftwork.apps.actors import Actor
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.errors import NotFound
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import Role

LEADS: tuple[Role, ...] = ("ops", "owner")
READERS: tuple[Role, ...] = (*LEADS, "compliance")


def may_lead(actor: Actor) -> bool:
    return any(actor.may_act_as(role) for role in LEADS)


def may_read(actor: Actor) -> bool:
    return any(actor.may_act_as(role) for role in READERS)


def led_usecase(actor: Actor, name: str) -> UseCase:
    """The use case, for those who lead it. Raises `NotAllowed`, or `NotFound` where it is not open to this actor."""
    actor.require_role(*LEADS)
    return _visible(actor, name)


def read_usecase(actor: Actor, name: str) -> UseCase:
    """The use case, for those who may see how it goes. Raises as `led_usecase` does."""
    actor.require_role(*READERS)
    return _visible(actor, name)


def _visible(actor: Actor, name: str) -> UseCase:
    found = next((one for one in visible_usecases(actor) if one.name == name), None)
    if found is None:
        raise NotFound("use case", name)
    return found
