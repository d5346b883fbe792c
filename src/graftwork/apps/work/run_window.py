"""The rows of a run between reading and writing: they leave in the order in which they came."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from graftwork.apps.work import grounds
from graftwork.apps.work.models import Draft, Item
from graftwork.apps.work.queries import draft_grounds, draft_text
from graftwork.core.errors import GraftworkError
from graftwork.core.intake.row import Row
from graftwork.core.types import DraftResult
from graftwork.core.usecase import UseCase


@dataclass(slots=True)
class Entry:
    """One row: it may leave once it has a `record` to write, or a `reject` that says why there is none."""

    row: Row
    item_id: UUID | None = None
    external_id: str = ""
    thread: str = ""
    record: dict[str, Any] | None = None
    reject: dict[str, Any] | None = None
    reused: bool = False
    of_earlier_release: bool = False

    @property
    def done(self) -> bool:
        return self.record is not None or self.reject is not None


class Window:
    """Entries in the order of the input. Two rows may name the same item, and then share its record."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._by_item: dict[UUID, list[Entry]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, item_id: UUID) -> bool:
        return item_id in self._by_item

    @property
    def done(self) -> int:
        """How many entries could leave, were it not for those before them."""
        return sum(entry.done for entry in self._entries)

    def extend(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._entries.append(entry)
            if entry.item_id is not None and not entry.done:
                self._by_item.setdefault(entry.item_id, []).append(entry)

    def resolve(
        self, item_id: UUID, part: Mapping[str, Any], *, reused: bool = False, of_earlier_release: bool = False
    ) -> None:
        """Complete every entry of one item with what came of it."""
        for entry in self._by_item.pop(item_id, ()):
            entry.record = {"id": entry.external_id, "thread": entry.thread, "row": entry.row.line, **part}
            entry.reused = reused
            entry.of_earlier_release = of_earlier_release

    def pop_done(self) -> Iterator[Entry]:
        """The entries at the head that are done, taken out one by one."""
        while self._entries and self._entries[0].done:
            yield self._entries.popleft()


def rejected(row: Row, reason: str) -> Entry:
    """An entry for a row that is no item. The raw row is kept out of the report: it may be anything."""
    return Entry(row, reject={"row": row.line, "origin": row.origin, "code": "input.row", "reason": reason})


def record_of(outcome: DraftResult | GraftworkError, use_case: UseCase) -> dict[str, Any]:
    """What is written for a draft that was just made, or that failed."""
    if isinstance(outcome, GraftworkError):
        return failure_record(outcome.code, outcome.message, outcome.hint)
    generation = outcome.generation
    return {
        "draft": outcome.text,
        "notices": [asdict(notice) for notice in outcome.notices],
        "error": None,
        "finish_reason": generation.finish_reason,
        "engine": generation.engine,
        "model": generation.model,
        "prompt_tokens": generation.prompt_tokens,
        "completion_tokens": generation.completion_tokens,
        "first_token_ms": _rounded(generation.first_token_ms),
        "total_ms": _rounded(generation.total_ms),
        "release": use_case.release_with(outcome.grounds.snapshot if outcome.grounds else ""),
        **grounds.summary(outcome.grounds),
    }


def stored_record(item: Item, draft: Draft | None) -> dict[str, Any]:
    """What is written for an item that the store held already. Its `scope_key` is loaded."""
    if draft is None:
        return failure_record(item.error_code or "draft.none", item.error_message or "there is no draft", "")
    return {
        "draft": draft_text(item, draft),
        "notices": draft.notices,
        "error": None,
        "finish_reason": draft.finish_reason,
        "engine": draft.engine,
        "model": draft.model,
        "prompt_tokens": draft.prompt_tokens,
        "completion_tokens": draft.completion_tokens,
        "first_token_ms": _rounded(draft.first_token_ms),
        "total_ms": _rounded(draft.total_ms),
        "release": draft.release_id,
        **grounds.summary(draft_grounds(item, draft)),
    }


def failure_record(code: str, message: str, next_step: str) -> dict[str, Any]:
    return {"draft": None, "notices": [], "error": {"code": code, "message": message, "next_step": next_step}}


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
