"""Rows of real databases are changed once, by name, and only where nobody else changed them since they were read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graftwork.systems.contract import Delivery
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, Unsure
from graftwork.systems.sql.system import SqlSystem
from support.sql import all_pages
from support.systems import delivery

Connect = Callable[..., SqlSystem]

TABLES = (
    """CREATE TABLE tickets (id INTEGER PRIMARY KEY, body VARCHAR(400), state VARCHAR(10), answer VARCHAR(40),
       answered TIMESTAMP NULL, priority INTEGER)""",
    "INSERT INTO tickets VALUES (1, 'It broke.', 'new', NULL, NULL, 3), (2, 'Where?', 'new', NULL, NULL, 3)",
    "CREATE TABLE notes (delivery VARCHAR(40), ticket INTEGER, body VARCHAR(400))",
)
PULL = """
[pull]
table = "tickets"
where = "state = 'new'"
key = "id"
[pull.fields]
text = "body"
"""
UPDATE = (
    PULL
    + """
[push]
set = { answer = "{text}", state = "done", answered = "{decided_at}" }
"""
)
BOTH = (
    PULL
    + """
[[push.writes]]
set = { state = "done" }
[[push.writes]]
action = "insert"
table = "notes"
set = { delivery = "{key}", ticket = "{row.id}", body = "To {external_id}: {text}" }
"""
)


def deliver(system: SqlSystem, number: int = 0, **changes: object) -> Delivery:
    record = all_pages(system, limit=10)[0][number]
    return delivery(external_id=record.key, thread=record.key, origin=record.origin, **changes)


def test_named_columns_of_one_row_are_written_once(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    one = deliver(system)
    assert not system.push(one).already
    assert system.push(one).already
    rows = database.run("SELECT id, answer, state, body, priority FROM tickets ORDER BY id")
    assert rows == [(1, one.text, "done", "It broke.", 3), (2, None, "new", "Where?", 3)]
    assert str(database.run("SELECT answered FROM tickets WHERE id = 1")[0][0]).startswith("2026-11-22 12:00:00")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE tickets SET answer = 'Mine' WHERE id = 1", "`answer`"),
        ("UPDATE tickets SET body = 'It broke again.' WHERE id = 1", "`body`"),
        ("UPDATE tickets SET state = 'closed' WHERE id = 1", "it no longer meets `pull.where`"),
        ("DELETE FROM tickets WHERE id = 1", "the row is gone"),
        ("UPDATE tickets SET priority = 1 WHERE id = 1", ""),
        ("UPDATE tickets SET answer = 'Mine' WHERE id = 2", ""),
        ("UPDATE tickets SET body = 'It broke.' WHERE id = 1", ""),
    ],
)
def test_a_row_that_somebody_changed_is_left_alone(database: Any, connect: Connect, change: str, told: str) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    one = deliver(system)
    database.run(change)
    before = database.run("SELECT * FROM tickets ORDER BY id")
    if not told:
        assert not system.push(one).already
        return
    with pytest.raises(Conflict) as caught:
        system.push(one)
    assert caught.value.changed == told
    assert database.run("SELECT * FROM tickets ORDER BY id") == before


def test_a_person_may_have_it_written_all_the_same_but_never_to_no_row(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    one, two = deliver(system, overwrite=True), deliver(system, 1, overwrite=True)
    database.run(
        "UPDATE tickets SET answer = 'Mine', state = 'closed' WHERE id = 1", "DELETE FROM tickets WHERE id = 2"
    )
    assert not system.push(one).already
    assert database.run("SELECT answer, state FROM tickets") == [(one.text, "done")]
    with pytest.raises(Rejected, match="the row is gone"):
        system.push(two)


def test_where_it_may_have_arrived_and_was_changed_again_a_person_is_asked(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    one = deliver(system, unsure=True)
    database.run("UPDATE tickets SET answer = 'x', state = 'new', answered = NULL WHERE id = 1")
    with pytest.raises(Conflict):  # `state` is as it was read, so ours has not arrived
        system.push(one)
    told = UPDATE.replace("where = \"state = 'new'\"", "")
    again = connect(database.url, told)
    database.run("UPDATE tickets SET answer = NULL, state = 'new', answered = NULL WHERE id = 1")
    one = deliver(again, unsure=True)
    database.run("UPDATE tickets SET answer = 'x', state = 'open', answered = '2026-11-22 13:00:00' WHERE id = 1")
    with pytest.raises(Unsure):
        again.push(one)


def test_two_writes_stand_or_fall_together(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, BOTH)
    one, two = deliver(system), deliver(system, 1, key="gw-2", text="x" * 500)
    assert not system.push(one).already
    with pytest.raises(Rejected, match="`body` holds 400 characters"):
        system.push(two)
    assert database.run("SELECT * FROM notes") == [("gw-0190c0de", 1, f"To 1: {one.text}")]
    assert database.run("SELECT state FROM tickets ORDER BY id") == [("done",), ("new",)]


def test_a_row_that_was_added_is_recognised_whatever_became_of_the_ticket(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, BOTH)
    one, two = deliver(system), deliver(system, 1, key="gw-2")
    system.push(one)
    system.push(two)
    database.run("UPDATE tickets SET state = 'reopened' WHERE id = 1", "DELETE FROM tickets WHERE id = 2")
    assert system.push(one).already
    assert system.push(two).already
    assert database.run("SELECT COUNT(*) FROM notes") == [(2,)]


def test_a_key_that_names_two_rows_changes_neither(database: Any, connect: Connect) -> None:
    database.run(
        "CREATE TABLE tickets (id INTEGER, body VARCHAR(40), answer VARCHAR(40))",
        "INSERT INTO tickets VALUES (1, 'a', NULL), (1, 'b', NULL)",
    )
    told = PULL.replace("where = \"state = 'new'\"", "") + '[push]\nset = { answer = "{text}" }\n'
    system = connect(database.url, told)
    with pytest.raises(Rejected, match="more than one row"):
        system.push(deliver(system))
    assert database.run("SELECT answer FROM tickets") == [(None,), (None,)]


def test_a_text_that_is_too_long_is_never_cut(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    with pytest.raises(Rejected, match="`answer` holds 40 characters"):
        system.push(deliver(system, text="é" * 41))
    assert not system.push(deliver(system, text="é" * 40)).already
    assert database.run("SELECT answer FROM tickets WHERE id = 1") == [("é" * 40,)]


def test_a_column_that_is_not_there_holds_up_all_of_them(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    with pytest.raises(TargetDenied, match="no column `anwser`; did you mean `answer`"):
        connect(database.url, UPDATE.replace("answer =", "anwser =")).push(delivery())


def test_text_is_never_read_as_sql(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    text = "'; DROP TABLE tickets; -- %s :x {y}"
    system.push(deliver(system, text=text))
    assert database.run("SELECT answer FROM tickets WHERE id = 1") == [(text,)]


def test_values_of_json_and_constants_of_their_type_are_written(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    told = PULL + '[push]\nset = { answer = "{values.category}", priority = "{values.level}", state = "{decision}" }\n'
    system = connect(database.url, told)
    system.push(deliver(system, text="{}", values={"category": ["a", "é"], "level": 7}))
    assert database.run("SELECT answer, priority, state FROM tickets WHERE id = 1") == [('["a", "é"]', 7, "accepted")]


def test_an_item_of_elsewhere_is_written_to_the_row_of_its_id(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    system = connect(database.url, UPDATE)
    assert not system.push(delivery(external_id="2")).already
    with pytest.raises(Conflict, match="gone"):
        system.push(delivery(external_id="3"))
    assert database.run("SELECT state FROM tickets ORDER BY id") == [("new",), ("done",)]


def test_our_own_marks_are_no_change_by_somebody_else(database: Any, connect: Connect) -> None:
    database.run(*TABLES)
    told = """
    [pull]
    table = "tickets"
    key = "id"
    status = "state"
    new_values = ["new"]
    taken_value = "taken"
    [pull.fields]
    text = "body"
    [push]
    on = ["approved", "escalated"]
    [[push.writes]]
    on = ["approved"]
    set = { state = "done", answer = "{text}" }
    [[push.writes]]
    on = ["escalated"]
    set = { state = "lead" }
    """
    system = connect(database.url, told)
    records, _ = all_pages(system)
    system.settle(records)
    one, two = (delivery(external_id=each.key, origin=each.origin) for each in records)

    system.push(replace(one, event="escalated", decision="escalated"))
    assert not system.push(one).already
    database.run("UPDATE tickets SET state = 'done' WHERE id = 2")
    with pytest.raises(Conflict, match="`state`"):
        system.push(two)


# --- what MariaDB without strict mode says nothing of -----------------------------------------------------------------


def test_characters_that_the_column_cannot_hold_are_refused_by_name(mariadb: Any, connect: Connect) -> None:
    mariadb.run(
        "CREATE TABLE tickets (id INT PRIMARY KEY, body TEXT, answer VARCHAR(40) CHARACTER SET latin1, n INT)",
        "INSERT INTO tickets VALUES (1, 'a', NULL, NULL)",
    )
    told = PULL.replace("where = \"state = 'new'\"", "") + '[push]\nset = { answer = "{text}", n = "{values.n}" }\n'
    system = connect(mariadb.url, told)
    for changes, column in (({"text": "日本"}, "answer"), ({"text": "a", "values": {"n": "many"}}, "n")):
        with pytest.raises(Rejected, match=f"`{column}` would not hold"):
            system.push(deliver(system, **changes))
        assert mariadb.run("SELECT answer, n FROM tickets") == [(None, None)]
    system.push(deliver(system, text="é€", values={"n": "7"}))
    assert mariadb.run("SELECT answer, n FROM tickets") == [("é€", 7)]


def test_a_text_column_of_mysql_is_counted_in_bytes(mariadb: Any, connect: Connect) -> None:
    mariadb.run(
        "CREATE TABLE tickets (id INT PRIMARY KEY, body TEXT, answer TINYTEXT)",
        "INSERT INTO tickets VALUES (1, 'a', '')",
    )
    told = PULL.replace("where = \"state = 'new'\"", "") + '[push]\nset = { answer = "{text}" }\n'
    system = connect(mariadb.url, told)
    with pytest.raises(Rejected, match="`answer` holds 255 bytes"):
        system.push(deliver(system, text="é" * 128))
    assert not system.push(deliver(system, text="é" * 127)).already


def test_what_a_trigger_makes_of_it_is_refused_unless_the_file_allows_it(mariadb: Any, connect: Connect) -> None:
    mariadb.run(
        *TABLES, "CREATE TRIGGER shout BEFORE UPDATE ON tickets FOR EACH ROW SET NEW.answer = UPPER(NEW.answer)"
    )
    system = connect(mariadb.url, UPDATE)
    with pytest.raises(Rejected, match="`answer`"):
        system.push(deliver(system))
    allowed = connect(mariadb.url, UPDATE + "read_back = false\n")
    assert not allowed.push(deliver(allowed)).already
