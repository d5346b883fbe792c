"""Marks of what is new: read as the file says, kept without loss, never written later than they are."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.http.marks import (
    MarkUnreadable,
    is_after,
    newest,
    read_mark,
    store_mark,
    stored_mark,
    write_mark,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "zone", "mark"),
    [
        ("iso", "2026-11-22T12:00:00Z", "UTC", NOON),
        ("iso", "2026-11-22T13:00:00+01:00", "UTC", NOON),
        ("iso", "2026-11-22T12:00:00.000+0000", "UTC", NOON),
        ("iso", "2026-11-22T13:00:00", "Europe/Berlin", NOON),
        ("epoch", 1795348800, "UTC", NOON),
        ("epoch", "1795348800", "UTC", NOON),
        ("epoch_ms", 1795348800000, "UTC", NOON),
        ("odata", "/Date(1795348800000)/", "UTC", NOON),
        ("odata", "/Date(1795348800000+0060)/", "UTC", NOON),
        ("%Y-%m-%d %H:%M:%S", "2026-11-22 12:00:00", "UTC", NOON),
        ("%d.%m.%Y %H:%M", "22.11.2026 13:00", "Europe/Berlin", NOON),
        ("number", 17, "UTC", 17),
        ("number", "17", "UTC", 17),
        ("number", "99999999999999999999", "UTC", 99999999999999999999),
        ("text", "a17", "UTC", "a17"),
    ],
)
def test_a_mark_is_read(kind: str, value: Any, zone: str, mark: Any) -> None:
    assert read_mark(kind, value, zone) == mark


@pytest.mark.parametrize(
    ("kind", "value"),
    [("iso", "yesterday"), ("iso", None), ("iso", ""), ("iso", True), ("iso", {}), ("epoch", "noon"), ("epoch", 1e300),
     ("odata", "/Date(x)/"), ("number", "x"), ("number", []), ("%Y", "22"), ("epoch", float("nan"))],
)  # fmt: skip
def test_what_is_no_mark_is_none(kind: str, value: Any) -> None:
    with pytest.raises(MarkUnreadable):
        read_mark(kind, value)


TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001 - the next call says UTC


@given(TIMES, st.sampled_from(["iso", "epoch", "epoch_ms", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"]))
def test_a_time_is_never_written_later_than_it_is_nor_much_earlier(moment: datetime, kind: str) -> None:
    again = read_mark(kind, write_mark(kind, moment))

    assert isinstance(again, datetime)
    assert timedelta(0) <= moment - again < timedelta(minutes=1)


@given(TIMES | st.integers(-(10**18), 10**18) | st.text(min_size=1))
def test_a_mark_is_kept_as_json_without_loss(mark: Any) -> None:
    kind = "text" if isinstance(mark, str) else "number" if isinstance(mark, int) else "iso"

    assert stored_mark(kind, json.loads(json.dumps(store_mark(mark)))) == mark


def test_a_kept_mark_of_another_kind_is_forgotten() -> None:
    assert stored_mark("number", "2026-11-22T12:00:00+00:00") is None
    assert stored_mark("iso", "x") is None
    assert stored_mark("iso", None) is None


def test_the_newest_of_two_is_the_later_one_by_number_and_by_time() -> None:
    assert newest(None, 5) == 5
    assert newest(5, None) == 5
    assert newest(9, 10) == 10
    assert newest("9", "10") == "9"
    assert newest(NOON, NOON + timedelta(seconds=1)) == NOON + timedelta(seconds=1)
    assert not is_after(NOON, NOON)
