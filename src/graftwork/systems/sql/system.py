"""An SQL database as a connected system."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import Rejected, TargetDenied
from graftwork.systems.sql.engine import open_engine, reading, writing
from graftwork.systems.sql.failures import told
from graftwork.systems.sql.file import SqlConnector
from graftwork.systems.sql.reading import Reading
from graftwork.systems.sql.writing import Writing

# Counting the whole of a big table would keep it busy for nothing.
MOST_COUNTED = 10_000

_TITLES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "mssql": "SQL Server",
           "oracle": "Oracle", "sqlite": "SQLite", "graftwork_odbc": "ODBC"}  # fmt: skip


class SqlSystem:
    """Reads rows and writes rows. See `window` for which are read, and `writing` for how one is changed."""

    def __init__(self, file: SqlConnector, around: Surroundings) -> None:
        """Raises `ConnectorInvalid`, `DriverMissing` or `SecretMissing`. Nothing is reached yet."""
        self._file = file
        self._around = around
        self._engine = open_engine(file, around.folder)
        self._family = self._engine.dialect.name
        self._reading: Reading | None = None
        self._writing = Writing(file, self._engine) if file.push else None

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        with self._read() as connection:
            return self._reader(connection).page(connection, cursor, limit, self._around.clock())

    def settle(self, records: Sequence[Record]) -> None:
        pull = self._file.pull
        if pull is None or pull.taken_value is None or not records:
            return
        with self._read() as connection:
            reader = self._reader(connection)
        with told(self._family, one=False), writing(self._engine, self._file) as connection:
            reader.take(connection, records)
            connection.commit()

    def push(self, delivery: Delivery) -> Receipt:
        if self._writing is None:
            raise Rejected("the connector's file has no table `[push]`")
        return self._writing.push(delivery)

    def check(self) -> Sequence[str]:
        found = []
        with self._read() as connection:
            version = ".".join(str(part) for part in self._engine.dialect.server_version_info or ())
            found.append(f"connected to {_TITLES.get(self._family, self._family)} {version}".rstrip())
            if self._file.pull is not None:
                found += self._check_pull(connection)
        if self._writing is not None:
            found += self._check_push(self._writing)
        return found

    def close(self) -> None:
        self._engine.dispose()

    def _check_pull(self, connection: Connection) -> list[str]:
        source = Reading(connection, self._file).source
        found = [
            f"{source.columns.place} has the columns {', '.join(source.columns.names)}",
            f"{self._count(connection, source.waiting())} to read, those included that were read before",
        ]
        lost = self._count(connection, source.passed_over())
        if not lost.startswith("0 "):
            found.append(f"{lost} never read: the key or the watermark is NULL")
        return found

    def _count(self, connection: Connection, statement: Select[Any]) -> str:
        """`12 rows`; from some number on only that there are more."""
        count = len(connection.execute(statement.limit(MOST_COUNTED + 1)).fetchmany(MOST_COUNTED + 1))
        if count > MOST_COUNTED:
            return f"over {MOST_COUNTED:,} rows"
        return f"{count} row{'s' if count != 1 else ''}"

    def _check_push(self, writer: Writing) -> list[str]:
        writer.learn()
        assert self._file.push is not None
        found = []
        for write in self._file.push.all_writes:
            table = writer.place(write)[0]
            try:
                with told(self._family, one=False), writing(self._engine, self._file) as connection:
                    writer.may_write(connection, write)
            except TargetDenied as error:
                raise TargetDenied(f"{write.action} of {', '.join(write.set)} in `{table}`: {error.reason}") from None
            found.append(f"may {write.action} {', '.join(write.set)} in the table `{table}`")
        return found

    def _reader(self, connection: Connection) -> Reading:
        if self._reading is None:
            self._reading = Reading(connection, self._file)
        return self._reading

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with told(self._family, one=False), reading(self._engine, self._file) as connection:
            yield connection
