"""Connectors to databases from what their file says, and all that one has to read."""

import tomllib
from typing import Any

from graftwork.systems.contract import Record
from graftwork.systems.sql.file import SqlConnector
from graftwork.systems.sql.system import SqlSystem


def connector(told: str, url: str = "sqlite:///old.db") -> SqlConnector:
    plain = {"name": "tickets", "use_case": "note_reply", "system": "sql", "url": url}
    return SqlConnector.model_validate({**plain, **tomllib.loads(told)})


def all_pages(system: SqlSystem, cursor: Any = None, limit: int = 3) -> tuple[list[Record], Any]:
    """Everything until there is no more, as the app asks for it, and the cursor that is left."""
    records: list[Record] = []
    for _ in range(1000):
        page = system.pull(cursor, limit)
        records += page.records
        cursor = page.cursor
        if not page.more:
            return records, cursor
    raise AssertionError("it never ends")


def keys(records: list[Record]) -> list[str]:
    return [record.key for record in records]
