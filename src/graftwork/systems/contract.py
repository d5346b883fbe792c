"""What every connected system can do: give items, take results. Plain data; a system knows nothing of the store.

Both directions may be repeated at any moment, since the process may be killed at any moment: `pull` gives the same
record under the same key again, and `push` recognises by the delivery's key what has arrived already.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from graftwork.core.document import Document
from graftwork.core.types import Decision

# Plain JSON, small. It is stored in the clear: marks of time and numbers, never what a record says.
Cursor = Mapping[str, Any]
Event = Literal["approved", "rejected", "escalated"]


@dataclass(frozen=True, slots=True)
class Record:
    """One piece of work as a system holds it.

    `key` names it there for ever. `row` holds the columns that the use case reads its fields from. `origin` is what
    `push` needs to find the place again and to see whether somebody changed it since (plain JSON, sealed with the
    item). `problem` says why the record cannot become an item; it never quotes it.
    """

    key: str
    row: Mapping[str, Any] = field(repr=False)
    thread: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pulled:
    """`cursor` is where the next pull begins, once the records are stored. `more`: it can begin at once."""

    records: Sequence[Record]
    cursor: Cursor
    more: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a person decided on one item, on its way to a system.

    `key` is the same on every try and unique among all deliveries: it is what the target can recognise one by.
    `text` is the approved text, empty where nothing was approved; `values` is the same where the use case gives JSON.
    `unsure` says that an earlier try ended without an answer, so it may have arrived. `overwrite` says that a person
    wants it delivered although the place has changed. `late_after` is a reading of `time.monotonic()`.
    """

    key: str
    event: Event
    use_case: str
    external_id: str
    thread: str
    decision: Decision
    decided_at: datetime
    text: str = field(repr=False)
    values: Mapping[str, Any] | None = field(default=None, repr=False)
    origin: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reason: str = ""
    note: str = field(default="", repr=False)
    reviewer: str = field(default="", repr=False)
    tries: int = 1
    unsure: bool = False
    overwrite: bool = False
    late_after: float | None = None

    @property
    def is_late(self) -> bool:
        """Whether another worker may be at it by now. To be looked at just before a write that cannot be repeated."""
        return self.late_after is not None and time.monotonic() > self.late_after


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reference` is what the target calls the result, where it says so. `already`: it was there before this try."""

    reference: str = ""
    already: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a system is given to work with. Relative paths of a connector's file begin at `folder`, the workspace's.

    `read_document` reads the bytes of a file of that name in a process of its own; it raises a `DocumentError`.
    """

    folder: Path
    read_document: Callable[[bytes, str], Document]
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False


class System(Protocol):
    """One connected system, opened from a connector's file. All failures are raised as a `TargetError`.

    `pull` and `settle` are called from one thread; `push` from as many as the file's `push.parallel` says.
    """

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        """Up to `limit` records after `cursor`, oldest first; `None` begins at the beginning. Changes nothing there."""
        ...

    def settle(self, records: Sequence[Record]) -> None:
        """Show in the system that these records are stored here, where the file asks for it. May come twice, or never.

        Where nothing else keeps `pull` from finding them again, they are found again, and settled then.
        """
        ...

    def push(self, delivery: Delivery) -> Receipt:
        """Deliver once: where `delivery` has arrived already, say so and change nothing.

        Raises `Conflict` where the place was changed since it was read, `Unsure` where it may have arrived and that
        cannot be told.
        """
        ...

    def check(self) -> Sequence[str]:
        """Reach the system and change nothing; what was found, in words for a person. No content, no secrets."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Watcher(Protocol):
    """A system that can say at once that there is something new."""

    def watch(self, stopping: Callable[[], bool], on_news: Callable[[], None]) -> None:
        """Call `on_news` whenever something has come, until `stopping`. Raises a `TargetError` when it cannot go on."""
        ...


@runtime_checkable
class Receiver(Protocol):
    """A system that calls us."""

    def receive(self, headers: Mapping[str, str], body: bytes) -> Sequence[Record]:
        """The records of one call; header names in lower case. Raises `CallRefused`."""
        ...
