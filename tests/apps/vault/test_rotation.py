"""Keys change while all goes on, and a crash in the middle loses nothing."""

import os
from dataclasses import replace

import pytest

from graftwork.apps import keyring as ring_module
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.keyring import KeyRing, keyring, read_ring, write_ring
from graftwork.apps.vault import actions
from graftwork.apps.vault.actions import rotate, scope_keys
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import item_content
from graftwork.core.errors import KeyFileInvalid, KeyMissing, NotAllowed


@pytest.fixture
def key_file(workspace_folder):
    file = workspace_folder / "data" / "keys.json"
    before = file.read_bytes()
    yield file
    file.write_bytes(before)


def texts() -> list[object]:
    items = Item.objects.select_related("scope_key").order_by("pk")
    return [item_content(item).fields["text"] for item in items]


@pytest.mark.django_db
def test_a_crash_between_the_new_ring_and_the_rows_loses_nothing_and_a_repeat_completes_it(
    key_file, make_items, monkeypatch
):
    make_items(3, text="note {n}")
    old = keyring().active_id

    def crash(ring: KeyRing) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "_rewrap_chunk", crash)
    with pytest.raises(KeyboardInterrupt):
        rotate(operator())
    between = keyring().active_id
    assert between != old
    assert texts() == ["note 1", "note 2", "note 3"]
    make_items(1, text="note {n}")
    assert ScopeKey.objects.get(scope="note_reply:note-4").master_key_id == between

    monkeypatch.undo()
    assert rotate(operator()) == 4
    last = keyring()
    assert set(ScopeKey.objects.values_list("master_key_id", flat=True)) == {last.active_id}
    assert list(last.master_keys)[-2:] == [between, last.active_id]
    assert texts() == ["note 1", "note 2", "note 3", "note 4"]


@pytest.mark.django_db
def test_a_crash_in_the_middle_of_the_rows_leaves_both_halves_readable(key_file, make_items, monkeypatch):
    make_items(5, text="note {n}")
    monkeypatch.setattr(actions, "REWRAP_CHUNK", 2)
    real, calls = actions._rewrap_chunk, []

    def crash_at_the_second(ring: KeyRing) -> int:
        calls.append(ring)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(ring)

    monkeypatch.setattr(actions, "_rewrap_chunk", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        rotate(operator())
    assert len(set(ScopeKey.objects.values_list("master_key_id", flat=True))) == 2
    assert texts() == [f"note {n}" for n in range(1, 6)]
    monkeypatch.undo()
    rotate(operator())
    assert len(set(ScopeKey.objects.values_list("master_key_id", flat=True))) == 1
    assert texts() == [f"note {n}" for n in range(1, 6)]


@pytest.mark.django_db
def test_another_rotation_in_the_middle_cannot_label_a_row_with_the_wrong_key(key_file, make_items, monkeypatch):
    make_items(4, text="note {n}")
    monkeypatch.setattr(actions, "REWRAP_CHUNK", 2)
    real = actions._rewrap_chunk

    def while_the_file_changes(ring: KeyRing) -> int:
        write_ring(read_ring(key_file).with_new_master(), key_file)
        return real(ring)

    monkeypatch.setattr(actions, "_rewrap_chunk", while_the_file_changes)
    rotate(operator())
    assert texts() == [f"note {n}" for n in range(1, 5)]


@pytest.mark.django_db
def test_a_running_process_follows_a_rotation_even_within_one_tick_of_the_clock(key_file):
    first = keyring()
    stat = key_file.stat()
    write_ring(first.with_new_master(), key_file)
    os.utime(key_file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert keyring().active_id != first.active_id
    assert first.active_id in keyring().master_keys


@pytest.mark.django_db
def test_without_the_master_key_the_key_is_named_and_nothing_changed(key_file, make_items):
    make_items(2)
    lost = keyring().active_id
    new = keyring().with_new_master()
    kept = {key_id: key for key_id, key in new.master_keys.items() if key_id != lost}
    write_ring(replace(new, master_keys=kept), key_file)
    masters = keyring().master_keys
    with pytest.raises(KeyMissing) as caught:
        texts()
    assert caught.value.key_id == lost
    entries = AuditEntry.objects.count()
    with pytest.raises(KeyMissing):
        rotate(operator())
    assert len(keyring().master_keys) == len(masters)
    assert set(ScopeKey.objects.values_list("master_key_id", flat=True)) == {lost}
    assert AuditEntry.objects.count() == entries


@pytest.mark.django_db
def test_rotating_is_for_admins(key_file):
    with pytest.raises(NotAllowed):
        rotate(Actor("user:1", 1, frozenset({"ops"})))


@pytest.mark.django_db
def test_a_rotation_leaves_one_entry_that_names_no_secret(key_file, make_items):
    make_items(2)
    rotate(operator())
    entry = AuditEntry.objects.get(action="keys.rotated")
    assert keyring().active_id in entry.detail
    assert key_file.read_text(encoding="utf-8").split('"audit_secret": "')[1][:20] not in entry.detail


def test_the_ring_is_readable_by_its_owner_only_and_shows_no_key(tmp_path):
    ring = ring_module.new_ring()
    write_ring(ring, tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert read_ring(tmp_path / "keys.json") == ring
    assert ring.active.hex() not in repr(ring)
    assert repr(ring.active) not in repr(ring)
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a key ring"),
        ("{", "not a key ring"),
        ("[]", "not a key ring"),
        ("{}", "not a key ring"),
        ('{"active": "k1", "master_keys": [], "audit_secret": "", "session_secret": ""}', "not a key ring"),
        (
            '{"active": "k1", "master_keys": {"k1": "c2hvcnQ="}, "audit_secret": "", "session_secret": ""}',
            "not a key ring",
        ),
        ("\x00", "not a key ring"),
        ("[" * 100_000, "not a key ring"),
    ],
)
def test_a_broken_ring_is_named_and_not_quoted(tmp_path, text, reason):
    file = tmp_path / "keys.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileInvalid, match=reason) as caught:
        read_ring(file)
    assert caught.value.file == str(file)


def test_a_ring_whose_active_key_is_gone_is_named(tmp_path):
    ring = ring_module.new_ring()
    write_ring(KeyRing(ring.master_keys, "kgone", ring.audit_secret, ring.session_secret), tmp_path / "keys.json")
    with pytest.raises(KeyFileInvalid, match="active key is not among"):
        read_ring(tmp_path / "keys.json")


@pytest.mark.django_db
def test_a_scope_key_is_made_once_and_found_again():
    first, again = scope_keys(["n:a", "n:a", "n:b"]), scope_keys(["n:a"])
    assert set(first) == {"n:a", "n:b"}
    assert first["n:a"].pk == again["n:a"].pk
    sealed = unwrap(first["n:a"], keyring()).seal("x", "l")
    assert unwrap(again["n:a"], keyring()).unseal(sealed, "l") == "x"
