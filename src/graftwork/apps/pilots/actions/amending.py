"""Changing a charter after its start: openly, with a date and a reason, and only what leaves the comparison whole."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.actions import require
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.actions.enrolling import take_out_seeds
from graftwork.apps.pilots.actions.locking import checked_reason, locked, require_lead, require_state
from graftwork.apps.pilots.checking import check_modules, check_surroundings
from graftwork.apps.pilots.models import Amendment, Due, Enrolment, Pilot, PilotState
from graftwork.core.charter.amending import Change, as_fixed, check_amendment
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import NothingAmended


def amend(actor: Actor, name: str, charter: Charter, reason: str, now: datetime) -> Amendment:
    """Put `charter` in place of the one in force. `Pilot.charter_sha256` stays that of the start.

    Raises `AmendmentRefused` where a change would break the comparison, `NothingAmended`, `PilotStateWrong`.
    """
    require_lead(actor)
    reason = checked_reason(reason)
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.RUNNING, PilotState.PAUSED)
        before = pilot.as_charter
        charter = as_fixed(before, charter)
        found = check_amendment(before, charter)
        if not found:
            raise NothingAmended(name)
        check_surroundings(charter, "the charter")
        check_modules(charter, "the charter")
        amendment = add_amendment(actor, pilot, charter, found, reason, now)
        _put(pilot, before, charter)
        _told_early_is_due(pilot, before, charter, now)
        if not charter.seeds.share:
            take_out_seeds(pilot, now)
        if not pilot.simulated:  # nobody reviews in such a one
            require(pilot.use_case, charter.change.required_modules, now)
        detail = {
            "name": name, "number": amendment.number, "keys": [change.key for change in found],
            "before": before.sha256, "after": charter.sha256,
        }  # fmt: skip
        record(actor.name, [Event("pilot.amended", f"pilot:{pilot.pk}", detail)], now)
    return amendment


def add_amendment(
    actor: Actor, pilot: Pilot, charter: Charter, made: Sequence[Change], reason: str, now: datetime
) -> Amendment:
    """The row alone, within the transaction of what it is about."""
    return Amendment.objects.create(
        pilot=pilot, number=pilot.amendments.count() + 1, changes=[asdict(change) for change in made],
        reason=reason, charter_sha256=charter.sha256, amended_at=now, amended_by_id=actor.user_id,
    )  # fmt: skip


def _told_early_is_due(pilot: Pilot, before: Charter, charter: Charter, now: datetime) -> None:
    """An outcome that is added may have been told before: items that have it are looked at again."""
    added = {one.kind for one in charter.outcomes} - {one.kind for one in before.outcomes}
    if not added:
        return
    told = Enrolment.objects.filter(pilot=pilot, item__outcomes__kind__in=added)
    items = told.order_by().values_list("item_id", flat=True).distinct()
    Due.objects.bulk_create([Due(pilot=pilot, item_id=item, due_at=now) for item in items], batch_size=2_000)


def _put(pilot: Pilot, before: Charter, charter: Charter) -> None:
    pilot.charter = charter.model_dump(mode="json")
    if pilot.ends_at is not None:
        pilot.ends_at += timedelta(weeks=charter.plan.weeks - before.plan.weeks)
    pilot.save(update_fields=["charter", "ends_at"])
