"""PostgreSQL and MariaDB started for these tests, and a file of SQLite. Each test has tables of its own."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from graftwork.systems.sql.system import SqlSystem
from support.mariadb import MariaDb, server, temporary_mariadb
from support.postgres import binaries, temporary_postgres
from support.sql import connector
from support.systems import NOW, surroundings


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with temporary_postgres() as url:
        yield url.replace("postgres://", "postgresql://")


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDb]:
    """Without strict mode, as old programs need it: it cuts texts, and puts ? for what a column cannot hold."""
    if server() is None:
        pytest.skip("MariaDB is not installed")
    with temporary_mariadb("--sql-mode=") as running:
        yield running


@dataclass
class Database:
    """One of the three, with an own connection beside that of the connector."""

    kind: str
    url: str
    run: Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def run(*statements: str) -> list[tuple[Any, ...]]:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

        run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        yield Database("postgresql", postgres_url, run)


@pytest.fixture
def mariadb(mariadb_server: MariaDb) -> Database:
    mariadb_server.run("DROP DATABASE graftwork", "CREATE DATABASE graftwork CHARACTER SET utf8mb4")
    return Database("mariadb", mariadb_server.url, mariadb_server.run)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)

    def run(*statements: str) -> list[tuple[Any, ...]]:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows

    yield Database("sqlite", "sqlite:///old.db", run)
    connection.close()


@pytest.fixture(params=["postgres", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., SqlSystem]]:
    """Opens a connector from what its file says beside the name, the use case and the URL."""
    opened: list[SqlSystem] = []

    def open_it(url: str, told: str, now: datetime = NOW) -> SqlSystem:
        opened.append(SqlSystem(connector(told, url), surroundings(tmp_path, now)))
        return opened[-1]

    yield open_it
    for system in opened:
        system.close()
