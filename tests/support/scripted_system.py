"""A connected system in memory, named by connectors of tests as `class = "support.scripted_system:Scripted"`.

It keeps what it is given under `settings.name`, answers by a script, and keeps the rule of every system: what has
arrived under a key is not taken twice.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import Unsure

CONNECTOR = """\
name = "desk_of_old"
use_case = "note_reply"
system = "python"
class = "support.scripted_system:Scripted"
settings = { name = "desk_of_old" }

[pull]
every_seconds = 60
batch_items = 3

[push]
parallel = 1
tries = 3
first_wait_seconds = 10
pause_after = 5
"""


@dataclass
class Far:
    """The far side: its records, what it was given in order, and what it does at the next calls."""

    records: list[Record] = field(default_factory=list)
    arrived: list[Delivery] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    calls: list[Delivery] = field(default_factory=list)
    on_push: list[Exception | Callable[[Delivery], None] | None] = field(default_factory=list)
    on_pull: list[Exception | None] = field(default_factory=list)
    on_settle: list[Exception | None] = field(default_factory=list)
    on_open: list[Exception | None] = field(default_factory=list)
    recognises: bool = True
    secrets: Mapping[str, str] = field(default_factory=dict)


far: dict[str, Far] = defaultdict(Far)


class Scripted:
    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], around: Surroundings) -> None:
        del around
        self._far = far[settings.get("name", "")]
        self._far.secrets = secrets
        if step := self._far.on_open.pop(0) if self._far.on_open else None:
            raise step

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        step = self._far.on_pull.pop(0) if self._far.on_pull else None
        if step is not None:
            raise step
        start = int(cursor["next"]) if cursor else 0
        records = self._far.records[start : start + limit]
        end = start + len(records)
        return Pulled(records, {"next": end}, more=end < len(self._far.records))

    def settle(self, records: Sequence[Record]) -> None:
        if step := self._far.on_settle.pop(0) if self._far.on_settle else None:
            raise step
        self._far.settled += [record.key for record in records]

    def push(self, delivery: Delivery) -> Receipt:
        self._far.calls.append(delivery)
        known = any(one.key == delivery.key for one in self._far.arrived)
        if delivery.unsure and not self._far.recognises:
            raise Unsure("nobody can tell")
        if known:
            return Receipt(f"ref-{delivery.external_id}", already=True)
        step = self._far.on_push.pop(0) if self._far.on_push else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            step(delivery)
        self._far.arrived.append(delivery)
        return Receipt(f"ref-{delivery.external_id}")

    def check(self) -> Sequence[str]:
        return [f"{len(self._far.records)} records"]

    def close(self) -> None:
        return
