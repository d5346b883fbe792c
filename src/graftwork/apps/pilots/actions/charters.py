"""Writing a charter, and starting its pilot: from then on it is fixed."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.actions import require
from graftwork.apps.adoption.models import Spend
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.actions.amending import amend
from graftwork.apps.pilots.actions.deciding import decide, pause, resume
from graftwork.apps.pilots.actions.locking import locked, require_lead, require_open, require_state
from graftwork.apps.pilots.checking import check_modules, check_surroundings
from graftwork.apps.pilots.models import Pilot, PilotState
from graftwork.apps.pilots.queries import pilot_under_way, visible_pilots
from graftwork.core.appraisal.planning import planned_units
from graftwork.core.charter.amending import as_fixed, changes
from graftwork.core.charter.schema import MOST_COUNTED, Charter
from graftwork.core.errors import CharterExists, CharterFixed, CharterInvalid, PilotRunning

__all__ = ["amend", "create", "decide", "discard", "pause", "resume", "save", "start", "start_with"]

SALT_BYTES = 32


def create(actor: Actor, charter: Charter, now: datetime, *, simulated: bool = False) -> Pilot:
    """A pilot that is being written. Raises `CharterExists` where the name is taken."""
    require_lead(actor)
    require_open(actor, charter.use_case)
    with transaction.atomic():
        try:
            with transaction.atomic():
                pilot = Pilot.objects.create(
                    name=charter.name, use_case=charter.use_case, charter=_stored(charter), created_at=now,
                    simulated=simulated,
                )  # fmt: skip
        except IntegrityError:
            raise CharterExists(f"a pilot called {charter.name}") from None
        _record(actor, "pilot.created", pilot, charter, now, simulated=simulated)
    return pilot


def save(actor: Actor, name: str, charter: Charter, now: datetime) -> Pilot:
    """Put `charter` in place of the draft's. Raises `CharterFixed` after the start, where it differs."""
    require_lead(actor)
    require_open(actor, charter.use_case)
    with transaction.atomic():
        pilot = locked(actor, name)
        if charter.name != name:
            raise CharterInvalid("the charter", "name", f"is {charter.name}, but the pilot is called {name}")
        if pilot.state != PilotState.DRAFT:
            refuse_difference(pilot, charter)
            return pilot
        pilot.charter, pilot.use_case = _stored(charter), charter.use_case
        pilot.save(update_fields=["charter", "use_case"])
        _record(actor, "pilot.saved", pilot, charter, now)
    return pilot


def start(actor: Actor, name: str, now: datetime) -> Pilot:
    """Fix the charter, with its sample size; draw the salt; begin to take items in.

    Raises `PilotStateWrong`, `PilotRunning`, `CharterInvalid`, or `UseCaseNotFound`.
    """
    require_lead(actor)
    for row in visible_pilots(actor).filter(name=name, state=PilotState.DRAFT):
        as_started(row.as_charter)  # takes seconds the first time: not while the row is locked
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.DRAFT)
        charter = as_started(pilot.as_charter)
        check_surroundings(charter, "the charter")
        check_modules(charter, "the charter")
        pilot.charter, pilot.charter_sha256 = _stored(charter), charter.sha256
        pilot.salt, pilot.state = secrets.token_hex(SALT_BYTES), PilotState.RUNNING
        pilot.started_at, pilot.ends_at = now, now + timedelta(weeks=charter.plan.weeks)
        try:
            with transaction.atomic():
                pilot.save()
        except IntegrityError:
            other = pilot_under_way(pilot.use_case)
            raise PilotRunning(pilot.use_case, other.name if other else "another") from None
        if not pilot.simulated:  # nobody reviews in such a one
            require(pilot.use_case, charter.change.required_modules, now)
        _record(actor, "pilot.started", pilot, charter, now)
    return pilot


def start_with(actor: Actor, charter: Charter, now: datetime) -> Pilot:
    """Start with `charter`, as a new pilot or in place of its draft: all of it, or nothing is stored."""
    as_started(charter)  # takes seconds the first time: not while a row is locked
    with transaction.atomic():
        if Pilot.objects.filter(name=charter.name).exists():
            save(actor, charter.name, charter, now)
        else:
            create(actor, charter, now)
        return start(actor, charter.name, now)


def discard(actor: Actor, name: str, now: datetime) -> None:
    """Delete a pilot that never started, and what was put down as spent on it. Raises `PilotStateWrong`."""
    require_lead(actor)
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.DRAFT)
        spent, _ = Spend.objects.filter(pilot=name).delete()  # the next one of that name has spent nothing yet
        event = Event("pilot.discarded", f"pilot:{pilot.pk}", {"name": name, "spend_rows": spent})
        pilot.delete()
        record(actor.name, [event], now)


def refuse_difference(pilot: Pilot, charter: Charter) -> None:
    """Raise `CharterFixed` where `charter` is not the one that was fixed at the start, with its amendments."""
    differing = [change.key for change in changes(pilot.as_charter, as_fixed(pilot.as_charter, charter))]
    if differing and pilot.started_at is not None:
        raise CharterFixed(pilot.name, pilot.started_at.date().isoformat(), ", ".join(differing))


def as_started(charter: Charter) -> Charter:
    """`charter` as the start fixes it: with the planned sample, which pages then need not compute."""
    if charter.plan.units is not None:
        return charter
    units = planned_units(charter)
    if units is None or units > MOST_COUNTED:  # no company ever has so many: there is no plan to fix
        return charter
    return charter.model_copy(update={"plan": charter.plan.model_copy(update={"units": units})})


def _stored(charter: Charter) -> dict[str, Any]:
    return charter.model_dump(mode="json")


def _record(actor: Actor, action: str, pilot: Pilot, charter: Charter, now: datetime, **more: Any) -> None:
    detail = {"name": pilot.name, "use_case": pilot.use_case, "charter_sha256": charter.sha256, **more}
    record(actor.name, [Event(action, f"pilot:{pilot.pk}", detail)], now)
