"""What is sealed opens only where it was sealed, unchanged, and with its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.apps.keyring import KeyRing, new_ring
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.sealing import DataKey, unwrap, wrap
from graftwork.apps.work.models import Draft, Item
from graftwork.apps.work.queries import draft_text, item_content
from graftwork.core.errors import KeyMissing, SealBroken

RAW = bytes(range(32))
LABEL = "work.item.content:1"


def key_of(ring: KeyRing, scope: str = "note_reply:a") -> ScopeKey:
    return ScopeKey(pk=1, scope=scope, master_key_id=ring.active_id, wrapped=wrap(RAW, scope, ring))


def data_key() -> DataKey:
    ring = new_ring()
    return unwrap(key_of(ring), ring)


@given(st.text(), st.text())
def test_what_was_sealed_opens_under_its_label_only(text, other):
    key = data_key()
    sealed = key.seal(text, LABEL)
    assert key.unseal(sealed, LABEL) == text
    if other != LABEL:
        with pytest.raises(SealBroken):
            key.unseal(sealed, other)


def test_no_changed_byte_opens():
    key = data_key()
    sealed = key.seal("Where is my order?", LABEL)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            key.unseal(bytes(changed), LABEL)


@pytest.mark.parametrize("cut", [0, 1, 11, 12, 13, 27, -1])
def test_a_value_that_was_cut_short_does_not_open(cut):
    key = data_key()
    with pytest.raises(SealBroken):
        key.unseal(key.seal("Where is my order?", LABEL)[:cut], LABEL)


def test_the_same_text_never_looks_the_same_and_shows_nothing_of_itself():
    key = data_key()
    sealed = [key.seal("Where is my order?", LABEL) for _ in range(50)]
    assert len({value[:12] for value in sealed}) == 50
    assert not any(b"order" in value for value in sealed)


def test_a_scope_key_opens_under_its_own_scope_and_master_only():
    ring = new_ring()
    moved = key_of(ring)
    moved.scope = "note_reply:b"
    with pytest.raises(SealBroken):
        unwrap(moved, ring)
    same_id_other_key = KeyRing({ring.active_id: bytes(32)}, ring.active_id, bytes(32), bytes(32))
    with pytest.raises(SealBroken):
        unwrap(key_of(ring), same_id_other_key)
    with pytest.raises(KeyMissing) as caught:
        unwrap(key_of(ring), new_ring())
    assert caught.value.key_id == ring.active_id
    assert "backup" in caught.value.hint


@pytest.mark.django_db
def test_a_value_moved_to_another_row_does_not_open(make_items):
    first, second = make_items(2)
    second.content_sealed, second.scope_key = first.content_sealed, first.scope_key
    second.save()
    with pytest.raises(SealBroken, match=str(second.pk)):
        item_content(Item.objects.select_related("scope_key").get(pk=second.pk))
    assert item_content(Item.objects.select_related("scope_key").get(pk=first.pk)).fields["text"]


@pytest.mark.django_db
def test_a_value_moved_to_another_column_does_not_open(make_items):
    [item] = make_items(1)
    draft = Draft.objects.get(item=item)
    Draft.objects.filter(pk=draft.pk).update(text_sealed=item.content_sealed)
    with pytest.raises(SealBroken):
        draft_text(item, Draft.objects.get(pk=draft.pk))


@pytest.mark.django_db
def test_nothing_of_an_item_or_its_draft_lies_in_the_database_in_the_clear(make_items):
    [item] = make_items(1, text="Zwetschgenknoedel {n}", draft="Marillenroester {n}")
    rows = [*Item.objects.values_list(), *Draft.objects.values_list(), *ScopeKey.objects.values_list()]
    flat = b"".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else repr(cell).encode() for row in rows for cell in row
    )
    assert b"Zwetschgen" not in flat
    assert b"Marillen" not in flat
    assert item.external_id.encode() in flat  # the near-miss: what serves to find it is there
