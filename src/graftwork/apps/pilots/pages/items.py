"""The items behind a pilot's figures, newest first. Of people nothing is shown, tenure neither: in a small team
it would name one.

Pages go by key along the index of each arm, so that the last page costs what the first does. What no index knows is
looked for among a bounded number of items a page, and the page says how far it looked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from graftwork.apps.actors import Actor
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.work.models import Review
from graftwork.apps.work.queries import visible_usecases
from graftwork.core.charter.metrics import HANDLING_TIME

PAGE = 50
MOST_LOOKED_AT = 5_000
ARMS = {"assisted": "Assisted", "control": "Control", "none": "Not drawn yet"}
DECISIONS = {"accepted": "sent unchanged", "edited": "sent, edited"}
_STORED_ARMS = ("assisted", "control", "")
_CHUNK = 500
_FIELDS = ("item_id", "arm", "item_type", "day", "folded", "item__external_id")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`rewritten_above` is a share, 0 to 1; `below` the item behind which the page begins."""

    arm: str = ""
    item_type: str = ""
    rewritten_above: float | None = None
    below: UUID | None = None

    @property
    def query(self) -> str:
        kept = {
            "arm": self.arm, "item_type": self.item_type,
            "rewritten": "" if self.rewritten_above is None else f"{self.rewritten_above * 100:g}",
        }  # fmt: skip
        return urlencode({key: value for key, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class ItemRow:
    """`seconds` and `rewritten` are as they are in the sums; `None` where they are not known."""

    item_id: UUID
    external_id: str
    arm: str
    item_type: str
    day: date | None
    decision: str
    seconds: float | None
    rewritten: float | None

    @property
    def decision_in_words(self) -> str:
        if self.arm == "control" and self.decision == "edited":
            return "sent, written without a draft"
        return DECISIONS.get(self.decision, self.decision or "not decided")

    @property
    def arm_in_words(self) -> str:
        return ARMS[self.arm or "none"]


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """`below` is where the next page begins; `looked_at` is given where it ends without being full."""

    rows: Sequence[ItemRow]
    below: UUID | None
    looked_at: int | None
    may_open: bool


def items_page(actor: Actor, pilot: Pilot, wanted: Wanted) -> ItemsPage:
    found: list[dict[str, Any]] = []
    looked, last, ended = 0, wanted.below, True
    for looked, row in enumerate(_candidates(pilot, wanted), 1):
        if len(found) == PAGE or looked > MOST_LOOKED_AT:
            ended = False
            break
        last = row["item_id"]
        if _fits(row, wanted):
            found.append(row)
    may_open = pilot.use_case in {one.name for one in visible_usecases(actor)}
    rows = _rows(found, names=may_open)
    return ItemsPage(rows, None if ended else last, looked - 1 if not ended and len(found) < PAGE else None, may_open)


def all_rows(actor: Actor, pilot: Pilot, wanted: Wanted) -> Iterator[ItemRow]:
    """Every row that fits, for a download."""
    names = pilot.use_case in {one.name for one in visible_usecases(actor)}
    fitting = (row for row in _candidates(pilot, replace(wanted, below=None)) if _fits(row, wanted))
    while chunk := list(islice(fitting, _CHUNK)):
        yield from _rows(chunk, names=names)


def _candidates(pilot: Pilot, wanted: Wanted) -> Iterator[dict[str, Any]]:
    arms = _STORED_ARMS if wanted.arm not in ARMS else (wanted.arm.replace("none", ""),)
    return merge(*(_of_arm(pilot, arm, wanted.below) for arm in arms), key=lambda row: row["item_id"], reverse=True)


def _of_arm(pilot: Pilot, arm: str, below: UUID | None) -> Iterator[dict[str, Any]]:
    rows = Enrolment.objects.filter(pilot=pilot, arm=arm).order_by("-item_id")
    while True:
        chunk = list((rows.filter(item_id__lt=below) if below else rows).values(*_FIELDS)[:_CHUNK])
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        below = chunk[-1]["item_id"]


def _fits(row: Mapping[str, Any], wanted: Wanted) -> bool:
    if wanted.item_type and row["item_type"] != wanted.item_type:
        return False
    if wanted.rewritten_above is None:
        return True
    rewritten = _value(row, "share_rewritten")
    return rewritten is not None and rewritten > wanted.rewritten_above


def _rows(found: Sequence[Mapping[str, Any]], *, names: bool) -> list[ItemRow]:
    decisions = _decisions([row["item_id"] for row in found])
    return [
        ItemRow(
            row["item_id"], row["item__external_id"] if names else "", row["arm"], row["item_type"],
            row["day"], decisions.get(row["item_id"], ""), _value(row, HANDLING_TIME), _value(row, "share_rewritten"),
        )
        for row in found
    ]  # fmt: skip


def _decisions(ids: Sequence[UUID]) -> dict[UUID, str]:
    """What was decided last on each item."""
    rows = Review.objects.filter(item__in=ids, undone_at=None).order_by("decided_at", "pk")
    return dict(rows.values_list("item_id", "decision"))


def _value(row: Mapping[str, Any], metric: str) -> float | None:
    """A mean of one item is its sum: d is 1."""
    held = (row["folded"] or {}).get(metric)
    return float(held[0]) if held else None
