"""Rows of real databases become records: all of them, in their order, whatever twenty years have left in them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from graftwork.systems.errors import TargetDenied
from graftwork.systems.sql.system import SqlSystem
from support.sql import all_pages, keys
from support.systems import NOW

Connect = Callable[..., SqlSystem]

TICKETS = """
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY, subject VARCHAR(80), body VARCHAR(400), state VARCHAR(10), changed TIMESTAMP NULL)
"""
BY_TIME = """
[pull]
table = "tickets"
key = "id"
watermark = "changed"
[pull.fields]
text = "body"
"""
BY_STATE = """
[pull]
table = "tickets"
key = "id"
status = "state"
new_values = ["new"]
[pull.fields]
text = "body"
"""


def add(database: Any, *numbers: int, at: str = "2026-11-22 10:00:00", state: str = "new") -> None:
    for number in numbers:
        database.run(f"INSERT INTO tickets VALUES ({number}, 'S{number}', 'B{number}', '{state}', '{at}')")


def test_rows_with_the_same_watermark_are_read_once_each_across_pages(database: Any, connect: Connect) -> None:
    database.run(TICKETS)
    add(database, *range(1, 11))
    add(database, 20, at="2026-11-22 09:59:59")
    records, cursor = all_pages(connect(database.url, BY_TIME))
    assert keys(records) == ["20", *map(str, range(1, 11))]
    assert records[0].row == {"text": "B20"}
    # Nothing that a record says stands in the cursor, which is stored in the clear.
    assert "B20" not in str(cursor)


def test_what_is_known_is_read_again_for_a_while_and_then_no_more(database: Any, connect: Connect) -> None:
    database.run(TICKETS)
    add(database, 1, 2)
    _, cursor = all_pages(connect(database.url, BY_TIME))
    again, cursor = all_pages(connect(database.url, BY_TIME), cursor)
    assert keys(again) == ["1", "2"]
    later = connect(database.url, BY_TIME, NOW + timedelta(minutes=2))
    _, cursor = all_pages(later, cursor)
    quiet, cursor = all_pages(later, cursor)
    assert quiet == []
    add(database, 3, at="2026-11-22 10:00:01")
    assert keys(all_pages(later, cursor)[0]) == ["3"]


def test_a_column_is_found_in_either_case(sqlite: Any, connect: Connect) -> None:
    sqlite.run(TICKETS)
    add(sqlite, 1)
    assert keys(all_pages(connect(sqlite.url, BY_TIME.replace('"id"', '"ID"')))[0]) == ["1"]


def test_a_misspelt_column_is_told_with_the_nearest(database: Any, connect: Connect) -> None:
    database.run(TICKETS)
    with pytest.raises(TargetDenied) as caught:
        connect(database.url, BY_TIME.replace('"body"', '"boddy"')).pull(None, 10)
    assert "`pull.fields.text`: the table `tickets` has no column `boddy`; did you mean `body`?" in str(caught.value)


def test_rows_that_wait_by_their_state_come_until_it_changes(database: Any, connect: Connect) -> None:
    database.run(TICKETS)
    add(database, 1, 2, 3, 4)
    add(database, 5, state="done")
    system = connect(database.url, BY_STATE)
    records, cursor = all_pages(system)
    assert keys(records) == ["1", "2", "3", "4"]
    system.settle(records)  # the file asks for nothing to be shown, so nothing is
    assert keys(all_pages(system, cursor)[0]) == ["1", "2", "3", "4"]


def test_what_is_stored_here_is_marked_there_and_a_change_by_somebody_else_stays(
    database: Any, connect: Connect
) -> None:
    database.run(TICKETS)
    add(database, 1, 2, 3)
    system = connect(database.url, BY_STATE.replace("[pull.fields]", 'taken_value = "taken"\n[pull.fields]'))
    records, cursor = all_pages(system, limit=2)
    database.run("UPDATE tickets SET state = 'closed' WHERE id = 2")
    system.settle(records)
    system.settle(records)
    states = database.run("SELECT id, state FROM tickets ORDER BY id")
    assert states == [(1, "taken"), (2, "closed"), (3, "taken")]
    assert all_pages(system, cursor)[0] == []


def test_null_is_a_state_too_where_the_file_says_so(database: Any, connect: Connect) -> None:
    database.run(TICKETS, "INSERT INTO tickets VALUES (1, 's', 'b', NULL, NULL), (2, 's', 'b', '', NULL)")
    add(database, 9)
    for told, found in (("", ["9"]), ("new_is_null = true", ["1", "9"])):
        by_state = BY_STATE.replace("[pull.fields]", f"{told}\n[pull.fields]")
        assert keys(all_pages(connect(database.url, by_state))[0]) == found


def test_a_query_of_the_author_is_paged_like_a_table(database: Any, connect: Connect) -> None:
    database.run(TICKETS, "CREATE TABLE people (id INTEGER, name VARCHAR(40))", "INSERT INTO people VALUES (1, 'Ada')")
    add(database, 1, 2)
    told = """
    [pull]
    query = "SELECT t.id AS nr, name AS who, t.body, ':x 100%' AS odd FROM tickets t LEFT JOIN people p ON p.id = t.id;"
    where = "odd LIKE '%:x 100%' AND nr > 0"
    key = "nr"
    watermark = "nr"
    watermark_kind = "number"
    [pull.fields]
    text = "{who}: {body}"
    """
    records, _ = all_pages(connect(database.url, told), limit=1)
    assert [record.row["text"] for record in records] == ["Ada: B1", ": B2"]


def test_a_table_without_a_key_is_read_by_an_expression(database: Any, connect: Connect) -> None:
    database.run(
        "CREATE TABLE log (branch VARCHAR(5), nr INTEGER, body VARCHAR(50))",
        "INSERT INTO log VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('b', 1, 'z')",
    )
    glued = "CONCAT(branch, '-', nr)" if database.kind == "mariadb" else "branch || '-' || nr"
    told = f"""
    [pull]
    table = "log"
    key_expression = "{glued}"
    [pull.fields]
    text = "body"
    """
    records, _ = all_pages(connect(database.url, told), limit=1)
    assert keys(records) == ["a-1", "a-2", "b-1"]


def test_two_columns_make_one_key_and_never_that_of_another_row(database: Any, connect: Connect) -> None:
    database.run(
        "CREATE TABLE log (branch VARCHAR(5), nr VARCHAR(5), body VARCHAR(50))",
        "INSERT INTO log VALUES ('a', 'b/c', 'x'), ('a/b', 'c', 'y')",
    )
    told = """
    [pull]
    table = "log"
    key = ["branch", "nr"]
    [pull.fields]
    text = "body"
    """
    records, _ = all_pages(connect(database.url, told), limit=1)
    assert keys(records) == ["a/b%2Fc", "a%2Fb/c"]


def test_turns_of_another_table_become_a_conversation(database: Any, connect: Connect) -> None:
    database.run(
        TICKETS,
        "CREATE TABLE notes (id INTEGER, ticket INTEGER, who VARCHAR(1), body VARCHAR(50), hidden INTEGER)",
        "INSERT INTO notes VALUES (2, 1, 'A', 'Which one?', 0), (1, 1, 'C', 'It broke.', 0), (3, 1, 'A', 'psst', 1),"
        " (4, 1, 'X', 'Moved.', 0), (5, 1, 'C', NULL, 0)",
    )
    add(database, 1, 2)
    told = (
        BY_STATE.replace('text = "body"', 'conversation = "body"')
        + """
    [pull.conversation]
    table = "notes"
    parent = "ticket"
    order = ["id"]
    text = "body"
    speaker = "who"
    speakers = { A = "agent", C = "customer" }
    where = "hidden = 0"
    """
    )
    first, second = all_pages(connect(database.url, told))[0]
    assert [(turn["from"], turn["text"]) for turn in first.row["conversation"]] == [
        ("customer", "B1"), ("customer", "It broke."), ("agent", "Which one?"), ("X", "Moved."),
    ]  # fmt: skip
    assert second.row["conversation"] == [{"from": "customer", "text": "B2"}]


def test_a_row_far_in_the_future_does_not_hide_those_of_today(database: Any, connect: Connect) -> None:
    database.run(TICKETS)
    add(database, 1, at="2026-11-22 09:00:00")
    add(database, 2, at="2037-01-01 00:00:00")
    records, cursor = all_pages(connect(database.url, BY_TIME))
    assert keys(records) == ["1", "2"]
    add(database, 3, at="2026-11-22 11:00:00")
    assert "3" in keys(all_pages(connect(database.url, BY_TIME), cursor)[0])


def test_a_table_that_was_emptied_and_begins_anew_is_read(database: Any, connect: Connect) -> None:
    by_number = BY_TIME.replace('"changed"', '"id"\nwatermark_kind = "number"\noverlap_seconds = 0')
    database.run(TICKETS)
    add(database, *range(100, 105))
    system = connect(database.url, by_number)
    cursor = None
    for _ in range(3):
        _, cursor = all_pages(system, cursor)
    database.run("DELETE FROM tickets")
    add(database, 1, 2)
    found = []
    for _ in range(2):
        records, cursor = all_pages(system, cursor)
        found += keys(records)
    assert set(found) == {"1", "2"}
