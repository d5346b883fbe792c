"""Importing past handling times and outcomes: what is wrong in a row costs that row only."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from graftwork.core.errors import (
    InputHeaderInvalid,
    NotAllowed,
    NotFound,
    NothingAmended,
    PilotStateWrong,
    RequestInvalid,
    RequestTooLarge,
)
from support.pilots import NOW, arm_sums, enrol, fold_all, make_pilot, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(make_user: Callable[..., Any]) -> Any:
    from graftwork.apps.accounts.queries import actor_for_user

    return actor_for_user(make_user("olga", "owner"))


def baseline(actor: Any, text: str | bytes, *, reason: str = "the old system was down", **keywords: Any) -> Any:
    from graftwork.apps.pilots.actions.importing import import_baseline

    content = text if isinstance(text, bytes) else text.encode()
    return import_baseline(actor, "note_pilot", io.BytesIO(content), NOW, reason=reason, **keywords)


def outcomes(actor: Any, text: str) -> Any:
    from graftwork.apps.pilots.actions.importing import import_outcomes

    return import_outcomes(actor, "note_pilot", io.BytesIO(text.encode()), NOW)


def times() -> list[float]:
    from graftwork.apps.pilots.models import BaselineTime

    return list(BaselineTime.objects.order_by("pk").values_list("seconds", flat=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seconds\n300\n12.5\n", [300.0, 12.5]),
        ("Handling Seconds;Type\n300,5;claim\n", [300.5]),
        ("minutes\n5\n", [300.0]),
        ("minutes\tdate\n0:05:12\t2026-10-01\n", [312.0]),
        ("aht\n05:12\n", [312.0]),
        ("seconds,minutes\n60,9\n", [60.0]),
        ("seconds;note\n90;caf\xe9\n".encode("cp1252"), [90.0]),
        ("\ufeffseconds\n90\n".encode("utf-16"), [90.0]),
    ],
)
def test_times_are_read_in_the_forms_that_people_export(owner: Any, text: str | bytes, expected: list[float]) -> None:
    make_pilot()
    assert baseline(owner, text).stored == len(expected)
    assert times() == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-1", "below zero"),
        ("86401", "longer than a day"),
        ("fast", "no number"),
        ("nan", "not finite"),
        ('"1,234"', "thousand or a decimal"),
        ('""', "empty cell"),
    ],
)
def test_a_row_without_a_usable_time_is_named_by_its_line_and_stops_no_other(
    owner: Any, cell: str, reason: str
) -> None:
    make_pilot()
    found = baseline(owner, f"seconds\n100\n{cell}\n200\n")
    assert times() == [100.0, 200.0]
    assert (found.rows, found.stored, found.refused) == (3, 2, 1)
    [(line, said)] = found.problems
    assert line == 3
    assert reason in said
    assert cell.strip('"') == "" or cell.strip('"') not in said


def test_a_new_import_replaces_the_earlier_one_and_a_useless_file_does_not(owner: Any) -> None:
    make_pilot()
    baseline(owner, "seconds\n100\n200\n")
    baseline(owner, "seconds\n300\n")
    assert times() == [300.0]
    with pytest.raises(InputHeaderInvalid):
        baseline(owner, "seconds\nnone\n")
    with pytest.raises(InputHeaderInvalid):
        baseline(owner, "cost\n5\n")
    assert times() == [300.0]


def test_the_baseline_is_what_a_comparison_before_and_after_reads_winsorised_like_the_metric(owner: Any) -> None:
    from graftwork.apps.pilots.figures import pilot_data

    pilot = make_pilot(arms={"design": "before_after"}, primary={"winsorise_above": 250.0})
    baseline(owner, "seconds,date\n100,2026-10-02\n300,2026-10-05\n")
    data = pilot_data(pilot, NOW)
    assert data.baseline is not None
    assert (data.baseline.units, data.baseline.y, data.baseline.yy) == (2, 350.0, 100.0**2 + 250.0**2)
    assert data.baseline_days == (date(2026, 10, 2), date(2026, 10, 5))


def test_without_an_import_there_is_no_baseline(owner: Any) -> None:
    from graftwork.apps.pilots.figures import pilot_data

    assert pilot_data(make_pilot(), NOW).baseline is None


def test_outcomes_are_recorded_once_and_audited_and_reach_the_sums(owner: Any) -> None:
    from graftwork.apps.audit.models import AuditEntry
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.work.models import Outcome

    pilot = make_pilot()
    item, _ = enrol(pilot)
    review(item)
    text = f"item,kind,value,occurred_at\n{item.external_id},csat,4,2026-11-22T10:00:00+01:00\n"
    assert outcomes(owner, text).stored == 1
    again = outcomes(owner, text)
    assert (again.stored, again.known_already) == (0, 1)
    assert Outcome.objects.get().occurred_at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert AuditEntry.objects.filter(action="outcome.recorded").count() == 1
    fold_all(pilot)
    assert arm_sums(pilot_data(pilot, NOW), "csat", "assisted").y == 4.0


def test_outcomes_of_unknown_items_are_counted_and_named_by_line_and_the_rest_goes_in(owner: Any) -> None:
    from graftwork.apps.pilots.figures import pilot_data

    pilot = make_pilot()
    item, other = enrol(pilot)
    found = outcomes(
        owner,
        "ticket;outcome;score;at\n"
        f"{item.external_id};csat;4;2026-11-22\n"
        "no-such-item;csat;5;2026-11-22\n"
        f"{item.external_id};Not A Kind;5;2026-11-22\n"
        f"{item.external_id};csat;good;2026-11-22\n"
        f"{item.external_id};csat;3;yesterday\n"
        f"{other.external_id};reopened;true;2026-11-22\n",
    )
    assert (found.rows, found.stored, found.unknown, found.refused) == (6, 2, 1, 3)
    assert [line for line, _ in found.problems] == [3, 4, 5, 6]
    assert pilot_data(pilot, NOW).oddities == {"unknown_outcome": 1}


def test_a_file_over_the_limit_is_refused(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from graftwork.apps.pilots.actions import importing

    make_pilot()
    monkeypatch.setattr(importing, "MOST_BYTES", 20)
    with pytest.raises(RequestTooLarge):
        baseline(owner, "seconds\n" + "100\n" * 20)
    monkeypatch.setattr(importing, "MOST_BYTES", 2_000)
    monkeypatch.setattr(importing, "MOST_ROWS", 5)
    with pytest.raises(InputHeaderInvalid):
        baseline(owner, "seconds\n" + "100\n" * 20)
    assert times() == []


def test_who_leads_pilots_imports_and_a_reviewer_or_compliance_does_not(
    owner: Any, make_user: Callable[..., Any]
) -> None:
    from graftwork.apps.accounts.queries import actor_for_user

    make_pilot()
    for number, role in enumerate(("reviewer", "compliance")):
        with pytest.raises(NotAllowed):
            baseline(actor_for_user(make_user(f"user{number}", role)), "seconds\n100\n")
    baseline(owner, "seconds\n100\n")
    from graftwork.apps.pilots.actions.importing import import_baseline

    with pytest.raises(NotFound):
        import_baseline(owner, "no_such_pilot", io.BytesIO(b"seconds\n1\n"), NOW)


@pytest.mark.parametrize(
    ("moment", "stored"),
    [
        ("2026-11-23T08:00:00Z", 1),  # a clock that is ahead by less than a day
        ("2026-11-24", 0),
        ("9999-12-31", 0),
        ("0001-01-01T00:00:00+14:00", 0),
        ("9999-12-31T23:59:59-14:00", 0),
    ],
)
def test_an_outcome_of_a_day_to_come_or_outside_the_calendar_costs_its_row_only(
    owner: Any, moment: str, stored: int
) -> None:
    item, other = enrol(make_pilot())
    found = outcomes(
        owner,
        f"item,kind,value,occurred_at\n{item.external_id},csat,4,{moment}\n{other.external_id},csat,4,2026-11-22\n",
    )
    assert (found.stored, found.refused) == (1 + stored, 1 - stored)


def test_a_baseline_row_with_a_date_outside_the_calendar_costs_that_row_only(owner: Any) -> None:
    make_pilot(started=None)
    found = baseline(owner, "seconds,date\n10,0001-01-01T00:00:00+14:00\n20,2026-01-01\n")
    assert (found.stored, found.refused) == (1, 1)


# --- times of before, and when they may change ------------------------------------------------------------------------


def test_before_the_start_times_are_replaced_as_often_as_one_likes_and_the_file_is_known_by_its_digest(
    owner: Any,
) -> None:
    pilot = make_pilot(started=None)
    baseline(owner, "seconds\n100\n", reason="")
    baseline(owner, "seconds\n300\n", reason="")
    pilot.refresh_from_db()
    assert pilot.baseline_sha256 == hashlib.sha256(b"seconds\n300\n").hexdigest()
    assert pilot.baseline_imported_at == NOW
    assert not pilot.amendments.exists()


def test_from_the_start_on_other_times_are_an_amendment_with_a_reason_and_after_the_end_there_are_none(
    owner: Any,
) -> None:
    from graftwork.apps.pilots.exports.json import figures_json
    from graftwork.apps.pilots.figures import appraised
    from graftwork.apps.pilots.models import Pilot
    from graftwork.apps.pilots.queries import charter_at_start

    pilot = make_pilot()
    with pytest.raises(RequestInvalid):
        baseline(owner, "seconds\n100\n", reason=" ")
    assert times() == []
    baseline(owner, "seconds\n100\n", reason="the old system was down")
    with pytest.raises(NothingAmended):
        baseline(owner, "seconds\n100\n", reason="again")
    pilot.refresh_from_db()
    made = pilot.amendments.get()
    after = hashlib.sha256(b"seconds\n100\n").hexdigest()
    assert made.changes == [{"key": "baseline_file", "before": None, "after": after}]
    assert charter_at_start(pilot).sha256 == pilot.charter_sha256
    told = figures_json(pilot, appraised(pilot, NOW), NOW)["baseline"]
    assert told == {"sha256": after, "imported_at": "2026-11-22T09:00:00Z", "times": 1}
    Pilot.objects.update(state="ended")
    with pytest.raises(PilotStateWrong):
        baseline(owner, "seconds\n900\n", reason="it looks better")
    assert times() == [100.0]


def test_a_time_of_after_the_start_is_none_of_before(owner: Any) -> None:
    make_pilot()
    found = baseline(owner, "seconds,date\n100,2026-11-22\n200,2026-11-23\n300,\n")
    assert times() == [100.0, 300.0]
    assert found.problems == [(3, "has a date after the start of the pilot, so it is no time of before")]


def test_unknown_items_count_once_however_often_a_file_is_imported(owner: Any) -> None:
    from graftwork.apps.pilots.figures import pilot_data
    from graftwork.apps.pilots.models import UnknownOutcome

    pilot = make_pilot()
    rows = "item,kind,value,occurred_at\nnobody,csat,4,2026-11-20\n"
    for _ in range(2):
        assert outcomes(owner, rows).unknown == 1
    assert pilot_data(pilot, NOW).oddities == {"unknown_outcome": 1}
    outcomes(owner, rows + "somebody,csat,4,2026-11-20\n")
    assert pilot_data(pilot, NOW).oddities == {"unknown_outcome": 2}
    assert "nobody" not in str(list(UnknownOutcome.objects.values()))


def test_a_draft_has_no_items_to_tell_outcomes_of(owner: Any) -> None:
    make_pilot(started=None)
    with pytest.raises(PilotStateWrong):
        outcomes(owner, "item,kind,value,occurred_at\nnobody,csat,4,2026-11-20\n")
