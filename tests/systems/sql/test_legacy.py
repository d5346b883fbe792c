"""The habits of old tables, each beside what only looks like it; on the databases that have them."""

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.sql.file import ColumnRule, SqlConnector
from graftwork.systems.sql.system import SqlSystem
from graftwork.systems.sql.values import (
    BadValue,
    Reader,
    digests,
    from_json,
    garbled,
    key_text,
    repaired,
    same,
    to_json,
)
from support.sql import all_pages, keys
from support.systems import delivery, surroundings

Connect = Callable[..., SqlSystem]
PAGE = Path(__file__).parents[3] / "docs/how-to/connect-a-database.md"


def test_the_example_of_the_page_works_from_end_to_end(
    mariadb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key padded with blanks and no primary key, text as bytes of Windows-1252, a date as text."""
    page = PAGE.read_text(encoding="utf-8")
    table = page.partition("```sql\n")[2].partition("```")[0]
    told = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])
    mariadb.run(
        table, "CREATE OR REPLACE USER graftwork_crm@'127.0.0.1' IDENTIFIED BY 'sesame'",
        "GRANT SELECT, UPDATE (ANTWORT, STATUS) ON graftwork.TICKET TO graftwork_crm@'127.0.0.1'",
        "INSERT INTO TICKET VALUES ('T1', 'Grüße', X'4DFC6C6C6572203130208020', '20261122093000', 'N', NULL),"
        " ('T2', '', NULL, '20261122093000', 'N', ''), ('T3', 'old', NULL, '20251122093000', 'N', NULL),"
        " ('T4', 'done', 'x', '20261122093000', 'E', NULL)",
    )  # fmt: skip
    monkeypatch.setenv("TICKETS_PASSWORD", "sesame")
    file = SqlConnector.model_validate(
        {**told, "url": mariadb.url.replace("graftwork@", ""), "username": "graftwork_crm"}
    )
    system = SqlSystem(file, surroundings(tmp_path))
    records, _ = all_pages(system)
    assert [(r.key, r.row["subject"], r.row["conversation"]) for r in records] == [
        ("T1", "Grüße", "Müller 10 €"), ("T2", "", None),
    ]  # fmt: skip
    one = delivery(external_id="T1", origin=records[0].origin, text="Schöne Grüße, 10 €")
    assert not system.push(one).already
    assert mariadb.run("SELECT ANTWORT, STATUS FROM TICKET WHERE TNR = 'T1'") == [("Schöne Grüße, 10 €", "E")]
    assert system.push(one).already
    assert any("may update ANTWORT, STATUS in the table `TICKET`" in line for line in system.check())
    assert any(line.startswith("1 row to read") for line in system.check())
    system.close()


def test_char_columns_lose_their_blanks_and_nothing_else(postgres: Any, connect: Connect) -> None:
    postgres.run(
        "CREATE TABLE t (k CHAR(6) PRIMARY KEY, c CHAR(8), v TEXT, a TEXT)",
        "INSERT INTO t VALUES ('A1', ' ab', E'cd\\n', NULL), ('A2', '', NULL, NULL)",
    )
    told = '[pull]\ntable = "t"\nkey = "k"\n[pull.fields]\nc = "c"\nv = "v"\n'
    records, _ = all_pages(connect(postgres.url, told + '[push]\nset = { a = "{text}" }\n'))
    assert [(r.key, r.row) for r in records] == [("A1", {"c": " ab", "v": "cd\n"}), ("A2", {"c": "", "v": None})]
    assert (
        not connect(postgres.url, told + '[push]\nset = { a = "{text}" }\n')
        .push(delivery(external_id="A1", origin=records[0].origin))
        .already
    )
    assert postgres.run("SELECT k FROM t WHERE a IS NOT NULL") == [("A1    ",)]
    kept = connect(postgres.url, told.replace("[pull.fields]", "strip = false\nempty_is_null = true\n[pull.fields]"))
    assert all_pages(kept)[0][0].row["c"] == " ab     "


def test_dates_that_python_has_not_are_told_or_kept_and_stop_nothing(postgres: Any, connect: Connect) -> None:
    postgres.run(
        "CREATE TABLE t (k INT PRIMARY KEY, d TIMESTAMP)",
        "INSERT INTO t VALUES (1, '2026-11-22 10:00'), (2, 'infinity'), (3, '0044-03-15 BC')",
    )
    told = (
        '[pull]\ntable = "t"\nkey = "k"\nwatermark = "d"\n[pull.fields]\ntext = "d"\n[pull.columns.d]\nkind = "date"\n'
    )
    records, _ = all_pages(connect(postgres.url, told), limit=1)
    assert {r.key: r.problem for r in records} == {"1": "", "2": "`d` holds no date", "3": "`d` holds no date"}


def test_latin1_in_a_database_that_takes_it_for_text(sqlite: Any, connect: Connect) -> None:
    sqlite.run(
        "CREATE TABLE t (k INTEGER PRIMARY KEY, body TEXT)",
        "INSERT INTO t VALUES (1, CAST(X'4DFC6C6C6572' AS TEXT)), (2, 'Müller')",
    )
    told = '[pull]\ntable = "t"\nkey = "k"\n[pull.fields]\ntext = "body"\n'
    plain, _ = all_pages(connect(sqlite.url, told))
    assert [r.problem for r in plain] == ["`body` holds bytes that are not UTF-8; see `encoding`", ""]
    mended, _ = all_pages(connect(sqlite.url, 'encoding = "latin-1"\n' + told))
    assert [r.row["text"] for r in mended] == ["Müller", "Müller"]


def test_utf8_that_was_taken_for_latin1_is_read_and_written_as_the_old_program_does(
    mariadb: Any, connect: Connect
) -> None:
    mariadb.run(
        "CREATE TABLE t (k INT PRIMARY KEY, body VARCHAR(90) CHARACTER SET latin1, a VARCHAR(90) CHARACTER SET latin1)",
        "INSERT INTO t VALUES (1, CONVERT(X'4DC3BC6C6C6572E282AC' USING latin1), NULL), (2, 'Müller', NULL)",
    )
    told = """
    encoding = "utf-8"
    misread_as = "latin-1"
    [pull]
    table = "t"
    key = "k"
    [pull.fields]
    text = "body"
    [push]
    set = { a = "{text}" }
    """
    system = connect(mariadb.url, told)
    records, _ = all_pages(system)
    assert [r.row["text"] for r in records] == ["Müller€", "Müller"]
    system.push(delivery(external_id="1", origin=records[0].origin, text="Grüße „日本“"))
    assert mariadb.run("SELECT HEX(a) FROM t WHERE k = 1") == [("Grüße „日本“".encode().hex().upper(),)]


def test_a_zero_date_is_no_date_and_no_end(mariadb: Any, connect: Connect) -> None:
    mariadb.run(
        "CREATE TABLE t (k INT PRIMARY KEY, d DATETIME NOT NULL)",
        "INSERT INTO t VALUES (1, '2026-11-22 10:00:00'), (2, '0000-00-00 00:00:00'), (3, '0000-00-00 00:00:00')",
    )
    told = (
        '[pull]\ntable = "t"\nkey = "k"\nwatermark = "d"\n[pull.fields]\ntext = "d"\n[pull.columns.d]\nkind = "date"\n'
    )
    records, _ = all_pages(connect(mariadb.url, told), limit=1)
    assert [(r.key, r.row["text"]) for r in records] == [("2", None), ("3", None), ("1", "2026-11-22T10:00:00")]


@pytest.mark.parametrize(
    ("rule", "raw", "read"),
    [
        ({"kind": "date", "format": "%d.%m.%Y"}, "22.11.2026  ", "2026-11-22"),
        ({"kind": "date", "format": "%d.%m.%Y %H:%M"}, "22.11.2026 00:00", "2026-11-22T00:00:00"),
        ({"kind": "date", "format": "%Y%m%d", "nulls": ["00000000"]}, "00000000", None),
        ({"kind": "date", "format": "%Y%m%d"}, 20261122, "2026-11-22"),
        ({"kind": "date"}, date(2026, 11, 22), "2026-11-22"),
        ({"kind": "date"}, None, None),
        ({"kind": "boolean", "true": ["J"], "false": ["N"]}, "j ", True),
        ({"kind": "boolean"}, b"\x00", False),
        ({"kind": "boolean"}, b"\x01", True),
        ({"kind": "boolean"}, Decimal("1.0"), True),
        ({"kind": "number"}, " 12.50 ", 12.5),
        ({"kind": "number"}, Decimal("12.00"), 12),
        ({}, Decimal("12.50"), "12.5"),
        ({}, b"caf\xc3\xa9", "café"),
        ({"encoding": "cp850"}, b"caf\x82", "café"),
        ({}, True, True),
    ],
)
def test_values_are_read_as_the_file_says(rule: dict[str, Any], raw: Any, read: Any) -> None:
    found = Reader("c", made := ColumnRule.model_validate(rule), made.encoding).read(raw)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("rule", "raw"),
    [
        ({"kind": "date", "format": "%d.%m.%Y"}, "31.02.2026"),
        ({"kind": "date", "format": "%Y%m%d"}, "00000000"),
        ({"kind": "boolean", "true": ["J"], "false": ["N"]}, "Y"),
        ({"kind": "number"}, "twelve"),
        ({"kind": "number"}, "NaN"),
        ({}, b"caf\xe9"),
    ],
)
def test_values_that_cannot_be_read_are_told_by_their_column_only(rule: dict[str, Any], raw: Any) -> None:
    with pytest.raises(BadValue) as caught:
        Reader("c", ColumnRule.model_validate(rule)).read(raw)
    assert "`c`" in str(caught.value)
    assert str(raw) not in str(caught.value)


@pytest.mark.parametrize(
    ("wrote", "holds", "kept"),
    [
        ("a", "a   ", True),
        ("a", " a", False),
        ("é", "?", False),
        ("", None, False),
        (None, None, True),
        (None, "", False),
        (7, Decimal("7.00"), True),
        (7, 8, False),
        ("7", 7, True),
        ("seven", 0, False),
        (True, 1, True),
        (0.1, 0.10000000149, True),
        ("é", "é".encode(), True),
        ("2026-11-22", date(2026, 11, 22), True),
        ("2026-11-22", date(2026, 12, 22), False),
        ("2026-11-22", "0000-00-00", False),
        ('{"a": 1}', {"a": 1}, True),
        ('{"a": 1}', {"a": 2}, False),
    ],
)
def test_what_a_column_kept_is_told_from_what_it_lost(wrote: Any, holds: Any, kept: bool) -> None:
    assert same(wrote, holds) is kept


def test_keys_and_digests_depend_on_the_value_and_not_on_its_type() -> None:
    assert key_text([Decimal("17.0")]) == key_text([17]) == key_text(["17  "]) == "17"
    assert key_text(["a", "b/c"]) != key_text(["a/b", "c"])
    with pytest.raises(BadValue):
        key_text([" "])
    assert digests([1], {"a": 2}) == digests([1], {"a": Decimal("2.00")}) != digests([2], {"a": 2})
    for value in (1, "x", None, Decimal("1.50"), date(2026, 11, 22), b"\x00"):
        assert from_json(to_json(value)) == value


def test_garbled_text_is_repaired_and_right_text_is_left() -> None:
    wrong = garbled("Grüße „日本“", "iso8859-1", "utf-8")
    assert wrong != "Grüße „日本“"
    assert repaired(wrong, "iso8859-1", "utf-8") == "Grüße „日本“"
    for right in ("Grüße", "日本", "plain"):
        assert repaired(right, "iso8859-1", "utf-8") == right


def test_a_row_without_a_usable_key_is_told_and_stops_nothing(sqlite: Any, connect: Connect) -> None:
    sqlite.run("CREATE TABLE t (k, body)", "INSERT INTO t VALUES ('', 'a'), (NULL, 'b'), ('x', 'c')")
    system = connect(sqlite.url, '[pull]\ntable = "t"\nkey = "k"\n[pull.fields]\ntext = "body"\n')
    records, _ = all_pages(system)
    assert [r.problem for r in records] == ["the key is empty", ""]
    assert keys(records)[1] == "x"
    assert system.check()[-1] == "1 row never read: the key or the watermark is NULL"
