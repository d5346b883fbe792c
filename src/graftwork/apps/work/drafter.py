"""Keeping an engine's slots full: leased items go in, finished drafts come out, from a plain synchronous loop.

The engine runs on an event loop of its own thread, the database stays in the caller's thread; between them stands one
queue. So neither waits for the other, and no transaction is ever open while a model thinks.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from graftwork.core import flow
from graftwork.core.errors import EngineSurprise, GraftworkError
from graftwork.core.ports import Engine
from graftwork.core.types import DraftResult, ItemContent
from graftwork.core.usecase import UseCase

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeasedItem:
    """An item that this process may draft until its lease ends."""

    item_id: UUID
    external_id: str
    content: ItemContent
    attempts: int


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
    """Drafts the items of one use case on one engine, a bounded number at a time."""

    def __init__(self, use_case: UseCase, engine: Engine, thread: EngineThread) -> None:
        self._use_case = use_case
        self._engine = engine
        self._loop = thread.loop
        self._done: queue.SimpleQueue[Finished] = queue.SimpleQueue()
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._texts: dict[UUID, list[str]] = {}
        self._leased: dict[UUID, LeasedItem] = {}
        self.streamed_pieces = 0
        self._prepared: asyncio.Task[None] | None = None
        # A few more than the slots, so that a slot that falls free finds its next request at the server already.
        self.capacity = engine.slots + max(2, engine.slots // 4)

    @property
    def in_flight(self) -> int:
        return len(self._leased)

    @property
    def item_ids(self) -> list[UUID]:
        return list(self._leased)

    def submit(self, items: Sequence[LeasedItem]) -> None:
        self._leased.update((item.item_id, item) for item in items)
        self._loop.call_soon_threadsafe(self._start, items)

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
        return {item_id: "".join(list(pieces)) for item_id, pieces in list(self._texts.items()) if pieces}

    def cancel(self) -> list[UUID]:
        """Stop the engine's work on everything in flight; returns those items, whose leases can be given back."""
        abandoned = self.item_ids
        self._leased.clear()
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop).result(timeout=10)
        return abandoned

    def _start(self, items: Sequence[LeasedItem]) -> None:
        if self._prepared is None:
            self._prepared = self._loop.create_task(flow.prepare(self._use_case, self._engine))
        for item in items:
            self._tasks[item.item_id] = self._loop.create_task(self._draft(item))

    async def _draft(self, item: LeasedItem) -> None:
        pieces: list[str] = []
        self._texts[item.item_id] = pieces

        def on_text(piece: str) -> None:
            pieces.append(piece)
            self.streamed_pieces += 1

        outcome: DraftResult | GraftworkError
        try:
            if self._prepared is not None and not self._prepared.done():
                await asyncio.wait([self._prepared])
            outcome = await flow.draft(self._use_case, item.content, self._engine, on_text)
        except GraftworkError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - one item's surprise must not end the others
            # The text of a foreign exception may quote the item, so only its kind is kept.
            logger.error("drafting item %s raised %s", item.item_id, type(error).__name__)
            outcome = EngineSurprise(self._engine.name, type(error).__name__)
        finally:
            self._texts.pop(item.item_id, None)
            self._tasks.pop(item.item_id, None)
        self._done.put(Finished(item, outcome))

    async def _cancel_all(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
