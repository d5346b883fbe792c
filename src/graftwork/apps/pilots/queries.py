"""Reading pilots: which there are, and who may see them."""

from django.db.models import QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.work.queries import closed_usecases
from graftwork.core.charter.amending import undone
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import NotFound
from graftwork.core.usecase_tables import Role

MAY_READ: tuple[Role, ...] = ("admin", "ops", "owner", "compliance")
MAY_LEAD: tuple[Role, ...] = ("admin", "ops", "owner")
UNDER_WAY = (PilotState.RUNNING.value, PilotState.PAUSED.value)


def may_read(actor: Actor) -> bool:
    return any(actor.may_act_as(role) for role in MAY_READ)


def may_lead(actor: Actor) -> bool:
    return any(actor.may_act_as(role) for role in MAY_LEAD)


def visible_pilots(actor: Actor) -> QuerySet[Pilot]:
    """The pilots of use cases that are open to this actor, the newest first; no role stands for a use case's group.

    A token needs the scope `pilots:read` besides its user's role.
    """
    actor.require_scope("pilots:read")
    actor.require_role(*MAY_READ)
    return Pilot.objects.exclude(use_case__in=closed_usecases(actor)).order_by("-created_at", "-pk")


def access_pilot(actor: Actor, name: str) -> Pilot:
    """The pilot called `name`. Raises `NotFound`, or `NotAllowed` for those who may see none."""
    pilot = visible_pilots(actor).filter(name=name).first()
    if pilot is None:
        raise NotFound("pilot", name)
    return pilot


def charter_at_start(pilot: Pilot) -> Charter:
    """The charter whose digest `charter_sha256` is: the one in force, with its amendments undone."""
    amendments = pilot.amendments.order_by("-number").values_list("changes", flat=True)
    return undone(pilot.as_charter, [change for made in amendments for change in made])


def running_pilot(use_case: str) -> Pilot | None:
    """The one that takes items in now. A paused one takes none; nor does one whose charter is not fixed yet."""
    return Pilot.objects.filter(use_case=use_case, state=PilotState.RUNNING).first()


def pilot_under_way(use_case: str) -> Pilot | None:
    """The one that runs or is paused: there is one at most."""
    return Pilot.objects.filter(use_case=use_case, state__in=UNDER_WAY).first()


def latest_pilot(use_case: str) -> Pilot | None:
    """The one that was started last, whatever became of it; simulated ones aside."""
    started = Pilot.objects.filter(use_case=use_case, simulated=False, started_at__isnull=False)
    return started.order_by("-started_at", "-pk").first()
