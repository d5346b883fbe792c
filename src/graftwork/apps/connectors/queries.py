"""Reading connectors: how they are, and what waits for a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.files import all_connectors
from graftwork.apps.connectors.models import LETTERS, Delivery, DeliveryState, Direction, Lane, Refusal
from graftwork.apps.work.queries import visible_items
from graftwork.systems.errors import ConnectorError
from graftwork.systems.file import ConnectorFile

Standing = Literal["running", "waiting", "failing", "paused", "stopped", "disabled", "not started", "broken"]


def require_manager(actor: Actor) -> None:
    """Whoever answers for the whole may look at connectors, and act on them."""
    actor.require_role("ops", "owner")


@dataclass(frozen=True, slots=True)
class LaneHealth:
    """One direction. Times are `None` where it has not happened yet; `done` counts records or deliveries in all."""

    direction: Direction
    standing: Standing
    done: int = 0
    failures: int = 0
    succeeded_at: datetime | None = None
    next_at: datetime | None = None
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """One connector: its lanes, and how many deliveries are in which state. `error` where its file cannot be read."""

    name: str
    file: ConnectorFile | None
    error: ConnectorError | None = None
    lanes: tuple[LaneHealth, ...] = ()
    deliveries: Mapping[str, int] = field(default_factory=dict)
    refusals: int = 0

    @property
    def letters(self) -> int:
        """What waits for a person."""
        return self.refusals + sum(self.deliveries.get(state, 0) for state in LETTERS)

    @property
    def needs_a_person(self) -> bool:
        return bool(self.error or self.letters or any(lane.standing == "paused" for lane in self.lanes))


def health(actor: Actor, now: datetime) -> list[Health]:
    """Every connector of the workspace, and those whose file is gone while something of theirs is still here."""
    require_manager(actor)
    found, broken = all_connectors()
    files = {file.name: file for file in found}
    lanes: dict[tuple[str, str], Lane] = {(lane.connector, lane.direction): lane for lane in Lane.objects.all()}
    deliveries = _delivery_counts()
    refusals = Counter(dict(Refusal.objects.values_list("connector").annotate(Count("pk"))))
    left = {name for name, states in deliveries.items() if set(states) - _FINISHED}
    return [
        Health(
            name,
            files.get(name),
            broken.get(name),
            tuple(_lane_health(files[name], lanes, direction, now) for direction in _directions(files[name]))
            if name in files
            else (),
            deliveries.get(name, {}),
            refusals[name],
        )
        for name in sorted({*files, *broken, *left, *refusals})
    ]


_FINISHED = {DeliveryState.DELIVERED.value, DeliveryState.DROPPED.value}


def _delivery_counts() -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for name, state, count in Delivery.objects.values_list("connector", "state").annotate(Count("pk")).order_by():
        counts.setdefault(name, {})[state] = count
    return counts


def _directions(file: ConnectorFile) -> list[Direction]:
    brings = file.pull is not None or file.takes_calls
    return [direction for direction, does in ((Direction.IN, brings), (Direction.OUT, file.push is not None)) if does]


def _lane_health(
    file: ConnectorFile, lanes: Mapping[tuple[str, str], Lane], direction: Direction, now: datetime
) -> LaneHealth:
    lane = lanes.get((file.name, direction.value))
    if lane is None:
        return LaneHealth(direction, "not started" if file.enabled else "disabled")
    return LaneHealth(
        direction,
        _standing(file, lane, now),
        lane.done,
        lane.failures,
        lane.succeeded_at,
        lane.not_before,
        lane.error_code,
        lane.error_message,
    )


def _standing(file: ConnectorFile, lane: Lane, now: datetime) -> Standing:
    if not file.enabled:
        return "disabled"
    if lane.stopped_at:
        return "stopped"
    if lane.paused_at:
        return "paused"
    if lane.lease_expires_at and lane.lease_expires_at > now:
        return "running"
    return "failing" if lane.failures else "waiting"


def visible_deliveries(actor: Actor) -> QuerySet[Delivery]:
    """All deliveries of items that this actor may see."""
    require_manager(actor)
    return Delivery.objects.filter(item__in=visible_items(actor)).select_related("item").order_by("pk")


def letters(actor: Actor, connector: str | None = None) -> QuerySet[Delivery]:
    """What waits for a person on its way out, oldest first."""
    rows = visible_deliveries(actor).filter(state__in=LETTERS)
    return rows if connector is None else rows.filter(connector=connector)


def visible_refusals(actor: Actor) -> QuerySet[Refusal]:
    """Records that could not become items, oldest first."""
    require_manager(actor)
    return Refusal.objects.order_by("pk")


def deliveries_of(item_id: UUID) -> Sequence[Delivery]:
    """For a page that has checked that the item may be seen, oldest first."""
    return list(Delivery.objects.filter(item_id=item_id).order_by("pk"))


def waiting_connectors(now: datetime) -> list[str]:
    """Those with deliveries that could be sent now, or that a worker left behind while sending."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=now)
    interrupted = Delivery.objects.filter(state=DeliveryState.SENDING)
    return sorted({*due.values_list("connector", flat=True).order_by().distinct(),
                   *interrupted.values_list("connector", flat=True).order_by().distinct()})  # fmt: skip
