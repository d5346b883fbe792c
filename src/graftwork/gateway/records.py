"""A record of each call, gathered in memory and stored in the background, many at a time."""

import asyncio
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import DataError, IntegrityError

from graftwork.apps.traffic.actions import CALL_COLUMNS
from graftwork.apps.traffic.queries import Used
from graftwork.core.errors import GatewayRecordsFull
from graftwork.gateway.limits import Limits

log = logging.getLogger(__name__)

_numbers = random.Random(os.urandom(32))  # noqa: S311 - an id has to be unique, not secret

FLUSH_SECONDS = 0.5
ROWS_A_WRITE = 1_000
# With the database gone, so many calls are still let through: after that none, because none may go unrecorded.
MOST_WAITING = 20_000

Store = Callable[[Sequence[Sequence[Any]], Mapping[tuple[int, str], Used]], Awaitable[None]]


@dataclass(slots=True)
class CallFacts:
    """What is recorded of one call; the names are those of the columns."""

    id: str
    at: datetime
    key_id: int
    request_id: str
    path: str
    use_case: str = ""
    model: str = ""
    engine: str = ""
    zone: str = ""
    streamed: bool = False
    status: int = 0
    outcome: str = ""
    attempts: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    cost: Decimal | None = None
    currency: str = ""
    masked: str = "{}"
    first_byte_ms: float | None = None
    total_ms: float = 0.0
    overhead_ms: float = 0.0
    content: tuple[str, str] | None = field(default=None, repr=False)

    def row(self) -> tuple[Any, ...]:
        return _values_of(self)


_values_of = attrgetter(*CALL_COLUMNS)


def new_call_id() -> str:
    """A version 7 UUID (RFC 9562) in hexadecimal, so that records sort by time.

    Without a system call for its randomness: there are thousands a second.
    """
    milliseconds = time.time_ns() // 1_000_000
    bits = _numbers.getrandbits(74)
    return f"{milliseconds << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | (bits & ((1 << 62) - 1)):032x}"


class Recorder:
    """`store` writes rows and budget uses in one transaction."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._waiting: list[tuple[Any, ...]] = []
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def check(self) -> None:
        """Raises `GatewayRecordsFull` where a further call could not be recorded."""
        if len(self._waiting) >= MOST_WAITING:
            raise GatewayRecordsFull

    def add(self, facts: CallFacts) -> None:
        self._waiting.append(facts.row())

    def start(self) -> None:
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Store what is waiting; what cannot be stored now is lost, and the log says how much."""
        if self._task is not None:
            self._stopping.set()
            await self._task
        if self._waiting:
            log.error("%d calls could not be recorded", len(self._waiting))

    async def _run(self) -> None:
        """One write at a time, until told to stop: a write that was begun is always waited for."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), FLUSH_SECONDS)
            while (self._waiting or self._limits.take_pending()) and await self._write_some():
                continue

    async def _write_some(self) -> bool:
        rows, used = self._waiting[:ROWS_A_WRITE], self._limits.take_pending()
        try:
            await self._store(rows, used)
        except (IntegrityError, DataError):
            await self._write_singly(rows, used)
        except Exception as error:  # noqa: BLE001 - whatever the database raises: the rows wait, the process lives
            if not self._failing:  # its text may quote a row, so only its kind is told
                log.error("calls cannot be recorded at present (%s); they wait in memory", type(error).__name__)
            self._failing = True
            return False
        self._failing = False
        del self._waiting[: len(rows)]
        self._limits.stored(used)
        return True

    async def _write_singly(self, rows: list[tuple[Any, ...]], used: dict[tuple[int, str], Used]) -> None:
        """One row that the database refuses (its key was deleted, say) must not keep back all the others."""
        refused = 0
        single: list[tuple[list[tuple[Any, ...]], dict[tuple[int, str], Used]]] = [([row], {}) for row in rows]
        single += [([], {period: one}) for period, one in used.items()]
        for one_row, one_use in single:
            try:
                await self._store(one_row, one_use)
            except (IntegrityError, DataError):
                refused += 1
        if refused:
            log.error("%d rows about calls were refused by the database and are lost", refused)
