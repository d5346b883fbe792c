"""What holds of every packaged helpdesk: tickets come in once, a note goes back once, and nothing is overwritten."""

import logging
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from graftwork.core.items import read_row
from graftwork.core.usecase_file import load
from graftwork.systems.contract import Cursor, Record, System
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown, TryFailed
from support.systems import delivery
from support.vendors.base import Ticket, Vendor
from support.vendors.connect import VENDORS, connect, pull_all

USE_CASE = Path(str(resources.files("graftwork.usecases"))) / "support_reply.toml"
QUESTION = "Where is my kettle? <b>I paid</b> 20 & waited."
SECRETIVE = "ours: 4711-0815"


@pytest.fixture(params=VENDORS, ids=lambda kind: kind.name)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with request.param() as running:
        for name, secret in running.environ.items():
            monkeypatch.setenv(name, secret)
        yield running


@pytest.fixture
def system(vendor: Vendor, tmp_path: Path) -> Iterator[System]:
    opened = connect(vendor, tmp_path)
    yield opened
    opened.close()


def pulled_one(vendor: Vendor, system: System) -> tuple[Ticket, Record]:
    ticket = vendor.add_ticket("A kettle", "It is late.")
    (record,), _ = pull_all(system)
    return ticket, record


def texts(record: Record) -> list[tuple[str, str]]:
    item = read_row(load(USE_CASE), record.row, line=1)
    turns = item.content.fields["conversation"]
    assert isinstance(turns, tuple)
    return [(turn.speaker, turn.text.strip()) for turn in turns]


# ---- in ------------------------------------------------------------------------------------------


def test_a_check_reaches_it_and_tells_no_secret(vendor: Vendor, system: System) -> None:
    said = " ".join(system.check())

    assert said
    assert vendor.secret not in said


def test_every_ticket_of_every_page_comes_in_once(vendor: Vendor, system: System) -> None:
    wanted = {f"Ticket {number}" for number in range(7)}
    for number in range(7):
        vendor.add_ticket(f"Ticket {number}", "It is late.", same_second=number in (2, 3, 4))

    records, _ = pull_all(system)

    assert sorted(str(record.row["subject"]) for record in records) == sorted(wanted)
    assert len({record.key for record in records}) == 7
    assert len({record.thread for record in records}) == 7


def test_a_conversation_comes_in_its_order_without_internal_notes(vendor: Vendor, system: System) -> None:
    ticket = vendor.add_ticket("A kettle", QUESTION)
    vendor.say(ticket, "agent", "We look into it.")
    vendor.say(ticket, "agent", SECRETIVE, public=False)
    vendor.say(ticket, "customer", "Thanks, and?")

    (record,), _ = pull_all(system)

    said = texts(record)
    assert said[-2:] == [("agent", "We look into it."), ("customer", "Thanks, and?")]
    assert SECRETIVE not in str(record.row)
    if vendor.tells_description:
        assert said[0] == ("customer", QUESTION)


def test_an_order_that_is_not_promised_is_made(vendor: Vendor, system: System) -> None:
    vendor.newest_first = True
    ticket = vendor.add_ticket("A kettle", "One")
    for by, text in (("customer", "Two"), ("agent", "Three"), ("customer", "Four")):
        vendor.say(ticket, by, text)  # type: ignore[arg-type]  # a pair of texts

    (record,), _ = pull_all(system)
    system.push(delivery(origin=record.origin))

    assert [text for _, text in texts(record)][-3:] == ["Two", "Three", "Four"]


def test_what_an_agent_answered_or_closed_is_no_work(vendor: Vendor, system: System) -> None:
    answered, closed = vendor.add_ticket("Answered", "Hello?"), vendor.add_ticket("Closed", "Never mind.")
    vendor.say(answered, "agent", "Here you are.")
    vendor.close_ticket(closed)
    vendor.add_ticket("Open", "Hello?")

    records, _ = pull_all(system)

    assert [record.row["subject"] for record in records] == ["Open"]


def test_a_second_pull_brings_what_is_new_only(vendor: Vendor, system: System) -> None:
    first, second = vendor.add_ticket("First", "One"), vendor.add_ticket("Second", "Two")
    records, cursor = pull_all(system)
    seen = {record.key for record in records}
    vendor.tick(600)

    nothing, cursor = pull_all(system, cursor)
    vendor.say(first, "agent", "Look into it", public=False)
    noted, cursor = pull_all(system, cursor)
    vendor.say(second, "customer", "Hello again")
    vendor.add_ticket("Third", "Three")
    new, cursor = pull_all(system, cursor)

    assert len(seen) == 2
    assert {record.key for record in nothing + noted} <= seen
    assert sorted(str(r.row["subject"]) for r in new if r.key not in seen) == ["Second", "Third"]
    (again,) = [record for record in new if record.row["subject"] == "Second"]
    assert again.thread in {record.thread for record in records}


def test_a_ticket_that_changes_while_pages_are_turned_hides_no_other(vendor: Vendor, system: System) -> None:
    tickets = [vendor.add_ticket(f"Ticket {number}", "It is late.") for number in range(6)]

    pulled = system.pull(None, 100)
    vendor.say(tickets[0], "agent", "Look into it", public=False)
    records, _ = pull_all(system, pulled.cursor)

    assert {str(record.row["subject"]) for record in [*pulled.records, *records]} == {t.subject for t in tickets}
    assert len({record.key for record in [*pulled.records, *records]}) == 6


