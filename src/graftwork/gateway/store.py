"""The database behind the event loop: one thread, one connection, so that a slow write never holds up a stream."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from django.db import close_old_connections, connections

from graftwork.apps.keyring import keyring
from graftwork.apps.traffic.actions import CALL_COLUMNS, store_calls
from graftwork.apps.traffic.queries import Grant, Used, grant_for
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import unwrap

_ID, _CONTENT = CALL_COLUMNS.index("id"), CALL_COLUMNS.index("content")


class Database:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gateway-store")

    async def find_grant(self, secret_sha256: str) -> Grant | None:
        found: Grant | None = await self.run(grant_for, secret_sha256, datetime.now(UTC))
        return found

    async def store(self, rows: Sequence[Sequence[Any]], used: Mapping[tuple[int, str], Used]) -> None:
        await self.run(_store, rows, used)

    async def close(self) -> None:
        await self.run(connections.close_all)
        self._thread.shutdown()

    async def run(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _fresh, function, *arguments)


def _fresh(function: Any, *arguments: Any) -> Any:
    """A connection that the server has closed meanwhile is opened again, before and after."""
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def _store(rows: Sequence[Sequence[Any]], used: Mapping[tuple[int, str], Used]) -> None:
    both: dict[tuple[int, str], Used] = dict(used)
    for (key_id, day), one in used.items():
        month = key_id, day[:7]
        both[month] = both.get(month, Used()).plus(one)
    store_calls([_sealed(row) for row in rows], both)


def _sealed(row: Sequence[Any]) -> Sequence[Any]:
    """`content` arrives as (scope, text) and is stored under the scope's key, bound to its row."""
    if row[_CONTENT] is None:
        return row
    scope, text = row[_CONTENT]
    key = unwrap(scope_keys([scope])[scope], keyring())
    return [*row[:_CONTENT], key.seal(text, content_label(row[_ID])), *row[_CONTENT + 1 :]]


def content_label(call_id: Any) -> str:
    return f"traffic_callrecord.content.{call_id}"
