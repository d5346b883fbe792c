"""Keeping an engine's slots full: leased items go in, finished drafts come out, from a plain synchronous loop.

The engine runs on an event loop of its own thread, the database stays in the caller's thread; between them stands one
queue. So neither waits for the other, and no transaction is ever open while a model thinks.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from graftwork.core import flow
from graftwork.core.clearance import Clearance
from graftwork.core.errors import EngineError, EngineSurprise, GraftworkError
from graftwork.core.flow import Opened
from graftwork.core.letters import whole_letters
from graftwork.core.ports import Engine
from graftwork.core.types import DraftResult, ItemContent
from graftwork.core.usecase import UseCase

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeasedItem:
    """An item that this process may draft until its lease ends. `scope` names its thread's key and placeholders."""

    item_id: UUID
    external_id: str
    content: ItemContent
    attempts: int
    scope: str = ""


# Looks up what an item's draft is written from: the item with its passages, or why that cannot be done now.
Ground = Callable[[LeasedItem], LeasedItem | GraftworkError]
# What was decided about an item before any engine sees it, or why it goes nowhere. `None`: only local engines, no rule.
Cleared = tuple[LeasedItem, Clearance | GraftworkError | None]
Clear = Callable[[Sequence[LeasedItem]], list[Cleared]]
# Clearing is done in the caller's thread, which must give signs of life in between.
CLEAR_AT_ONCE = 8


def no_sign_of_life() -> None:
    """For callers whose leases are long enough."""


@dataclass(frozen=True, slots=True)
class Finished:
    item: LeasedItem
    outcome: DraftResult | GraftworkError


class EngineThread:
    """The event loop on which engines live. One a process is enough; closing it closes its engines."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._engines: dict[str, Engine] = {}
        self._thread = threading.Thread(target=self.loop.run_forever, name="engines", daemon=True)
        self._thread.start()

    def keep(self, key: str, engine: Engine) -> Engine:
        """Hold on to an opened engine, so that the next one who asks for `key` gets it too."""
        return self._engines.setdefault(key, engine)

    def get(self, key: str) -> Engine | None:
        return self._engines.get(key)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close_engines(), self.loop).result(timeout=20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)

    async def _close_engines(self) -> None:
        for engine in self._engines.values():
            await engine.close()
        self._engines.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Drafter:
    """Drafts the items of one use case on its engines, a bounded number at a time.

    `engines` stand as in `UseCase.engines`; `clear` says of each item which of them may have it, and in which form.
    `ground` looks up what its draft draws on, before that.
    """

    def __init__(
        self,
        use_case: UseCase,
        engines: Engine | Sequence[Opened],
        thread: EngineThread,
        clear: Clear | None = None,
        ground: Ground | None = None,
    ) -> None:
        self._use_case = use_case
        self._engines: Sequence[Opened] = engines if isinstance(engines, Sequence) else (engines,)
        self._clear = clear
        self._ground = ground
        self._loop = thread.loop
        self._done: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._texts: dict[UUID, list[str]] = {}
        self._leased: dict[UUID, LeasedItem] = {}
        self.streamed_pieces = 0
        self._prepared: asyncio.Task[None] | None = None
        # A few more than the slots, so that a slot that falls free finds its next request at the server already.
        slots = max((engine.slots for engine in self._engines if not isinstance(engine, EngineError)), default=1)
        self.capacity = slots + max(2, slots // 4)

    @property
    def in_flight(self) -> int:
        return len(self._leased)

    @property
    def item_ids(self) -> list[UUID]:
        return list(self._leased)

    def submit(self, items: Sequence[LeasedItem], sign_of_life: Callable[[], None] = no_sign_of_life) -> None:
        self._leased.update((item.item_id, item) for item in items)
        if self._clear is None and self._ground is None:
            self._loop.call_soon_threadsafe(self._start, [(item, None) for item in items])
            return
        for first in range(0, len(items), CLEAR_AT_ONCE):
            grounded = self._grounded(items[first : first + CLEAR_AT_ONCE])
            self._pass_on(self._clear(grounded) if self._clear else [(item, None) for item in grounded])
            sign_of_life()

    def _grounded(self, items: Sequence[LeasedItem]) -> list[LeasedItem]:
        """The items with what they draw on; one for which that fails is finished, and goes nowhere."""
        if self._ground is None:
            return list(items)
        grounded = []
        for item in items:
            outcome = self._ground(item)
            if isinstance(outcome, GraftworkError):
                self._done.put(Finished(item, outcome))
            else:
                grounded.append(outcome)
        return grounded

    def _pass_on(self, cleared: Sequence[Cleared]) -> None:
        """What may go to an engine begins; what may not is finished, and was nowhere."""
        for item, outcome in cleared:
            if isinstance(outcome, GraftworkError):
                self._done.put(Finished(item, outcome))
        self._loop.call_soon_threadsafe(
            self._start, [(item, outcome) for item, outcome in cleared if not isinstance(outcome, GraftworkError)]
        )

    def finished(self, timeout_seconds: float, gather_seconds: float = 0.0, at_most: int = 1_000) -> list[Finished]:
        """What is done by now; waits up to `timeout_seconds` for the first, then `gather_seconds` for its company."""
        try:
            found = [self._done.get(timeout=timeout_seconds)]
        except queue.Empty:
            return []
        until = time.monotonic() + gather_seconds
        while len(found) < min(at_most, self.in_flight):
            try:
                found.append(self._done.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        for one in found:
            del self._leased[one.item.item_id]
        return found

    def partial_texts(self) -> Mapping[UUID, str]:
        """What each draft in flight says so far, for those that have begun."""
        texts = list(self._texts.items())
        return {item_id: whole_letters("".join(list(pieces))) for item_id, pieces in texts if pieces}

    def cancel(self) -> list[UUID]:
        """Stop the engine's work on everything in flight; returns those items, whose leases can be given back."""
        abandoned = self.item_ids
        self._leased.clear()
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result(timeout=10)
        return abandoned

    def _start(self, items: Sequence[tuple[LeasedItem, Clearance | None]]) -> None:
        if self._prepared is None:
            self._prepared = self._loop.create_task(flow.prepare(self._use_case, self._engines))
        for item, clearance in items:
            self._tasks[item.item_id] = self._loop.create_task(self._draft(item, clearance))

    async def _draft(self, item: LeasedItem, clearance: Clearance | None) -> None:
        pieces: list[str] = []
        self._texts[item.item_id] = pieces

        def on_text(piece: str) -> None:
            pieces.append(piece)
            self.streamed_pieces += 1

        outcome: DraftResult | GraftworkError
        try:
            if self._prepared is not None and not self._prepared.done():
                await asyncio.wait([self._prepared])
            outcome = await flow.draft_by_route(self._use_case, item.content, self._engines, on_text, clearance)
        except GraftworkError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - one item's surprise must not end the others
            # The text of a foreign exception may quote the item, so only its kind is kept.
            logger.error("drafting item %s raised %s", item.item_id, type(error).__name__)
            outcome = EngineSurprise(self._use_case.engine.name, type(error).__name__)
        finally:
            self._texts.pop(item.item_id, None)
            self._tasks.pop(item.item_id, None)
        self._done.put(Finished(item, outcome))

    async def _cancel_all(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
