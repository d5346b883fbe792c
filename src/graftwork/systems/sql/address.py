"""From a connector's file to the address that the driver gets. Passwords are put in when a connection is made."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from graftwork.systems.errors import ConnectorInvalid, DriverMissing
from graftwork.systems.sql.file import SqlConnector


@dataclass(frozen=True, slots=True)
class Driver:
    """`module` is what is imported, `package` what is installed, `extra` what brings it."""

    name: str
    module: str
    package: str
    extra: str


PYODBC = Driver("pyodbc", "pyodbc", "pyodbc", "odbc")
_POSTGRESQL = Driver("psycopg", "psycopg", "psycopg", "postgres")
_MYSQL = Driver("pymysql", "pymysql", "pymysql", "mysql")
_SQL_SERVER = Driver("pymssql", "pymssql", "pymssql", "sqlserver")
_ORACLE = Driver("oracledb", "oracledb", "oracledb", "oracle")

# What people write, the dialect's name, and the driver that we test or recommend.
_KINDS = {
    "postgresql": ("postgresql", _POSTGRESQL),
    "postgres": ("postgresql", _POSTGRESQL),
    "mysql": ("mysql", _MYSQL),
    "mariadb": ("mariadb", _MYSQL),
    "mssql": ("mssql", _SQL_SERVER),
    "sqlserver": ("mssql", _SQL_SERVER),
    "oracle": ("oracle", _ORACLE),
    "odbc": ("graftwork_odbc", PYODBC),
    "mssql+pyodbc": ("mssql", PYODBC),
}


def address(file: SqlConnector, folder: Path) -> URL:
    """Without a password. Raises `ConnectorInvalid`, or `DriverMissing` with the extra that brings the driver."""
    scheme = file.url.partition("://")[0].lower()
    if scheme == "sqlite":
        return _sqlite(file, folder)
    if scheme not in _KINDS:
        raise ConnectorInvalid(file.name, "url", f"begins with none of {', '.join(sorted({*_KINDS, 'sqlite'}))}")
    dialect, driver = _KINDS[scheme]
    if find_spec(driver.module) is None:
        raise DriverMissing(scheme, driver.package, driver.extra)
    url = _parsed(file).set(drivername=f"{dialect}+{driver.name}")
    if file.odbc:
        return url.set(host=None, port=None, database=None, username=None, query={"odbc_connect": file.odbc})
    if dialect in ("mysql", "mariadb"):
        # Anything less cannot hold every character, and the server would put ? in its place.
        url = url.update_query_dict({"charset": "utf8mb4"})
    return url.set(username=file.username) if file.username else url


def _sqlite(file: SqlConnector, folder: Path) -> URL:
    path = _parsed(file).database
    if not path or path == ":memory:":
        raise ConnectorInvalid(file.name, "url", "names no file: sqlite:///PATH")
    # The driver makes a file where there is none; rw does not, and falls back to reading where writing is forbidden.
    uri = (folder / path).resolve().as_uri()
    return URL.create("sqlite+pysqlite", database=uri, query={"mode": "rw", "uri": "true"})


def _parsed(file: SqlConnector) -> URL:
    try:
        return make_url(file.url)
    except (ArgumentError, ValueError):
        raise ConnectorInvalid(file.name, "url", "is no address of a database") from None
