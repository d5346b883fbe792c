"""A row that becomes visible behind rows that were read already is not passed over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.sql.system import SqlSystem
from graftwork.systems.sql.window import Position, State, after_page, begin
from support.sql import all_pages, connector, keys
from support.systems import NOW

Connect = Callable[..., SqlSystem]

TOLD = """
[pull]
table = "tickets"
key = "id"
watermark = "changed"
overlap_seconds = 30
[pull.fields]
text = "body"
"""
TABLE = "CREATE TABLE tickets (id {id} PRIMARY KEY, body text, changed {when})"


def test_a_transaction_that_ends_late_is_read_when_it_does(postgres: Any, connect: Connect) -> None:
    postgres.run(TABLE.format(id="int", when="timestamptz DEFAULT now()"))
    system = connect(postgres.url, TOLD)
    with psycopg.connect(postgres.url) as slow:
        slow.execute("INSERT INTO tickets (id, body) VALUES (1, 'slow')")  # `now()` is when this transaction began
        postgres.run("INSERT INTO tickets (id, body) VALUES (2, 'quick')")
        records, cursor = all_pages(system)
        assert keys(records) == ["2"]
        slow.commit()
    records, cursor = all_pages(system, cursor)
    assert keys(records) == ["1", "2"]


def test_a_number_that_was_drawn_early_and_kept_late_is_read(postgres: Any, connect: Connect) -> None:
    postgres.run(TABLE.format(id="serial", when="int"))
    system = connect(postgres.url, TOLD.replace('"changed"', '"id"\nwatermark_kind = "number"'))
    with psycopg.connect(postgres.url) as slow:
        slow.execute("INSERT INTO tickets (body) VALUES ('slow')")
        postgres.run("INSERT INTO tickets (body) VALUES ('quick')")
        records, cursor = all_pages(system)
        assert keys(records) == ["2"]
        slow.commit()
    assert keys(all_pages(system, cursor)[0]) == ["1", "2"]


def test_a_row_that_is_later_than_the_overlap_is_the_near_miss(postgres: Any, connect: Connect) -> None:
    """What `overlap_seconds` promises, and no more: 32 seconds behind with an overlap of 30 is not read."""
    postgres.run(TABLE.format(id="int", when="timestamp"))
    system = connect(postgres.url, TOLD)
    postgres.run("INSERT INTO tickets VALUES (1, '', '2026-11-22 10:01:00')")
    _, cursor = all_pages(system)
    postgres.run(
        "INSERT INTO tickets VALUES (2, '', '2026-11-22 10:00:28')",
        "INSERT INTO tickets VALUES (3, '', '2026-11-22 10:00:30')",
    )
    assert keys(all_pages(system, cursor)[0]) == ["3", "1"]


def test_a_million_rows_of_one_second_are_not_read_at_each_look(postgres: Any, connect: Connect) -> None:
    postgres.run(
        TABLE.format(id="int", when="timestamp"),
        "INSERT INTO tickets SELECT n, '', '2026-11-22 10:00:00' FROM generate_series(1, 2000) n",
    )
    counts, cursor = [], None
    for minutes in range(4):
        records, cursor = all_pages(connect(postgres.url, TOLD, NOW + timedelta(minutes=minutes)), cursor, limit=500)
        counts.append(len(records))
    assert counts == [2000, 2000, 0, 0]


Row = tuple[int, float, float]  # key, when its transaction drew its watermark, when it was committed


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 30)), max_size=40),
    st.lists(st.floats(0.1, 40), min_size=1, max_size=20),
    st.integers(1, 7),
)
def test_every_row_is_read_if_its_transaction_ends_within_the_overlap(
    drawn: list[tuple[float, float]], pauses: list[float], limit: int
) -> None:
    """Looks at any moments, pages of any size, transactions of any length up to the overlap of 30 seconds."""
    rows = [(key, began, began + lasted) for key, (began, lasted) in enumerate(drawn)]
    pull = connector(TOLD).pull
    assert pull is not None
    seen: set[int] = set()
    state, clock, pages = State(), 0.0, 0
    for pause in [*pauses, 400.0, 60.0, 60.0]:
        clock += pause
        more = True
        while more:
            visible = sorted((_moment(began), key) for key, began, ended in rows if ended <= clock)
            state = _begun(state, pull, visible, clock)
            page = _page(state, visible, limit)
            more = len(page) == limit
            state = State.of(after_page(state, pull, page[-1] if page else None, full=more).cursor())
            seen |= {key for _, key in page}
            clock += 0.05  # time goes on, and transactions end, between two pages
            pages += 1
            assert pages < 5000
    assert seen == {key for key, _, _ in rows}
    # And then it comes to rest.
    assert _page(_begun(state, pull, visible, clock), visible, limit) == []


def _begun(state: State, pull: Any, visible: list[tuple[datetime, int]], clock: float) -> State:
    if state.sweep is not None:
        return state
    newest = visible[-1][0] if visible else None
    return begin(state, pull, newest, NOW + timedelta(seconds=clock), open_ended=False)


def _page(state: State, visible: list[tuple[datetime, int]], limit: int) -> list[Position]:
    sweep = state.sweep
    assert sweep is not None
    after = sweep.at or state.settled
    found = [
        row for row in visible
        if (after is None or row > after)
        and (sweep.lower is None or row[0] >= sweep.lower)
        and (sweep.upper is None or row[0] <= sweep.upper)
    ]  # fmt: skip
    return list(found[:limit])


def _moment(seconds: float) -> datetime:
    """Kept in whole seconds, as most tables do."""
    return datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(seconds=int(seconds))


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y-%m-%d %H:%M:%S"])
def test_dates_kept_as_text_are_read_again_by_their_own_measure(sqlite: Any, connect: Connect, form: str) -> None:
    def text(hours: float) -> str:
        return (datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(hours=hours)).strftime(form)

    sqlite.run("CREATE TABLE tickets (id, body, changed)", f"INSERT INTO tickets VALUES (5, '', '{text(0)}')")
    system = connect(
        sqlite.url, TOLD.replace("overlap", f'watermark_kind = "text"\nwatermark_format = "{form}"\noverlap')
    )
    _, cursor = all_pages(system)
    sqlite.run(f"INSERT INTO tickets VALUES (1, '', '{text(0)}'), (6, '', '{text(0.001)}'), (7, '', 'rubbish')")
    assert keys(all_pages(system, cursor)[0])[:1] == ["1"]
    assert {"6", "7"} < set(keys(all_pages(system, cursor)[0]))
