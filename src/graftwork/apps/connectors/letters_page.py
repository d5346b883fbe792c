"""What waits for a person, as one list: deliveries on their way out, and records that could not come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.models import LETTERS, Delivery, DeliveryState, Refusal
from graftwork.apps.connectors.queries import letters, visible_deliveries, visible_refusals
from graftwork.apps.connectors.sealing import record_key
from graftwork.core.errors import RequestInvalid

REFUSED = "refused"
# Those of `UNFINISHED` that are no letters wait for a person where the file of their connector is gone.
KINDS = (*(state.value for state in (*LETTERS, DeliveryState.WAITING, DeliveryState.SENDING)), REFUSED)
SHOWN_LETTERS = 50
MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Letter:
    """`mark` names it in a form. `since` is when it was decided or first seen, `last` when a record was last seen."""

    mark: str
    kind: str
    code: str
    message: str
    since: datetime
    tries: int | None = None
    last: datetime | None = None
    item_id: UUID | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class LettersPage:
    """`shown` are the oldest; `total` is how many there are of this kind, or in all."""

    shown: Sequence[Letter]
    total: int
    counts: Mapping[str, int]
    unsure: int

    @property
    def to_replay(self) -> int:
        """How many can be tried again all together: what was possibly sent is for a look at each."""
        return self.total - self.unsure


def letters_page(actor: Actor, connector: str, kind: str = "") -> LettersPage:
    """Those of one kind, or of all. Raises `RequestInvalid` for a kind that there is not."""
    if kind and kind not in KINDS:
        raise RequestInvalid("kind", "is none that there is")
    deliveries = letters(actor, connector)
    refusals = visible_refusals(actor).filter(connector=connector)
    found = dict(deliveries.order_by().values_list("state").annotate(Count("pk")))
    counts = {state: found.get(state, 0) for state in KINDS if state != REFUSED} | {REFUSED: refusals.count()}
    shown: list[Letter] = []
    if kind != REFUSED:
        wanted = deliveries.filter(state=kind) if kind else deliveries
        shown += [_of_delivery(row) for row in wanted[:SHOWN_LETTERS]]
    if kind in ("", REFUSED):
        shown += [_of_refusal(row) for row in refusals.select_related("scope_key")[: SHOWN_LETTERS - len(shown)]]
    unsure = counts[DeliveryState.UNSURE.value] if kind in ("", DeliveryState.UNSURE) else 0
    return LettersPage(shown, counts[kind] if kind else sum(counts.values()), counts, unsure)


def marks_of_all(actor: Actor, connector: str, kind: str = "", *, with_unsure: bool = True) -> list[str]:
    """Every letter of one kind, or of all: as many as one request may settle, oldest first.

    Without those that were possibly sent, where what is done with all of them could have them arrive twice.
    """
    marks: list[str] = []
    if kind != REFUSED:
        rows = letters(actor, connector)
        if not with_unsure:
            rows = rows.exclude(state=DeliveryState.UNSURE)
        wanted: Any = rows.filter(state=kind) if kind else rows
        marks += [f"d:{pk}" for pk in wanted.values_list("pk", flat=True)[:MOST_AT_ONCE]]
    if kind in ("", REFUSED):
        found = visible_refusals(actor).filter(connector=connector)
        marks += [f"r:{pk}" for pk in found.values_list("pk", flat=True)[: MOST_AT_ONCE - len(marks)]]
    return marks


def count_unsure(actor: Actor, connector: str, kind: str = "") -> int:
    """How many of one kind, or of all, were possibly sent."""
    if kind not in ("", DeliveryState.UNSURE):
        return 0
    return letters(actor, connector).filter(state=DeliveryState.UNSURE).count()


def unsure_among(actor: Actor, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these deliveries that were possibly sent."""
    found = visible_deliveries(actor).filter(pk__in=ids, state=DeliveryState.UNSURE)
    return set(found.values_list("pk", flat=True))


def parted(marks: Sequence[str]) -> tuple[list[UUID], list[UUID]]:
    """The ids of deliveries and of records. Raises `RequestInvalid` for what is neither."""
    found: dict[str, list[UUID]] = {"d": [], "r": []}
    for mark in marks[:MOST_AT_ONCE]:
        kind, _, text = mark.partition(":")
        try:
            found[kind].append(UUID(text))
        except (KeyError, ValueError):
            raise RequestInvalid("letter", "names none of them") from None
    return found["d"], found["r"]


def _of_delivery(row: Delivery) -> Letter:
    return Letter(
        f"d:{row.pk}", DeliveryState(row.state).value, row.error_code, row.error_message, row.created_at, row.tries,
        None, row.item_id, row.item.external_id,
    )  # fmt: skip


def _of_refusal(row: Refusal) -> Letter:
    return Letter(
        f"r:{row.pk}", REFUSED, row.error_code, row.error_message, row.first_seen_at, last=row.seen_at,
        external_id=record_key(row),
    )  # fmt: skip
