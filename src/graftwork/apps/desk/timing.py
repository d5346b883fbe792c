"""The time on task that a page sends with a decision, made sane before it is stored."""

import math
from collections.abc import Mapping

from graftwork.apps.work.actions.reviewing import TimeOnTask

# The longest claim that a use case can ask for (`review.claim_minutes` is at most 1,440).
LONGEST_CLAIM_SECONDS = 24 * 3600.0
# Active time with gaps of up to 60, 30 and 120 s.
ACTIVE = ("active_seconds", "active_seconds_30", "active_seconds_120")
# Three clocks are read one after another in the page, so that two of them may differ by a moment.
TOLERANCE_SECONDS = 1.0


def time_on_task(posted: Mapping[str, str], *, item_age_seconds: float) -> TimeOnTask:
    """0 ≤ active ≤ wall ≤ the time for which the item could have been claimed; what breaks this is unknown (`None`)."""
    wall = _seconds(posted.get("wall_seconds", ""))
    if wall is None or wall > min(LONGEST_CLAIM_SECONDS, item_age_seconds) + TOLERANCE_SECONDS:
        return TimeOnTask()
    active = {name: _within(_seconds(posted.get(name, "")), wall) for name in ACTIVE}
    return TimeOnTask(
        wall_seconds=wall, thinking_seconds=_within(_seconds(posted.get("thinking_seconds", "")), wall), **active
    )


def _within(seconds: float | None, wall: float) -> float | None:
    if seconds is None or seconds > wall + TOLERANCE_SECONDS:
        return None
    return min(seconds, wall)


def _seconds(text: str) -> float | None:
    """A number of seconds, at least 0; `None` for anything else (so for nan, which compares with nothing)."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