def test_limits_in_the_middle_lose_nothing(vendor: Vendor, system: System) -> None:
    wanted = {vendor.add_ticket(f"Ticket {number}", "It is late.").subject for number in range(6)}
    vendor.refuse_each = 4
    cursor: Cursor | None = None
    seen: list[Record] = []
    for _ in range(80):
        try:
            pulled = system.pull(cursor, 100)
        except TargetDown:
            continue
        cursor, seen = pulled.cursor, [*seen, *pulled.records]
        if not pulled.more:
            break

    assert sorted(str(record.row["subject"]) for record in seen) == sorted(wanted)


def test_many_messages_on_several_pages_are_all_there(vendor: Vendor, system: System) -> None:
    ticket = vendor.add_ticket("Long", "One")
    for number in range(5):
        vendor.say(ticket, "customer", f"More {number}")

    (record,), _ = pull_all(system)

    assert [text for _, text in texts(record)][-5:] == [f"More {number}" for number in range(5)]


# ---- out -----------------------------------------------------------------------------------------


def test_a_result_becomes_one_internal_note(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)

    receipt = system.push(delivery(origin=record.origin, external_id=record.key, thread=record.thread))

    (note,) = ticket.notes
    assert "Your parcel left on Monday." in note.text
    assert not receipt.already
    assert receipt.reference


def test_a_text_with_markup_stays_text(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    system.push(delivery(origin=record.origin, text='1 < 2 & {key} "quoted" it\'s\n\nBye'))
    (note,) = ticket.notes

    plain = note.text.replace("&lt;", "<").replace("&amp;", "&").replace("&quot;", '"').replace("&#x27;", "'")
    assert '1 < 2 & {key} "quoted" it\'s' in plain


def test_what_has_arrived_is_not_written_again(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    system.push(delivery(origin=record.origin))

    receipt = system.push(delivery(origin=record.origin, unsure=True, tries=2))

    assert receipt.already
    assert len(ticket.notes) == 1


def test_an_answer_that_never_came_is_found_on_the_next_try(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    vendor.drop_after_acting()

    with pytest.raises(TryFailed) as caught:
        system.push(delivery(origin=record.origin))
    receipt = system.push(delivery(origin=record.origin, unsure=True, tries=2))

    assert caught.value.unsure
    assert receipt.already
    assert len(ticket.notes) == 1


def test_what_has_not_arrived_is_written_then(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    system.push(delivery(origin=record.origin, key="gw-another-one"))

    receipt = system.push(delivery(origin=record.origin, unsure=True, tries=2))

    assert not receipt.already
    assert len(ticket.notes) == 2


def test_a_ticket_that_somebody_answered_meanwhile_is_a_conflict(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    vendor.changed_since(ticket)

    with pytest.raises(Conflict):
        system.push(delivery(origin=record.origin))
    assert ticket.notes == []

    system.push(delivery(origin=record.origin, overwrite=True))
    assert len(ticket.notes) == 1


def test_a_note_of_ours_is_no_conflict_for_the_next(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    system.push(delivery(origin=record.origin, key="gw-one"))

    system.push(delivery(origin=record.origin, key="gw-two"))

    assert len(ticket.notes) == 2


# ---- when it does not work -----------------------------------------------------------------------


def test_too_many_requests_make_everything_wait(vendor: Vendor, system: System, tmp_path: Path) -> None:
    _, record = pulled_one(vendor, system)
    vendor.rate_limit(17, times=2)

    with pytest.raises(TargetDown) as pulling:
        connect(vendor, tmp_path).pull(None, 10)
    with pytest.raises(TargetDown) as pushing:
        system.push(delivery(origin=record.origin))

    for caught in (pulling, pushing):
        seconds = caught.value.retry_after_seconds
        assert (seconds is None) if not vendor.tells_wait else (seconds is not None and 14 <= seconds <= 17)


def test_a_wrong_secret_is_denied_and_shown_nowhere(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("VENDOR_SECRET", "planted-wrong-51c0ffee")
    system = connect(vendor, tmp_path)

    for attempt in (lambda: system.pull(None, 10), system.check):
        with pytest.raises(TargetDenied) as caught:
            attempt()
        shown = f"{caught.value} {caught.value!r}"
        assert "planted-wrong-51c0ffee" not in shown + caplog.text


def test_missing_rights_are_denied(vendor: Vendor, system: System) -> None:
    _, record = pulled_one(vendor, system)
    vendor.fail(403, times=5, path=vendor.work_path)

    with pytest.raises(TargetDenied):
        system.push(delivery(origin=record.origin))


def test_a_failure_of_theirs_is_tried_again_later(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    vendor.fail(500, methods=("POST", "PUT", "PATCH"), path=vendor.write_path)

    with pytest.raises(TryFailed):
        system.push(delivery(origin=record.origin))
    system.push(delivery(origin=record.origin, unsure=True, tries=2))

    assert len(ticket.notes) == 1


def test_a_ticket_that_is_gone_is_rejected_or_looks_changed(vendor: Vendor, system: System) -> None:
    ticket, record = pulled_one(vendor, system)
    del vendor.tickets[ticket.number]

    with pytest.raises((Rejected, Conflict)):
        system.push(delivery(origin=record.origin))


def test_errors_quote_neither_tickets_nor_results(
    vendor: Vendor, system: System, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, record = pulled_one(vendor, system)
    vendor.fail(500, times=9, methods=("POST", "PUT", "PATCH"), path=vendor.write_path)

    with pytest.raises(TryFailed) as caught:
        system.push(delivery(origin=record.origin))

    shown = f"{caught.value} {caught.value!r} {caplog.text}"
    for hidden in ("It is late.", "Your parcel left", vendor.secret):
        assert hidden not in shown
    assert caught.value.__cause__ is None
