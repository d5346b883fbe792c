"""PostgreSQL's dates that Python has not, `infinity` and those before Christ: one such row must not stop others."""

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

KINDS = ("date", "timestamp", "timestamptz")


def register_lenient_dates(connection: Connection[Any]) -> None:
    """Such a date comes as the text that PostgreSQL writes."""
    for kind in KINDS:
        strict = connection.adapters.get_loader(connection.adapters.types[kind].oid, Format.TEXT)
        if strict is not None:
            connection.adapters.register_loader(kind, _lenient(strict))


def _lenient(strict: Any) -> type[Loader]:
    class Lenient(Loader):
        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._strict = strict(oid, context)

        def load(self, data: Buffer) -> Any:
            try:
                return self._strict.load(data)
            except DataError:
                return bytes(data).decode()

    return Lenient
