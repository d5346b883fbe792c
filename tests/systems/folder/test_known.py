"""The cursor: every file is found, whatever its date; what is known is not read again."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.systems.folder.known import Round
from graftwork.systems.folder.store import Found


def file(number: int, changed_ns: int | None = None) -> Found:
    return Found(f"scan-{number}.pdf", 1_000, number * 1_000 if changed_ns is None else changed_ns)


def take(look: Round, most: int) -> list[Found]:
    taken = []
    while len(taken) < most and (first := look.first()) is not None:
        taken.append(first)
        look.take()
    return taken


def read_all(cursor, files, batch: int = 200):
    """All new files in batches, with a process that dies after each: the cursor is all that is left."""
    found, batches = [], 0
    while part := take(look := Round(cursor, files), batch):
        found.extend(part)
        cursor = json.loads(json.dumps(look.cursor()))
        batches += 1
        assert batches <= 2 + 2 * len(files) / batch + len(files) / 50, "it does not come to an end"
    return found, json.loads(json.dumps(Round(cursor, files).cursor()))


def test_files_come_oldest_first_and_once():
    files = [file(number) for number in range(1_000)]
    found, cursor = read_all(None, files[::-1])
    assert found == files
    assert read_all(cursor, files)[0] == []


def test_a_file_with_an_old_date_that_is_moved_in_later_is_found_alone():
    files = [file(number) for number in range(1_000)]
    _, cursor = read_all(None, files)
    late = file(5_000, changed_ns=17)
    found, cursor = read_all(cursor, [*files, late])
    assert found == [late]
    assert read_all(cursor, [*files, late])[0] == []


def test_files_with_equal_dates_are_told_apart():
    files = [file(number, changed_ns=1) for number in range(500)]
    found, cursor = read_all(None, files, batch=7)
    assert set(found) == set(files)
    assert len(found) == len(files)
    late = file(1_000, changed_ns=1)
    assert read_all(cursor, [*files, late])[0] == [late]


def test_a_file_that_is_taken_away_makes_nothing_new():
    files = [file(number) for number in range(1_000)]
    _, cursor = read_all(None, files)
    left = [one for one in files if one.name not in ("scan-3.pdf", "scan-700.pdf")]
    found, cursor = read_all(cursor, left)
    assert found == []
    assert {one.name for one in read_all(cursor, files)[0]} == {"scan-3.pdf", "scan-700.pdf"}


def test_several_late_files_in_one_stretch_cost_reading_that_stretch_again_and_no_more():
    files = [file(number) for number in range(3_000)]
    _, cursor = read_all(None, files)
    late = [file(20_000 + number, changed_ns=1_000_500 + number) for number in range(3)]
    found, cursor = read_all(cursor, [*files, *late])
    assert set(late) <= set(found)
    assert len(found) <= 60
    assert read_all(cursor, [*files, *late])[0] == []


def test_files_that_come_one_by_one_leave_a_small_cursor():
    files, cursor = [], None
    for number in range(500):
        files.append(file(number))
        look = Round(cursor, files)
        assert take(look, 10) == [files[-1]]
        cursor = look.cursor()
    assert len(json.dumps(cursor)) < 2_000


def test_a_cursor_of_another_make_means_a_reading_from_the_beginning():
    files = [file(number) for number in range(10)]
    for cursor in ({}, {"stretches": ["zz"]}, {"stretches": "x"}, {"stretches": [1]}, {"after": 3}):
        assert take(Round(cursor, files), 100) == files


def test_the_cursor_says_no_name():
    cursor = read_all(None, [Found("Meier_Anna_diagnosis.pdf", 10, 1)])[1]
    assert "meier" not in json.dumps(cursor).lower()


CHANGES = st.lists(
    st.tuples(
        st.sets(st.tuples(st.integers(0, 400), st.integers(0, 30)), max_size=80),  # number and date of new files
        st.sets(st.integers(0, 400), max_size=20),  # taken away
        st.integers(1, 90),  # batch
        st.booleans(),  # whether the process dies in the middle
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(CHANGES)
def test_whatever_comes_and_goes_every_file_is_found_and_nothing_comes_without_end(changes):
    there: dict[int, Found] = {}
    known: set[Found] = set()
    cursor = None
    for arrived, gone, batch, dies in changes:
        there.update({number: file(number, changed_ns=date) for number, date in arrived})
        for number in gone:
            there.pop(number, None)
        if dies:
            look = Round(cursor, list(there.values()))
            known |= set(take(look, batch))
            cursor = json.loads(json.dumps(look.cursor()))
        found, cursor = read_all(cursor, list(there.values()), batch)
        known |= set(found)
        assert set(there.values()) <= known
        assert read_all(cursor, list(there.values()))[0] == []
