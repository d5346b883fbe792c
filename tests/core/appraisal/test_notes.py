"""What did not fit is said in plain sentences, and nothing is said where all fitted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from graftwork.core.appraisal.appraise import appraise
from graftwork.core.appraisal.data import Look, PilotData
from graftwork.core.appraisal.notes import met_and_lost, notes
from graftwork.core.charter.schema import Charter
from graftwork.core.value.moments import Moments
from support.appraisals import STARTED, Drawn, charter, data_of, pilot_data, rows

USUAL = Drawn(days=14)


def told(data: PilotData, of: Charter | None = None) -> str:
    return "\n".join(appraise(of or charter(), data).notes)


def test_a_pilot_where_all_fits_has_no_notes() -> None:
    assert told(pilot_data(USUAL)) == ""


@pytest.mark.parametrize(
    ("changes", "beginning"),
    [
        ({"simulated": True}, "Simulated: nobody made these reviews."),
        ({"paused": True}, "The pilot is paused: new items do not take part"),
        ({"amendments": 1}, "The charter was changed after the start (1 amendment)"),
        ({"amendments": 2}, "The charter was changed after the start (2 amendments)"),
        ({"reviewers": 1}, "One reviewer made all decisions"),
        ({"reviewers": 4}, "Only 4 reviewers decided"),
        ({"oddities": {"implausible_time": 3}}, "3 items had a time below zero or longer than a day"),
        ({"oddities": {"clock": 1}}, "1 item was seemingly decided before coming in"),
        ({"oddities": {"moved": 2}}, "2 items came again under another customer or thread"),
        ({"oddities": {"unknown_outcome": 5}}, "5 outcomes named an item that is not in this pilot"),
        ({"oddities": {"other_currency": 5}}, "5 items had drafts paid in another currency"),
        ({"oddities": {"some_new_code": 2}}, "2 items did not fit: some new code."),
    ],
)
def test_what_did_not_fit_is_said(changes: Mapping[str, Any], beginning: str) -> None:
    assert beginning in told(pilot_data(USUAL, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"paused": False}, {"amendments": 0}, {"reviewers": 5}, {"oddities": {"implausible_time": 0}}],
)
def test_what_did_not_happen_is_not_said(changes: Mapping[str, Any]) -> None:
    assert told(pilot_data(USUAL, **changes)) == ""


def test_before_and_after_is_called_weaker_and_asks_for_its_baseline() -> None:
    without_control = charter(arms={"design": "before_after"}, guards=[])
    text = told(data_of([row for row in rows(USUAL) if row.arm == "assisted"]), without_control)

    assert "Before and after: there is no control arm" in text
    assert "No times from before have been imported" in text


def test_missing_times_are_said_with_their_share_in_each_arm() -> None:
    items = rows(USUAL)
    fifth = [
        replace(row, values={key: value for key, value in row.values.items() if key != "handling_time"})
        if at % 5 == 0
        else row
        for at, row in enumerate(items)
    ]

    text = told(data_of(fifth))

    assert "Times are missing for" in text
    assert "of the assisted items" in text
    assert "of the control items" in text


def test_a_few_missing_times_are_not_worth_a_note() -> None:
    items = rows(USUAL)
    few = [
        replace(row, values={key: value for key, value in row.values.items() if key != "handling_time"})
        if at % 50 == 0
        else row
        for at, row in enumerate(items)
    ]

    assert "missing" not in told(data_of(few))


def test_a_guard_of_which_nothing_was_told_is_named() -> None:
    silent = charter(guards=[{"metric": "quality", "margin": 0.2}])

    assert "No value of quality score is known yet: its guard can neither hold nor be broken." in told(
        pilot_data(USUAL), silent
    )


def test_groups_that_are_too_small_are_named() -> None:
    items = rows(USUAL)
    rare = [replace(row, item_type="rare") if at < 20 else row for at, row in enumerate(items)]

    assert "Too small to be compared apart (fewer than 30 items in an arm): item_type: rare." in told(data_of(rare))


def test_items_that_wait_are_told_by_arm_where_they_are_many() -> None:
    data = pilot_data(USUAL)
    many = replace(data, items={"assisted": 1_000, "control": 900}, settled={"assisted": 940, "control": 890})
    few = replace(many, settled={"assisted": 951, "control": 890})

    assert "Not decided yet are 60 of the 1,000 assisted items and 10 of the 900 control items" in told(many)
    assert "Not decided yet" not in told(few)
    assert "Not decided yet" not in told(many, charter(arms={"unit": "reviewer"}))


def _looks(*met: bool) -> list[Look]:
    return [
        Look(STARTED.date() + timedelta(days=at), 100, 150.0, 121.0 if one else 61.0, 180.0, True, one)
        for at, one in enumerate(met)
    ]


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        ((False, True, True, False), (date(2026, 3, 3), date(2026, 3, 5))),
        ((False, True, True, True), None),
        ((False, False, False), None),
        ((True, False, True, False), (date(2026, 3, 2), date(2026, 3, 3))),
        ((), None),
    ],
)
def test_the_first_day_met_and_the_first_one_lost_are_found(
    met: tuple[bool, ...], expected: tuple[date, date] | None
) -> None:
    assert met_and_lost([(look.day, bool(look.target_met)) for look in _looks(*met)]) == expected


@pytest.mark.parametrize(
    ("met", "ending"),
    [
        ((False, True, *(True,) * 6, False), "What counts is how it stands now."),
        ((False, True, *(True,) * 6, False, True), "It is surely met again now."),
    ],
)
def test_a_target_met_on_day_two_and_lost_on_day_nine_names_both_days(met: tuple[bool, ...], ending: str) -> None:
    data = pilot_data(USUAL)
    of = charter()
    found = notes(of, data, appraise(of, data).primary, [], _looks(*met), [])

    assert found == (
        "On 3 March 2026 (day 2) the target, 2 minutes, was surely met, and on 10 March 2026 (day 9) no longer. "
        + ending,
    )


def test_items_that_no_drawn_reviewer_decided_are_counted() -> None:
    drawn = charter(arms={"unit": "reviewer"})
    data = pilot_data(Drawn(days=14, unit="reviewer"))
    sums = data.metrics["handling_time"]
    nobody = {0: {"assisted": Moments.total([Moments.of(300.0)] * 7)}}
    known = replace(
        data, metrics={**data.metrics, "handling_time": replace(sums, clusters={**sums.clusters, **nobody})}
    )

    assert "7 items were decided by a program or by nobody known" in told(known, drawn)
    assert "nobody known" not in told(data, drawn)
    assert appraise(drawn, known).primary.now == appraise(drawn, data).primary.now
