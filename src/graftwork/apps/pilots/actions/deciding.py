"""Pausing and resuming a pilot, and its end: go, extend or stop."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.actions import require
from graftwork.apps.adoption.actions.counting import restart_streak
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.actions.enrolling import take_out_seeds
from graftwork.apps.pilots.actions.locking import checked_reason, locked, require_lead, require_state
from graftwork.apps.pilots.models import Decision, Pilot, PilotState
from graftwork.core.errors import ExtensionsUsed, RequestInvalid

Kind = Literal["go", "extend", "stop"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def pause(actor: Actor, name: str, reason: str, now: datetime) -> Decision:
    """Take no more items in, and draft nothing new. Kept as a decision, with its reason."""
    require_lead(actor)
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.RUNNING)
        pilot.state = PilotState.PAUSED
        return _decided(actor, pilot, "pause", reason, now, {})


def resume(actor: Actor, name: str, reason: str, now: datetime) -> Decision:
    """Take items in again. The end moves by as long as the pause was: the plan counts weeks of running."""
    require_lead(actor)
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.PAUSED)
        paused = pilot.decisions.filter(kind="pause").order_by("-decided_at", "-pk").first()
        if paused is not None and pilot.ends_at is not None:
            pilot.ends_at += max(now - paused.decided_at, timedelta())
        pilot.state = PilotState.RUNNING
        if not pilot.simulated:
            restart_streak(pilot.use_case)  # what the pause was suggested for is dealt with
        return _decided(actor, pilot, "resume", reason, now, {})


def decide(
    actor: Actor, name: str, kind: Kind, reason: str, now: datetime, figures: Mapping[str, Any] | None = None
) -> Decision:
    """What the owner decides, with the figures as they stand. Go and stop end the pilot; extend moves its end.

    Raises `RequestInvalid`, `PilotStateWrong`, or `ExtensionsUsed` where the charter allows no further extension.
    """
    require_lead(actor)
    if kind not in KINDS:
        raise RequestInvalid("kind", f"must be one of {', '.join(KINDS)}")
    with transaction.atomic():
        pilot = locked(actor, name)
        require_state(pilot, PilotState.RUNNING, PilotState.PAUSED)
        if kind == "extend":
            _extend(pilot, now)
        else:
            pilot.state, pilot.ended_at = PilotState.ENDED, now
            take_out_seeds(pilot, now)
        if kind == "stop" and not pilot.simulated:
            require(pilot.use_case, (), now)  # after a go people go on with drafts, and have to know how
        return _decided(actor, pilot, kind, reason, now, figures or {})


def _extend(pilot: Pilot, now: datetime) -> None:
    """An extension begins at the planned end, or now where that is past: it is never over before it began."""
    rule = pilot.as_charter.decide
    if pilot.decisions.filter(kind="extend").count() >= rule.extensions:
        raise ExtensionsUsed(pilot.name, rule.extensions)
    pilot.ends_at = max(pilot.ends_at or now, now) + timedelta(weeks=rule.extend_weeks)


def _decided(actor: Actor, pilot: Pilot, kind: str, reason: str, now: datetime, figures: Mapping[str, Any]) -> Decision:
    """The reason stays in the row: an audit entry holds no free text."""
    decision = Decision.objects.create(
        pilot=pilot, kind=kind, reason=checked_reason(reason), figures=dict(figures), decided_at=now,
        decided_by_id=actor.user_id,
    )  # fmt: skip
    pilot.save(update_fields=["state", "ends_at", "ended_at"])
    detail = {"name": pilot.name, "decision": decision.pk, "ends_at": pilot.ends_at and pilot.ends_at.isoformat()}
    record(actor.name, [Event(f"pilot.{_PAST[kind]}", f"pilot:{pilot.pk}", detail)], now)
    return decision


_PAST = {"pause": "paused", "resume": "resumed", "go": "decided_go", "extend": "extended", "stop": "decided_stop"}
