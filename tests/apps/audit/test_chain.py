"""The chain from the inside: what an entry's code covers, that writes and entries stand or fall together."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import START, Event, canonical, code
from graftwork.apps.audit.models import AuditEntry, ChainHead
from graftwork.apps.audit.queries import verify
from graftwork.core.errors import AuditBroken

AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
ENTRY = {"sequence": 1, "at": AT, "actor": "cli", "action": "a.b", "subject": "item:1", "detail": "{}"}


def mac(key: bytes = b"k" * 32, previous: bytes = START, **changes: object) -> bytes:
    return code(key, previous, **{**ENTRY, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": 2},
        {"at": AT + timedelta(microseconds=1)},
        {"actor": "user:1"},
        {"action": "a.c"},
        {"subject": "item:2"},
        {"detail": '{"n":1}'},
        {"previous": bytes(31) + b"\x01"},
        {"key": b"j" * 32},
        {"actor": "cl", "action": "ia.b"},  # the border between two fields counts
    ],
)
def test_every_part_of_an_entry_is_covered_by_its_code(changes):
    assert mac(**changes) != mac()


def test_the_same_moment_in_another_time_zone_is_the_same_entry():
    assert mac(at=AT.astimezone(timezone(timedelta(hours=5)))) == mac()


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_no_two_entries_of_different_fields_share_a_code(actor, action, other_actor, other_action):
    same = (actor, action) == (other_actor, other_action)
    assert (mac(actor=actor, action=action) == mac(actor=other_actor, action=other_action)) == same


@pytest.mark.parametrize(
    ("detail", "text"),
    [({}, "{}"), ({"b": 1, "a": "ü"}, '{"a":"\\u00fc","b":1}'), ({"a": None, "b": [True]}, '{"a":null,"b":[true]}')],
)
def test_detail_has_one_form(detail, text):
    assert canonical(detail) == text


@pytest.mark.django_db
def test_a_write_that_is_taken_back_takes_its_entry_back_and_the_chain_stays_whole():
    record("cli", [Event("x.done", "x:1", {})], AT)

    class Failed(Exception):
        pass

    def fail() -> None:
        with transaction.atomic():
            record("cli", [Event("x.done", "x:2", {}), Event("x.done", "x:3", {})], AT)
            raise Failed

    with pytest.raises(Failed):
        fail()
    record("cli", [Event("x.done", "x:4", {})], AT)
    assert list(AuditEntry.objects.order_by("sequence").values_list("sequence", "subject")) == [(1, "x:1"), (2, "x:4")]
    assert verify().entries == 2


@pytest.mark.django_db(transaction=True)
def test_an_entry_without_the_transaction_of_its_write_is_refused():
    with pytest.raises(AssertionError):
        record("cli", [Event("x.done", "x:1", {})], AT)
    assert AuditEntry.objects.count() == 0


@pytest.mark.django_db
def test_no_event_leaves_no_entry():
    record("cli", [], AT)
    assert ChainHead.objects.count() == 0
    assert verify().entries == 0


@pytest.mark.django_db
def test_a_clock_that_goes_backwards_breaks_no_chain():
    for hours in (0, -5, 3, -100):
        record("cli", [Event("x.done", "x:1", {})], AT + timedelta(hours=hours))
    assert verify().entries == 4


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_a_break_is_found_wherever_the_chunks_of_the_walk_end(monkeypatch, chunk):
    monkeypatch.setattr("graftwork.apps.audit.queries.CHUNK_ENTRIES", chunk)
    record("cli", [Event("x.done", f"x:{n}", {}) for n in range(6)], AT)
    assert verify().entries == 6
    AuditEntry.objects.filter(sequence=4).update(subject="x:9")
    with pytest.raises(AuditBroken) as caught:
        verify()
    assert caught.value.sequence == 4


@pytest.mark.django_db
def test_a_chain_under_another_secret_is_no_chain_of_ours(monkeypatch):
    from dataclasses import replace

    from graftwork.apps.audit import actions, queries
    from graftwork.apps.keyring import keyring

    forged = replace(keyring(), audit_secret=bytes(32))
    monkeypatch.setattr(actions, "keyring", lambda: forged)
    record("cli", [Event("x.done", "x:1", {})], AT)
    with pytest.raises(AuditBroken):
        verify()
    monkeypatch.setattr(queries, "keyring", lambda: forged)
    assert verify().entries == 1
