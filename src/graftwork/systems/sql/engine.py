"""Connections that never hang, never wait long for a lock, and get their password at the moment they are made."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from graftwork.systems.secret import read_secret
from graftwork.systems.sql.address import address
from graftwork.systems.sql.file import SqlConnector

WRITING = "graftwork_writing"
# Of one transaction: the newest mark, a page, its conversations; or a lock, a write, what it wrote.
MOST_STATEMENTS = 3
# A firewall forgets connections that are silent for long.
RECYCLE_AFTER = timedelta(minutes=20)

registry.register("graftwork_odbc.pyodbc", "graftwork.systems.sql.odbc", "OdbcDialect")


def open_engine(file: SqlConnector, folder: Path) -> Engine:
    """Nothing is reached yet. Raises `ConnectorInvalid`, `DriverMissing` or `SecretMissing`."""
    url = address(file, folder)
    password = partial(read_secret, file.password, folder) if file.password else None
    if password:
        password()
    family = url.get_backend_name()
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 + (file.push.parallel if file.push else 0),
        max_overflow=0,
        pool_timeout=file.connect_timeout_seconds + file.statement_timeout_seconds,
        # PostgreSQL's is done below: its driver would wait for ever.
        pool_pre_ping=family != "postgresql",
        pool_recycle=int(RECYCLE_AFTER.total_seconds()),
        # The text of an exception would show what a record says.
        hide_parameters=True,
        connect_args=_connect_arguments(family, url.get_driver_name(), file),
    )
    if password:
        _give_password(engine, password, file.username, behind_odbc=url.get_driver_name() == "pyodbc")
    _prepare_connections(engine, family, file)
    return engine


@contextmanager
def reading(engine: Engine, file: SqlConnector) -> Iterator[Connection]:
    """A transaction that cannot change anything, where the database has such."""
    with engine.connect() as connection, watched(connection, file):
        match engine.dialect.name:
            case "postgresql":
                connection.execution_options(postgresql_readonly=True)
            case "mysql" | "mariadb" | "oracle":
                connection.execute(text("SET TRANSACTION READ ONLY"))
        yield connection
        connection.rollback()


@contextmanager
def writing(engine: Engine, file: SqlConnector) -> Iterator[Connection]:
    """A transaction that the caller commits; otherwise it is rolled back."""
    with engine.connect() as connection, watched(connection, file):
        connection.execution_options(**{WRITING: True})
        yield connection


@contextmanager
def watched(connection: Connection, file: SqlConnector) -> Iterator[None]:
    """Hang up on a server that is silent for longer than its own limits allow.

    PostgreSQL's driver waits for ever; those of other databases take a limit for their sockets, or are in this process.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    limit = MOST_STATEMENTS * file.statement_timeout_seconds + file.lock_timeout_seconds
    with _hung_up_after(limit, connection.connection.dbapi_connection):
        yield


@contextmanager
def _hung_up_after(seconds: float, connection: Any) -> Iterator[None]:
    timer = threading.Timer(seconds, _hang_up, (connection.fileno(),))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _hang_up(number: int) -> None:
    with suppress(OSError), socket.socket(fileno=socket.dup(number)) as line:
        line.shutdown(socket.SHUT_RDWR)


