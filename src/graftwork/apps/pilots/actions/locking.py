"""What every change of a pilot does first."""

from django.db import connection

from graftwork.apps.actors import Actor
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import MAY_LEAD, visible_pilots
from graftwork.apps.work.queries import closed_usecases
from graftwork.core.errors import NotAllowed, NotFound, PilotStateWrong, RequestInvalid

MAX_REASON = 1_000


def require_lead(actor: Actor) -> None:
    """A pilot is led by people, and from the command line; there is no scope with which a token could."""
    if actor.scopes is not None:
        raise NotAllowed("a person who is signed in")
    actor.require_role(*MAY_LEAD)


def locked(actor: Actor, name: str) -> Pilot:
    """The row, locked until the transaction ends. Raises `NotFound`, also where the use case is closed to the actor.

    Who writes a row that refers to the pilot, such as a due item, is not held up (PostgreSQL: NO KEY): they may hold
    the end of the audit log already, for which whoever calls this waits next.
    """
    no_key = connection.features.has_select_for_no_key_update
    pilot = visible_pilots(actor).select_for_update(no_key=no_key).filter(name=name).first()
    if pilot is None:
        raise NotFound("pilot", name)
    return pilot


def require_open(actor: Actor, use_case: str) -> None:
    """Raises `NotFound` where the use case is open to a group of which this actor is not."""
    if use_case in closed_usecases(actor):
        raise NotFound("use case", use_case)


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
