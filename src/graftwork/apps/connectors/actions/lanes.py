"""One worker at a time on each lane; how long it waits after failures; stopping and starting by people."""

import random
from datetime import datetime, timedelta

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.models import Direction, Lane
from graftwork.core.errors import GraftworkError
from graftwork.systems.errors import TargetDenied, TargetDown, TryFailed
from graftwork.systems.file import ConnectorFile, Waits

# A paused lane tries again this often: it goes on by itself when the system is back, and knocks rarely until then.
PAUSED_WAIT = timedelta(minutes=15)
LONGEST_ASKED_WAIT = timedelta(hours=24)
# No time of ours lies further ahead; one that does was written by a clock that was wrong.
LONGEST_WAIT = timedelta(hours=50)

_WAITS = Waits()


class LaneLost(Exception):
    """Internal: the lease ended while this worker was away, and another one may be at it."""


def take_lane(
    name: str, direction: Direction, owner: str, now: datetime, lease_seconds: float, *, at_once: bool = False
) -> Lane | None:
    """The lane, leased; `None` where another worker is at it, a person stopped it, or its time has not come.

    `at_once` takes it before its time, as a person may ask for.
    """
    Lane.objects.get_or_create(connector=name, direction=direction)
    with transaction.atomic():
        lane = _locked(name, direction)
        taken = lane.lease_owner != owner and is_leased(lane, now, lease_seconds)
        if taken or lane.stopped_at is not None or (is_early(lane, now) and not at_once):
            return None
        lane.lease_owner, lane.lease_expires_at = owner, now + timedelta(seconds=lease_seconds)
        lane.tried_at = now
        lane.save(update_fields=["lease_owner", "lease_expires_at", "tried_at"])
    return lane


def is_leased(lane: Lane, now: datetime, lease_seconds: float) -> bool:
    """Whether somebody is at it. A lease that ends far too late was taken by a wrong clock, and does not hold."""
    ends = lane.lease_expires_at
    return bool(lane.lease_owner) and ends is not None and now < ends < now + timedelta(seconds=2 * lease_seconds + 60)


def is_early(lane: Lane, now: datetime) -> bool:
    """Whether its time has not come. A time that lies too far ahead was written by a wrong clock, and does not hold."""
    return lane.not_before is not None and now < lane.not_before < now + LONGEST_WAIT


def held(lane: Lane) -> Lane:
    """The row of a leased lane, locked until the transaction ends. Raises `LaneLost` where it is not ours any more."""
    row = _locked(lane.connector, Direction(lane.direction))
    if row.lease_owner != lane.lease_owner:
        raise LaneLost
    return row


def keep_lane(lane: Lane, now: datetime, lease_seconds: float) -> None:
    """A sign of life. Raises `LaneLost`."""
    with transaction.atomic():
        row = held(lane)
        row.lease_expires_at = now + timedelta(seconds=lease_seconds)
        row.save(update_fields=["lease_expires_at"])


def leave_lane(lane: Lane) -> None:
    Lane.objects.filter(pk=lane.pk, lease_owner=lane.lease_owner).update(lease_owner="", lease_expires_at=None)


def leave_lanes_of(worker_name: str) -> int:
    """Give back what an earlier life of this very worker held: it cannot be alive."""
    held_before = Lane.objects.filter(lease_owner__startswith=f"{worker_name}/")
    return held_before.update(lease_owner="", lease_expires_at=None)


def note_success(row: Lane, now: datetime, *, done: int = 0, not_before: datetime | None = None) -> None:
    """For a row that is `held`, in the transaction that stores what was done."""
    row.failures, row.paused_at, row.error_code, row.error_message = 0, None, "", ""
    row.succeeded_at, row.not_before = now, not_before
    row.done += done
    row.save()


def note_failure(row: Lane, error: GraftworkError, file: ConnectorFile, now: datetime) -> None:
    """Count a failure of the whole lane, let it wait, and pause it after too many in a row or where we are denied."""
    if isinstance(error, TargetDown) and error.ours:  # the rate that its file sets is no failure of the system
        row.not_before = now + timedelta(seconds=max(error.retry_after_seconds or 0.0, 0.0))
        row.save(update_fields=["not_before"])
        return
    rules = (file.pull if row.direction == Direction.IN else file.push) or _WAITS
    row.failures += 1
    row.error_code, row.error_message = error.code, error.message[:500]
    if row.paused_at is None and (row.failures >= rules.pause_after or isinstance(error, TargetDenied)):
        row.paused_at = now
        event = Event(
            "connector.paused", f"connector:{row.connector}", {"direction": row.direction, "code": error.code}
        )
        record("connectors", [event], now)
    row.not_before = now + (PAUSED_WAIT if row.paused_at else wait_after(row.failures, rules, error))
    row.save()


def wait_after(failures: int, rules: Waits, error: GraftworkError) -> timedelta:
    """Doubled with each failure, less up to a fifth so that many do not come back at once; never sooner than asked."""
    seconds = min(rules.longest_wait_seconds, rules.first_wait_seconds * 2.0 ** min(failures - 1, 40))
    wait = timedelta(seconds=seconds * random.uniform(0.8, 1.0))  # noqa: S311 - spreads load, guards nothing
    asked = error.retry_after_seconds if isinstance(error, TargetDown | TryFailed) else None
    return max(wait, min(timedelta(seconds=max(asked or 0.0, 0.0)), LONGEST_ASKED_WAIT))


def stop_lane(actor: Actor, name: str, direction: Direction, now: datetime) -> None:
    """Stop one direction until a person starts it again. What is under way ends first."""
    actor.require_role("ops", "owner")
    Lane.objects.get_or_create(connector=name, direction=direction)
    with transaction.atomic():
        row = _locked(name, direction)
        if row.stopped_at is None:
            row.stopped_at = now
            row.save(update_fields=["stopped_at"])
            record(actor.name, [Event("connector.stopped", f"connector:{name}", {"direction": direction.value})], now)


def start_lane(actor: Actor, name: str, direction: Direction, now: datetime) -> None:
    """Let it run at once, whether a person stopped it or failures paused it."""
    actor.require_role("ops", "owner")
    Lane.objects.get_or_create(connector=name, direction=direction)
    with transaction.atomic():
        row = _locked(name, direction)
        row.stopped_at = row.paused_at = row.not_before = None
        row.failures = 0
        row.save(update_fields=["stopped_at", "paused_at", "not_before", "failures"])
        record(actor.name, [Event("connector.started", f"connector:{name}", {"direction": direction.value})], now)


def _locked(name: str, direction: Direction) -> Lane:
    return Lane.objects.select_for_update().get(connector=name, direction=direction)
