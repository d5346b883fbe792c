"""The statements for databases that no test can start: what is sent to SQL Server, Oracle and through ODBC."""

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from graftwork.systems.errors import ConnectorInvalid, DriverMissing, Rejected, TargetDenied, TargetDown, TryFailed
from graftwork.systems.sql.address import address
from graftwork.systems.sql.failures import meaning_of
from graftwork.systems.sql.odbc import OdbcDialect
from graftwork.systems.sql.source import Source
from graftwork.systems.sql.tables import Columns, bound, table_of
from graftwork.systems.sql.window import Sweep
from support.sql import connector

TOLD = """
[pull]
table = "Old Tickets"
schema = "dbo"
key = "id"
where = "kind = ':a%'"
watermark = "changed"
[pull.fields]
text = "body"
"""


def source() -> Source:
    pull = connector(TOLD).pull
    assert pull is not None
    names = ("id", "changed", "body")
    rows = table_of(pull.table, pull.schema_name, names)
    columns = Columns("the table", names, {})
    return Source(pull, columns, rows, (rows.c.id,), rows.c.changed, ("body",), ("body",))


def compiled(statement: Any, dialect: Any) -> str:
    return " ".join(str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})).split())


def test_pages_are_cut_in_the_words_of_each_database() -> None:
    page = source().page(Sweep(lower="a", upper="z", at=("b", 7)), None, 50)
    sql_server = compiled(page, mssql.dialect())
    assert sql_server.startswith("SELECT TOP 50 ")
    assert "[Old Tickets]" in sql_server
    assert "LIMIT" not in sql_server
    assert compiled(page, oracle.dialect()).endswith("FETCH FIRST 50 ROWS ONLY")
    assert "LIMIT" in compiled(page, mysql.dialect())
    behind_odbc = compiled(source().page(Sweep(), None, None), OdbcDialect(paramstyle="qmark"))
    assert behind_odbc.endswith('ORDER BY dbo."Old Tickets".changed, dbo."Old Tickets".id')
    for sql in (sql_server, compiled(page, oracle.dialect())):
        assert "(kind = ':a%')" in sql
        assert ") > (" not in sql  # rows are not compared as rows, which these cannot


def test_a_row_is_locked_in_the_words_of_each_database() -> None:
    row = source().row([7], ["body"], lock=True, with_where=True)
    assert "WITH (UPDLOCK, ROWLOCK)" in compiled(row, mssql.dialect())
    assert compiled(row, oracle.dialect()).endswith("FOR UPDATE")
    assert "FOR UPDATE" not in compiled(source().row([7], ["body"], lock=False, with_where=False), oracle.dialect())


def test_an_update_names_its_table_once() -> None:
    made = source()
    statement = update(made.table).where(made.names_row([7])).values({"body": bound("x")})
    assert compiled(statement, oracle.dialect()) == (
        'UPDATE dbo."Old Tickets" SET body=:body WHERE dbo."Old Tickets".id = :param_1'
    )


@pytest.mark.parametrize(
    ("family", "code", "meaning"),
    [
        ("mssql", 18456, TargetDenied),
        ("mssql", 1222, TryFailed),
        ("mssql", 2628, Rejected),
        ("mssql", 20009, TargetDown),
        ("oracle", 1017, TargetDenied),
        ("oracle", 54, TryFailed),
        ("oracle", 12899, Rejected),
        ("oracle", 12541, TargetDown),
        ("mysql", 1045, TargetDenied),
        ("mysql", 1213, TryFailed),
        ("mysql", 1406, Rejected),
        ("mysql", 2013, TargetDown),
        ("graftwork_odbc", "28000", TargetDenied),
        ("graftwork_odbc", "HYT00", TryFailed),
        ("graftwork_odbc", "22001", Rejected),
        ("graftwork_odbc", "08S01", TargetDown),
        ("graftwork_odbc", "42S22", TargetDenied),
    ],
)
def test_codes_mean_what_the_vendors_say(family: str, code: int | str, meaning: type[Exception]) -> None:
    for kind in (DBAPIError, IntegrityError, OperationalError):
        found = meaning_of(kind("SELECT 1", {}, Exception(code, "Frieda Quell")), family, one=True)
        assert type(found) is meaning
        assert "Frieda" not in str(found)
        assert str(code) in str(found)


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [
        ("mssql://db/crm", "pymssql", "sqlserver"),
        ("oracle://db/crm", "oracledb", "oracle"),
        ("mssql+pyodbc://db/crm", "pyodbc", "odbc"),
        ("postgresql://db/crm", "psycopg", "postgres"),
        ("mysql://db/crm", "pymysql", "mysql"),
    ],
)
def test_a_driver_that_is_missing_is_named_with_what_brings_it(
    url: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("graftwork.systems.sql.address.find_spec", lambda _: None)
    with pytest.raises(DriverMissing) as caught:
        address(connector(TOLD, url), tmp_path)
    assert (caught.value.package, caught.value.extra) == (package, extra)


def test_an_unknown_database_is_refused(tmp_path: Any) -> None:
    with pytest.raises(ConnectorInvalid, match="begins with none of"):
        address(connector(TOLD, "dbase://x/y"), tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ConnectorInvalid, match="no file"):
            address(connector(TOLD, url), tmp_path)


def test_the_string_of_odbc_is_passed_on_as_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("graftwork.systems.sql.address.find_spec", lambda _: object())
    url = address(connector('odbc = "DSN=crm;Mode=x"\n' + TOLD, "odbc://"), tmp_path)
    assert OdbcDialect().create_connect_args(url)[0] == ("DSN=crm;Mode=x",)
    assert make_url("odbc://").drivername == "odbc"


def test_reading_the_file_loads_no_database_library() -> None:
    code = "import sys, graftwork.systems.sql.file; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
