"""Reading connectors: how they are, and what waits for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.files import all_connectors, connector_files, get_connector
from graftwork.apps.connectors.models import LETTERS, UNFINISHED, Delivery, DeliveryState, Direction, Lane, Refusal
from graftwork.apps.work.queries import visible_items
from graftwork.core.errors import NotFound
from graftwork.systems.errors import ConnectorError, NotWanted
from graftwork.systems.file import ConnectorFile

# In the words of the condition of the index `delivery_unfinished`: SQLite sees only so that it serves.
FINISHED = (DeliveryState.DELIVERED.value, DeliveryState.DROPPED.value)
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

    @property
    def looks_well(self) -> bool:
        """Not while the last thing that became of it was a refusal, even where the system itself is there."""
        return self.standing in ("running", "waiting") and not self.error_code


@dataclass(frozen=True, slots=True)
class Health:
    """One connector: its lanes, and how many deliveries are in which state. `error` where its file cannot be read.

    `deliveries` counts what is not done with, and `delivered` of the lane; what was dropped is not counted.
    """

    name: str
    file: ConnectorFile | None
    error: ConnectorError | None = None
    lanes: tuple[LaneHealth, ...] = ()
    deliveries: Mapping[str, int] = field(default_factory=dict)
    refusals: int = 0

    @property
    def is_gone(self) -> bool:
        """Its file was removed or renamed: nothing of it will ever be delivered by itself."""
        return self.file is None and self.error is None

    @property
    def letters(self) -> int:
        """What waits for a person: of a connector that is gone, everything that is not done with."""
        states = UNFINISHED if self.is_gone else LETTERS
        return self.refusals + sum(self.deliveries.get(state, 0) for state in states)

    @property
    def needs_a_person(self) -> bool:
        return bool(self.error or self.letters or any(lane.standing == "paused" for lane in self.lanes))


def health(actor: Actor, now: datetime) -> list[Health]:
    """Every connector of the workspace, and those whose file is gone while something of theirs is still here."""
    require_manager(actor)
    found, broken = all_connectors()
    files = {file.name: file for file in found}
    lanes = _lanes(Lane.objects.all())
    deliveries = _counts(_unfinished(), "connector", "state")
    refusals = _counts(Refusal.objects.all(), "connector")
    left = {key[0] for key in (*deliveries, *refusals)}
    return [
        _health(name, files.get(name), broken.get(name), lanes, deliveries, refusals, now)
        for name in sorted({*files, *broken, *left})
    ]


def health_of(actor: Actor, name: str, now: datetime) -> Health:
    """That of one connector alone. Raises `NotFound` where it has no file, and has left nothing either."""
    require_manager(actor)
    file, error = None, None
    if name in connector_files():
        try:
            file = get_connector(name)
        except ConnectorError as raised:
            error = raised
    lanes = _lanes(Lane.objects.filter(connector=name))
    deliveries = _counts(_unfinished().filter(connector=name), "connector", "state")
    refusals = _counts(Refusal.objects.filter(connector=name), "connector")
    if file is None and error is None and not deliveries and not refusals:
        raise NotFound("connector", name)
    return _health(name, file, error, lanes, deliveries, refusals, now)


Lanes = Mapping[tuple[str, str], Lane]
Counts = Mapping[tuple[str, ...], int]


def _health(
    name: str,
    file: ConnectorFile | None,
    error: ConnectorError | None,
    lanes: Lanes,
    deliveries: Counts,
    refusals: Counts,
    now: datetime,
) -> Health:
    states = {state: count for (connector, state), count in deliveries.items() if connector == name}
    out = lanes.get((name, Direction.OUT.value))
    if out is not None and out.done:
        states[DeliveryState.DELIVERED.value] = out.done
    shown = tuple(_lane_health(file, lanes, direction, now) for direction in directions(file)) if file else ()
    return Health(name, file, error, shown, states, refusals.get((name,), 0))


def _lanes(rows: QuerySet[Lane]) -> Lanes:
    return {(lane.connector, lane.direction): lane for lane in rows}


def _counts(rows: QuerySet[Any], *fields: str) -> Counts:
    return {tuple(key): count for *key, count in rows.values_list(*fields).annotate(Count("pk")).order_by()}


def _unfinished() -> QuerySet[Delivery]:
    return Delivery.objects.exclude(state__in=FINISHED)


def is_gone(name: str) -> bool:
    """Whether no file describes the connector `name`, not even one that cannot be read."""
    return name not in connector_files()


def directions(file: ConnectorFile) -> list[Direction]:
    """Those that the file has: bringing in, by looking or by being called, and delivering."""
    brings = file.pull is not None or file.takes_calls
    return [direction for direction, does in ((Direction.IN, brings), (Direction.OUT, file.push is not None)) if does]


def _lane_health(file: ConnectorFile, lanes: Lanes, direction: Direction, now: datetime) -> LaneHealth:
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
    """What waits for a person on its way out, oldest first; of a connector whose file is gone, all that is left."""
    rows = visible_deliveries(actor).exclude(state__in=FINISHED)
    if connector is not None:
        states = UNFINISHED if is_gone(connector) else LETTERS
        return rows.filter(connector=connector, state__in=states)
    stranded = Q(state__in=UNFINISHED) & ~Q(connector__in=connector_files())
    return rows.filter(Q(state__in=LETTERS) | stranded)


def state_in_words(row: Delivery) -> str:
    """What became of it; one that was dropped without a person has its reason in `error_message`."""
    by_itself = row.state == DeliveryState.DROPPED and row.error_code == NotWanted.code
    return "dropped" if by_itself else DeliveryState(row.state).label


def visible_refusals(actor: Actor) -> QuerySet[Refusal]:
    """Records that could not become items, oldest first."""
    require_manager(actor)
    return Refusal.objects.order_by("pk")


def deliveries_of(item_id: UUID) -> Sequence[Delivery]:
    """For a page that has checked that the item may be seen, oldest first."""
    return list(Delivery.objects.filter(item_id=item_id).order_by("pk"))


def waiting_connectors(now: datetime) -> list[str]:
    """Those with deliveries that could be sent now, or that a worker left behind while sending.

    What waits behind an older delivery of the same item cannot be sent: that one is due by itself, or a letter.
    """
    older = Delivery.objects.filter(
        item=OuterRef("item"), connector=OuterRef("connector"), pk__lt=OuterRef("pk"), state__in=UNFINISHED
    )
    due = _unfinished().filter(state=DeliveryState.WAITING, not_before__lte=now).order_by()
    interrupted = _unfinished().filter(state=DeliveryState.SENDING).order_by()
    names = set(interrupted.values_list("connector", flat=True).distinct())
    waiting = set(due.values_list("connector", flat=True).distinct())
    return sorted(names | {name for name in waiting - names if due.filter(~Exists(older), connector=name).exists()})
