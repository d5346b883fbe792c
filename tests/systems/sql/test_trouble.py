"""A database that is away, silent, locked, or lets us in halfway: said by what it is, soon, and without its words."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from graftwork.systems.errors import Rejected, SecretMissing, TargetDenied, TargetDown, TryFailed
from graftwork.systems.sql.system import SqlSystem
from support.mariadb import MariaDb
from support.sql import all_pages, keys
from support.systems import delivery

Connect = Callable[..., SqlSystem]

TABLE = (
    "CREATE TABLE tickets (id INTEGER PRIMARY KEY, body VARCHAR(400), state VARCHAR(10), answer VARCHAR(40))",
    "INSERT INTO tickets VALUES (1, 'Frieda Quell rang.', 'new', NULL)",
)
LIMITS = "connect_timeout_seconds = 2\nlock_timeout_seconds = 1\nstatement_timeout_seconds = 3\n"
TOLD = (
    LIMITS
    + """
[pull]
table = "tickets"
key = "id"
[pull.fields]
text = "body"
[push]
set = { answer = "{text}" }
"""
)
PASSWORD = "planted-Zx81-secret"


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def line_to(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A line to a server that goes dead, both ways and without a sign, once the event is set."""
    dead = threading.Event()

    def carry(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            if dead.is_set():
                return
            target.sendall(data)

    def answer(listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", port))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=carry, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1], dead


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_server_that_is_not_there_is_down_at_once(scheme: str, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(TargetDown):
        connect(f"{scheme}://127.0.0.1:{port}/crm", TOLD).pull(None, 10)


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_server_that_never_answers_is_down_within_the_limit(scheme: str, connect: Connect) -> None:
    with silent_server() as port:
        began = time.monotonic()
        with pytest.raises(TargetDown):
            connect(f"{scheme}://127.0.0.1:{port}/crm", TOLD).pull(None, 10)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_line_that_goes_dead_is_given_up(name: str, request: pytest.FixtureRequest, connect: Connect) -> None:
    database = request.getfixturevalue(name)
    database.run(*TABLE)
    port = int(database.url.rpartition(":")[2].partition("/")[0])
    with line_to(port) as (near, dead):
        short = TOLD.replace("statement_timeout_seconds = 3", "statement_timeout_seconds = 1")
        system = connect(database.url.replace(str(port), str(near)), short)
        assert keys(all_pages(system)[0]) == ["1"]
        dead.set()
        began = time.monotonic()
        with pytest.raises(TargetDown):
            system.pull(None, 10)
        assert time.monotonic() - began < 10


def test_a_file_that_is_not_there_is_down_and_is_not_made(tmp_path: Any, connect: Connect) -> None:
    with pytest.raises(TargetDown):
        connect("sqlite:///none.db", TOLD).pull(None, 10)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("name", ["postgres", "mariadb", "sqlite"])
def test_a_row_that_somebody_holds_is_tried_again_later(
    name: str, request: pytest.FixtureRequest, connect: Connect, tmp_path: Any
) -> None:
    database = request.getfixturevalue(name)
    database.run(*TABLE)
    system = connect(database.url, TOLD)
    one = delivery(external_id="1", origin=all_pages(system)[0][0].origin)
    database.run("BEGIN", "UPDATE tickets SET state = 'held' WHERE id = 1") if name != "mariadb" else None
    if name == "mariadb":
        port = int(database.url.rpartition(":")[2].partition("/")[0])
        holder = MariaDb(port, 0).connect(autocommit=False)
        holder.cursor().execute("UPDATE tickets SET state = 'held' WHERE id = 1")
    began = time.monotonic()
    with pytest.raises(TryFailed) as caught:
        system.push(one)
    assert time.monotonic() - began < 5
    assert not caught.value.unsure
    # Reading is held up by nobody.
    assert keys(all_pages(system)[0]) == ["1"]
    holder.rollback() if name == "mariadb" else database.run("ROLLBACK")
    assert not system.push(one).already


def test_a_table_that_somebody_holds_makes_all_wait(postgres: Any, connect: Connect) -> None:
    postgres.run(*TABLE)
    system = connect(postgres.url, TOLD)
    all_pages(system)
    postgres.run("BEGIN", "LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(TargetDown, match="55P03"):
        system.pull(None, 10)
    postgres.run("ROLLBACK")
    assert keys(all_pages(system)[0]) == ["1"]


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_statement_that_takes_too_long_is_ended(name: str, request: pytest.FixtureRequest, connect: Connect) -> None:
    database = request.getfixturevalue(name)
    database.run(*TABLE)
    sleep = "pg_sleep(30) IS NOT NULL" if name == "postgres" else "SLEEP(30) = 0"
    slow = TOLD.replace("statement_timeout_seconds = 3", "statement_timeout_seconds = 1")
    began = time.monotonic()
    with pytest.raises(TargetDown):
        connect(database.url, slow.replace('key = "id"', f'key = "id"\nwhere = "{sleep}"')).pull(None, 10)
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_no_answer_to_the_commit_leaves_it_unsure_and_the_next_try_recognises_it(
    name: str, request: pytest.FixtureRequest, connect: Connect
) -> None:
    database = request.getfixturevalue(name)
    database.run(*TABLE)
    system = connect(database.url, TOLD)
    one = delivery(external_id="1", origin=all_pages(system)[0][0].origin)

    def committed_and_gone(connection: Any) -> None:
        raw = connection.connection.dbapi_connection
        raw.commit()
        raw.cursor().execute("SELECT 1")  # else the driver has nothing to commit, and says nothing
        number = raw.fileno() if name == "postgres" else raw._sock.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            line.shutdown(socket.SHUT_RDWR)

    event.listen(system._engine, "commit", committed_and_gone, once=True)
    with pytest.raises(TryFailed) as caught:
        system.push(one)
    assert caught.value.unsure
    assert system.push(delivery(external_id="1", origin=one.origin, unsure=True, tries=2)).already


def test_a_server_that_was_restarted_is_found_again(postgres: Any, connect: Connect) -> None:
    postgres.run(*TABLE)
    system = connect(postgres.url, TOLD)
    all_pages(system)
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert keys(all_pages(system)[0]) == ["1"]


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_that_may_only_read_suffices_for_reading(postgres: Any, connect: Connect) -> None:
    postgres.run(
        *TABLE, "DROP ROLE IF EXISTS looker", "CREATE ROLE looker LOGIN", "GRANT SELECT ON tickets TO looker",
        "GRANT USAGE ON SCHEMA public TO looker",
    )  # fmt: skip
    system = connect(postgres.url.replace("graftwork@", "looker@"), TOLD)
    records, _ = all_pages(system)
    assert keys(records) == ["1"]
    with pytest.raises(TargetDenied, match="42501"):
        system.push(delivery(external_id="1", origin=records[0].origin))
    with pytest.raises(TargetDenied, match=r"update of answer in `tickets`.*42501"):
        system.check()
    assert postgres.run("SELECT answer FROM tickets") == [(None,)]


def test_reading_changes_nothing_even_where_the_query_would(postgres: Any, connect: Connect) -> None:
    postgres.run(
        *TABLE,
        "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'UPDATE tickets SET answer = ''x'' RETURNING id'",
    )
    told = TOLD.replace('table = "tickets"', 'query = "SELECT sly() AS id, body FROM tickets"')
    told = told.partition("[push]")[0]
    with pytest.raises(TargetDenied, match="25006"):
        connect(postgres.url, told).pull(None, 10)
    assert postgres.run("SELECT answer FROM tickets") == [(None,)]


def test_a_narrow_account_suffices_for_writing(mariadb: Any, connect: Connect) -> None:
    mariadb.run(
        *TABLE, "CREATE OR REPLACE USER writer@'127.0.0.1'",
        "GRANT SELECT, UPDATE (answer) ON graftwork.tickets TO writer@'127.0.0.1'",
    )  # fmt: skip
    system = connect(mariadb.url.replace("graftwork@", "writer@"), TOLD)
    record = all_pages(system)[0][0]
    assert not system.push(delivery(external_id="1", origin=record.origin)).already
    assert system.check()[-1] == "may update answer in the table `tickets`"
    wider = connect(mariadb.url.replace("graftwork@", "writer@"), TOLD.replace("answer =", "state ="))
    with pytest.raises(TargetDenied):
        wider.push(delivery(external_id="1", text="x"))


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_wrong_password_is_denied_and_shown_nowhere(
    name: str, request: pytest.FixtureRequest, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    database = request.getfixturevalue(name)
    caplog.set_level(logging.DEBUG)
    if name == "mariadb":
        database.run("CREATE OR REPLACE USER locked@'127.0.0.1' IDENTIFIED BY 'right'")
        url = database.url.replace("graftwork@", "locked@")
    else:
        url = database.url.replace("graftwork@", "nobody@")
    told = f'password = "env:CRM_PASSWORD"\n{TOLD}'
    with pytest.raises(SecretMissing):
        connect(url, told)
    monkeypatch.setenv("CRM_PASSWORD", PASSWORD)
    system = connect(url, told)
    with pytest.raises(TargetDenied) as caught:
        system.pull(None, 10)
    shown = [caplog.text, str(caught.value), repr(caught.value), repr(system._file), repr(system._engine)]
    assert not any(PASSWORD in text for text in shown)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_rotated_password_is_taken_up_by_the_next_connection(
    mariadb: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb.run(
        *TABLE, "CREATE OR REPLACE USER turning@'127.0.0.1' IDENTIFIED BY 'first'",
        "GRANT SELECT ON graftwork.* TO turning@'127.0.0.1'",
    )  # fmt: skip
    monkeypatch.setenv("CRM_PASSWORD", "first")
    told = f'username = "turning"\npassword = "env:CRM_PASSWORD"\n{TOLD}'
    system = connect(mariadb.url.replace("graftwork@", ""), told)
    assert keys(all_pages(system)[0]) == ["1"]
    mariadb.run("SET PASSWORD FOR turning@'127.0.0.1' = PASSWORD('second')")
    monkeypatch.setenv("CRM_PASSWORD", "second")
    system.close()
    assert keys(all_pages(system)[0]) == ["1"]


def test_what_a_database_says_of_a_row_is_never_passed_on(
    database: Any, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    database.run(
        "CREATE TABLE tickets (id INTEGER PRIMARY KEY, body VARCHAR(40), state VARCHAR(10), answer VARCHAR(40) UNIQUE)",
        "INSERT INTO tickets VALUES (1, 'a', 'new', NULL), (2, 'b', 'new', 'Frieda Quell')",
    )

    with pytest.raises(Rejected, match="refuses the values") as caught:
        connect(database.url, TOLD).push(delivery(external_id="1", text="Frieda Quell"))
    assert "Frieda" not in f"{caught.value} {caught.value!r}"
    assert "Frieda" not in "".join(record.getMessage() for record in caplog.records if "sqlalchemy" in record.name)


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_view_or_single_columns_are_all_that_an_account_needs_to_see(
    name: str, request: pytest.FixtureRequest, connect: Connect
) -> None:
    database = request.getfixturevalue(name)
    database.run(*TABLE, "CREATE VIEW open_tickets AS SELECT id, body FROM tickets")
    if name == "postgres":
        database.run(
            "DROP ROLE IF EXISTS seer", "CREATE ROLE seer LOGIN", "GRANT USAGE ON SCHEMA public TO seer",
            "GRANT SELECT ON open_tickets TO seer", "GRANT SELECT (id, body) ON tickets TO seer",
        )  # fmt: skip
    else:
        database.run("CREATE OR REPLACE USER seer@'127.0.0.1'", "GRANT SELECT ON open_tickets TO seer@'127.0.0.1'")
    told = TOLD.partition("[push]")[0]
    url = database.url.replace("graftwork@", "seer@")
    assert keys(all_pages(connect(url, told.replace('"tickets"', '"open_tickets"')))[0]) == ["1"]
    if name == "postgres":
        assert keys(all_pages(connect(url, told))[0]) == ["1"]
    with pytest.raises(TargetDenied):
        connect(url, told.replace('"body"', '"answer"')).pull(None, 10)