def _connect_arguments(family: str, driver: str, file: SqlConnector) -> dict[str, Any]:
    connect, statement = file.connect_timeout_seconds, file.statement_timeout_seconds
    whole = max(1, round(connect))
    if driver == "pyodbc":
        return {"timeout": whole}
    match family:
        case "postgresql":
            limit = {"connect_timeout": max(2, whole), "tcp_user_timeout": int(1000 * (statement + connect))}
            return {**limit, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
        case "mysql" | "mariadb":
            socket_limit = max(1, round(statement + file.lock_timeout_seconds))
            return {"connect_timeout": whole, "read_timeout": socket_limit, "write_timeout": socket_limit}
        case "mssql":
            return {"login_timeout": whole, "timeout": max(1, round(statement))}
        case "oracle":
            return {"tcp_connect_timeout": connect}
        case "sqlite":
            return {"timeout": file.lock_timeout_seconds, "check_same_thread": False}
    return {}


def _give_password(engine: Engine, password: Callable[[], str], username: str, *, behind_odbc: bool) -> None:
    """Read anew for each connection, so that a rotated one is taken up; it stands in no URL that could be shown."""

    @event.listens_for(engine, "do_connect")
    def _(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        if not behind_odbc:
            named["password"] = password()
            return
        braced = "{" + password().replace("}", "}}") + "}"
        arguments[0] = f"{arguments[0]};" + (f"UID={username};" if username else "") + f"PWD={braced}"


def _prepare_connections(engine: Engine, family: str, file: SqlConnector) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        _PREPARE.get(family, _prepare_nothing)(connection, file)

    if family == "postgresql":
        _ping_with_a_limit(engine, file)
    if family == "sqlite":
        _begin_explicitly(engine)


def _ping_with_a_limit(engine: Engine, file: SqlConnector) -> None:
    @event.listens_for(engine, "checkout")
    def _(connection: Any, _record: Any, _proxy: Any) -> None:
        try:
            with _hung_up_after(file.connect_timeout_seconds, connection):
                connection.execute("")
                connection.rollback()
        except Exception:  # noqa: BLE001 - the driver's own class, not imported here
            raise DisconnectionError from None  # the pool makes a new connection


def _begin_explicitly(engine: Engine) -> None:
    """The driver would begin with the first change, and what was read before it might be old by then."""

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_nothing(_connection: Any, _file: SqlConnector) -> None: ...


def _prepare_postgresql(connection: Any, file: SqlConnector) -> None:
    # An optional driver: it is here, since it made the connection.
    from graftwork.systems.sql.lenient import register_lenient_dates  # noqa: PLC0415 - imports the driver

    register_lenient_dates(connection)
    limits = {"statement_timeout": file.statement_timeout_seconds, "lock_timeout": file.lock_timeout_seconds}
    _execute(connection, *(f"SET {name} = {max(1, int(1000 * seconds))}" for name, seconds in limits.items()))
    connection.commit()


def _prepare_mysql(connection: Any, file: SqlConnector) -> None:
    lock, seconds = max(1, round(file.lock_timeout_seconds)), file.statement_timeout_seconds
    # MariaDB's limit is in seconds and for all statements; MySQL's in milliseconds and for SELECT.
    mariadb = "mariadb" in connection.get_server_info().lower()
    limit = f"max_statement_time = {seconds}" if mariadb else f"max_execution_time = {int(1000 * seconds)}"
    _execute(connection, f"SET SESSION innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock}, {limit}")


def _prepare_sql_server(connection: Any, file: SqlConnector) -> None:
    if hasattr(connection, "timeout"):
        connection.timeout = max(1, round(file.statement_timeout_seconds))
    _execute(connection, f"SET LOCK_TIMEOUT {int(1000 * file.lock_timeout_seconds)}")


def _prepare_oracle(connection: Any, file: SqlConnector) -> None:
    connection.call_timeout = int(1000 * file.statement_timeout_seconds)


def _prepare_odbc(connection: Any, file: SqlConnector) -> None:
    with suppress(Exception):  # not every driver knows a limit; the class of the error is the driver's own
        connection.timeout = max(1, round(file.statement_timeout_seconds))


def _prepare_sqlite(connection: Any, _file: SqlConnector) -> None:
    connection.isolation_level = None
    # Old programs store Latin-1 where text should be; those values are handed on as bytes.
    connection.text_factory = _text_or_bytes


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _execute(connection: Any, *statements: str) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


_PREPARE: dict[str, Callable[[Any, SqlConnector], None]] = {
    "postgresql": _prepare_postgresql,
    "mysql": _prepare_mysql,
    "mariadb": _prepare_mysql,
    "mssql": _prepare_sql_server,
    "oracle": _prepare_oracle,
    "graftwork_odbc": _prepare_odbc,
    "sqlite": _prepare_sqlite,
}
