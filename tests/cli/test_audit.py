"""`audit verify` finds whatever was done to the chain behind Graftwork's back."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.audit.models import AuditEntry, ChainHead

pytestmark = pytest.mark.django_db


def _write(count: int) -> None:
    for number in range(count):
        record("cli", [Event("test.done", f"thing:{number}", {"n": number})], timezone.now())


def _copy(entry: AuditEntry, sequence: int) -> None:
    AuditEntry.objects.create(
        sequence=sequence, at=entry.at, actor=entry.actor, action=entry.action, subject=entry.subject,
        detail=entry.detail, mac=bytes(entry.mac),
    )  # fmt: skip


def _change_detail() -> None:
    AuditEntry.objects.filter(sequence=3).update(detail='{"n":99}')


def _change_time() -> None:
    AuditEntry.objects.filter(sequence=3).update(at=timezone.now())


def _change_actor_of_the_last() -> None:
    AuditEntry.objects.filter(sequence=6).update(actor="user:1")


def _remove_first() -> None:
    AuditEntry.objects.filter(sequence=1).delete()


def _remove_middle() -> None:
    AuditEntry.objects.filter(sequence=3).delete()


def _remove_middle_and_close_the_gap() -> None:
    AuditEntry.objects.filter(sequence=3).delete()
    with connection.cursor() as cursor:
        for sequence in (4, 5, 6):
            cursor.execute("UPDATE audit_auditentry SET sequence = %s WHERE sequence = %s", [sequence - 1, sequence])
    ChainHead.objects.update(sequence=5)


def _remove_tail() -> None:
    AuditEntry.objects.filter(sequence__gt=4).delete()


def _remove_tail_and_forge_the_head() -> None:
    AuditEntry.objects.filter(sequence__gt=4).delete()
    ChainHead.objects.update(sequence=4, mac=bytes(AuditEntry.objects.get(sequence=4).mac))


def _remove_everything() -> None:
    AuditEntry.objects.all().delete()
    ChainHead.objects.all().delete()


def _swap_two() -> None:
    third, fourth = AuditEntry.objects.get(sequence=3), AuditEntry.objects.get(sequence=4)
    AuditEntry.objects.filter(sequence__in=(3, 4)).delete()
    _copy(third, 4)
    _copy(fourth, 3)


def _insert_at_the_end() -> None:
    _copy(AuditEntry.objects.get(sequence=6), 7)


def _insert_before_the_first() -> None:
    _copy(AuditEntry.objects.get(sequence=1), 0)


def _insert_at_the_end_and_forge_the_head() -> None:
    _copy(AuditEntry.objects.get(sequence=6), 7)
    ChainHead.objects.update(sequence=7)


@pytest.mark.parametrize(
    ("tamper", "shown"),
    [
        (_change_detail, "audit entry 3: was changed"),
        (_change_time, "audit entry 3: was changed"),
        (_change_actor_of_the_last, "audit entry 6: was changed"),
        (_remove_first, "audit entry 1: is missing"),
        (_remove_middle, "audit entry 3: is missing"),
        (_remove_middle_and_close_the_gap, "audit entry 3: was changed"),
        (_remove_tail, "audit entry 5: is missing"),
        (_remove_tail_and_forge_the_head, "audit entry 6: is missing: it was there at the last check"),
        (_remove_everything, "audit entry 6: is missing: it was there at the last check"),
        (_swap_two, "audit entry 3: was changed"),
        (_insert_at_the_end, "audit entry 7"),
        (_insert_before_the_first, "audit entry 1: is missing"),
        (_insert_at_the_end_and_forge_the_head, "audit entry 7: was changed"),
    ],
)
def test_tampering_is_found_and_the_note_of_the_last_check_kept(graftwork, anchor, tamper, shown):
    _write(6)
    assert graftwork("audit", "verify").exit_code == 0
    noted = anchor.read_bytes()
    tamper()
    result = graftwork("audit", "verify")
    assert result.exit_code == 1
    assert f"audit.broken: {shown}" in result.stderr
    assert anchor.read_bytes() == noted


def test_an_older_copy_of_the_database_is_found_although_it_is_whole_in_itself(graftwork, anchor):
    _write(4)
    rows, head = list(AuditEntry.objects.all()), ChainHead.objects.get()
    _write(3)
    graftwork("audit", "verify")
    AuditEntry.objects.all().delete()
    AuditEntry.objects.bulk_create(rows)
    head.save()
    assert "audit entry 7: is missing: it was there at the last check" in graftwork("audit", "verify").stderr
    _write(5)  # grown past the noted end, on another path
    assert "audit entry 7: is not the one that was there" in graftwork("audit", "verify").stderr


def test_a_whole_chain_is_confirmed_and_grows(graftwork, anchor):
    _write(3)
    first = graftwork("audit", "verify")
    assert first.stdout.startswith("3 audit entries, unbroken; the last code is ")
    assert "there was none before" in first.stdout
    _write(2)
    second = graftwork("audit", "verify")
    assert second.stdout.startswith("5 audit entries")
    assert "agrees with the check before" in second.stdout
    third = json.loads(graftwork("audit", "verify", "--json").stdout)
    assert (third["entries"], third["compared"]) == (5, True)
    assert third["last_code"] == json.loads(anchor.read_text(encoding="utf-8"))["mac"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sequence": "x", "mac": 1}', "\x00"])
def test_a_note_that_cannot_be_read_is_named_and_left_as_it_is(graftwork, anchor, text):
    _write(1)
    anchor.write_text(text, encoding="utf-8")
    result = graftwork("audit", "verify")
    assert result.exit_code == 1
    assert "audit.anchor" in result.stderr
    assert anchor.read_text(encoding="utf-8") == text
