"""What every change of a pilot does first."""

from graftwork.apps.actors import Actor
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import MAY_LEAD
from graftwork.core.errors import NotAllowed, NotFound, PilotStateWrong, RequestInvalid

MAX_REASON = 1_000


def require_lead(actor: Actor) -> None:
    """A pilot is led by people, and from the command line; there is no scope with which a token could."""
    if actor.scopes is not None:
        raise NotAllowed("a person who is signed in")
    actor.require_role(*MAY_LEAD)


def locked(name: str) -> Pilot:
    """The row, locked until the transaction ends. Raises `NotFound`."""
    pilot = Pilot.objects.select_for_update().filter(name=name).first()
    if pilot is None:
        raise NotFound("pilot", name)
    return pilot


def require_state(pilot: Pilot, *states: PilotState) -> None:
    """Raises `PilotStateWrong`."""
    if pilot.state not in states:
        needed = " or ".join("a draft" if state == PilotState.DRAFT else str(state.label) for state in states)
        raise PilotStateWrong(pilot.name, str(PilotState(pilot.state).label), needed)


def checked_reason(reason: str) -> str:
    """Without space around it. Raises `RequestInvalid` where there is none, or it is too long for its column."""
    reason = reason.strip()
    if not reason:
        raise RequestInvalid("reason", "must say why, in a few words")
    if len(reason) > MAX_REASON:
        raise RequestInvalid("reason", f"must be at most {MAX_REASON:,} characters")
    return reason
