"""Ids grow, also when the clock does not."""

import threading
import time
from uuid import RFC_4122

import pytest

from graftwork.core.ids import uuid7


def test_it_is_a_version_7_uuid_that_begins_with_the_time():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before - 1 <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1_000


@pytest.mark.parametrize("drift_seconds", [0, -1, -3600, 3600], ids=["standing", "1 s back", "1 h back", "1 h on"])
def test_each_is_greater_than_the_one_before_however_the_clock_goes(monkeypatch, drift_seconds):
    from graftwork.core import ids

    last = list(ids._last)
    first = uuid7()
    there = time.time_ns() + drift_seconds * 10**9
    monkeypatch.setattr(ids.time, "time_ns", lambda: there)
    made = [first, *(uuid7() for _ in range(100))]
    assert made == sorted(set(made))
    ids._last[:] = last


def test_threads_get_no_id_twice():
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.extend(uuid7() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2_000
