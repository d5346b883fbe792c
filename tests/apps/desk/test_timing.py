"""Time on task: the clamp of the server."""

import pytest

from graftwork.apps.desk.timing import time_on_task
from graftwork.apps.work.actions.reviewing import TimeOnTask

UNKNOWN = TimeOnTask()


@pytest.mark.parametrize(
    ("wall", "active", "thinking", "stored"),
    [
        ("60", "20", "5", TimeOnTask(20, 60, 5)),
        ("60", "20", None, TimeOnTask(20, 60, None)),
        ("60", "60.4", "5", TimeOnTask(60, 60, 5)),  # clocks read one after another
        ("60", "62", "5", TimeOnTask(None, 60, 5)),
        ("60", "20", "62", TimeOnTask(20, 60, None)),
        ("0", "0", "0", TimeOnTask(0, 0, 0)),
        ("3600", "20", "5", TimeOnTask(20, 3600, 5)),
        ("3602", "20", "5", UNKNOWN),  # the item is an hour old
        ("-1", "0", "0", UNKNOWN),
        ("nan", "0", "0", UNKNOWN),
        ("inf", "0", "0", UNKNOWN),
        ("1e999", "0", "0", UNKNOWN),
        ("a minute", "0", "0", UNKNOWN),
        ("", "20", "5", UNKNOWN),
        (None, "20", "5", UNKNOWN),
        ("60", "nan", "-3", TimeOnTask(None, 60, None)),
    ],
)
def test_only_sane_times_are_stored(wall, active, thinking, stored):
    named = {"wall_seconds": wall, "active_seconds": active, "thinking_seconds": thinking}
    posted = {name: text for name, text in named.items() if text is not None}
    assert time_on_task(posted, item_age_seconds=3_600) == stored


def test_active_time_at_other_caps_is_held_to_the_same_bounds():
    posted = {"wall_seconds": "60", "active_seconds": "40", "active_seconds_30": "35", "active_seconds_120": "90"}
    stored = TimeOnTask(40, 60, None, active_seconds_30=35, active_seconds_120=None)
    assert time_on_task(posted, item_age_seconds=3_600) == stored


def test_nobody_works_on_one_claim_for_longer_than_a_day():
    posted = {"wall_seconds": "90000", "active_seconds": "1"}
    assert time_on_task(posted, item_age_seconds=10**7) == UNKNOWN
