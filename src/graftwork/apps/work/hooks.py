"""What apps above do when items come in, when a person decides, and what they say of who may see or do what.

They register here when they are ready; nothing here calls up.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from graftwork.apps.actors import Actor
from graftwork.apps.work.models import Draft, Item, Outcome, Review
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase

Decided = Callable[[Review, datetime], None]
Told = Callable[[Outcome, datetime], None]


class Allocation(Protocol):
    """Where a new item goes: `arm` is "assisted", "control" (it gets no draft), or empty."""

    @property
    def arm(self) -> str: ...


# One allocation an item, before any is stored; `None` where nothing is to be said about it.
Allocate = Callable[[UseCase, Sequence[NewItem], datetime], Sequence[Allocation | None]]
# The stored items with their allocations, in the transaction that stores them.
Enrol = Callable[[Sequence[tuple[Item, Allocation]], datetime], None]
# An item that is there already came again with other content.
CameAgain = Callable[[UseCase, Item, NewItem, datetime], None]
# Whether the draft of an item is kept from a person, by number.
Withholds = Callable[[Item, int | None], bool]
# Why somebody may not review some of these use cases yet; those where nothing is in the way are not named.
Hinders = Callable[[Actor, Sequence[str]], Mapping[str, str]]
Drafted = Callable[[UseCase, Sequence[Draft], datetime], None]

_decided: list[Decided] = []
_undone: list[Decided] = []
_told: list[Told] = []
_creations: list[tuple[Allocate, Enrol, CameAgain]] = []
_withholds: list[Withholds] = []
_hinders: list[Hinders] = []
_drafted: list[Drafted] = []


def on_decision(react: Decided, *, undone: Decided) -> None:
    """Have `react(review, now)` called in the transaction that stores a decision, `undone` where it is taken back."""
    _decided.append(react)
    _undone.append(undone)


def on_outcome(react: Told) -> None:
    """Have `react(outcome, now)` called in the transaction that stores an outcome."""
    _told.append(react)


def on_creation(allocate: Allocate, enrol: Enrol, came_again: CameAgain) -> None:
    """Ask `allocate` where new items go, and tell `enrol` which of them were stored."""
    _creations.append((allocate, enrol, came_again))


def on_drafts(react: Drafted) -> None:
    """Have `react(use_case, drafts, now)` called in the transaction that stores drafts; the items' keys are loaded."""
    _drafted.append(react)


def withhold_where(check: Withholds) -> None:
    """Keep a draft from a person where `check(item, user_id)` says so."""
    _withholds.append(check)


def hinder_where(check: Hinders) -> None:
    """Keep a person from reviewing where `check(actor, use_cases)` gives a reason."""
    _hinders.append(check)


def decided(review: Review, now: datetime) -> None:
    for react in _decided:
        react(review, now)


def taken_back(review: Review, now: datetime) -> None:
    for react in _undone:
        react(review, now)


def told(outcome: Outcome, now: datetime) -> None:
    for react in _told:
        react(outcome, now)


def drafted(use_case: UseCase, drafts: Sequence[Draft], now: datetime) -> None:
    for react in _drafted:
        react(use_case, drafts, now)


def allocations(use_case: UseCase, items: Sequence[NewItem], now: datetime) -> list[Allocation | None]:
    """Where each item goes: what the first app says that says anything."""
    found: list[Allocation | None] = [None] * len(items)
    for allocate, _, _ in _creations:
        found = [known or new for known, new in zip(found, allocate(use_case, items, now), strict=True)]
    return found


def enrol(items: Sequence[tuple[Item, Allocation]], now: datetime) -> None:
    for _, enrol_in, _ in _creations:
        enrol_in(items, now)


def came_again(use_case: UseCase, item: Item, new: NewItem, now: datetime) -> None:
    for _, _, react in _creations:
        react(use_case, item, new, now)


def withheld(item: Item, user_id: int | None) -> bool:
    return any(check(item, user_id) for check in _withholds)


def hindrance(actor: Actor, use_case: str) -> str:
    """Why `actor` may not review this use case yet; empty where nothing is in the way."""
    return hindrances(actor, [use_case]).get(use_case, "")


def hindrances(actor: Actor, use_cases: Sequence[str]) -> dict[str, str]:
    """Why `actor` may not review some of these use cases yet, asked at once: a queue is of many."""
    found: dict[str, str] = {}
    for check in _hinders:
        found = {**check(actor, use_cases), **found}
    return found
