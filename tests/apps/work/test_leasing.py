"""Leasing: what does not open is put aside, and what is kept from us by a missing key waits."""

from dataclasses import replace

import pytest

from graftwork.apps import keyring as ring_module
from graftwork.apps.work.actions import leasing
from graftwork.apps.work.actions.drafting import save_finished
from graftwork.apps.work.actions.leasing import lease_items
from graftwork.apps.work.drafter import Finished
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Item, ItemState
from graftwork.core.errors import EngineUnavailable, KeyMissing

pytestmark = pytest.mark.django_db
LEASE = Lease("here/1", 60)


def test_an_item_that_does_not_open_is_put_aside_and_holds_up_no_other(make_items, note_reply, now):
    broken, *whole = make_items(5, drafted=False)
    Item.objects.filter(pk=broken.pk).update(content_sealed=b"changed" * 10)
    leased = lease_items(note_reply.name, LEASE, now, at_most=10)
    assert [one.item_id for one in leased] == [item.pk for item in whole]
    broken.refresh_from_db()
    assert (broken.state, broken.error_code, broken.lease_owner) == (ItemState.FAILED, "vault.seal", "")


def test_while_the_master_key_is_missing_items_wait_and_none_fails(make_items, note_reply, now, monkeypatch):
    make_items(3, drafted=False)
    empty = replace(ring_module.keyring(), master_keys={}, active_id="gone")
    monkeypatch.setattr(leasing, "keyring", lambda: empty)
    with pytest.raises(KeyMissing):
        lease_items(note_reply.name, LEASE, now, at_most=10)
    assert set(Item.objects.values_list("state", "lease_owner")) == {(ItemState.WAITING, "")}


def test_what_was_leased_away_is_neither_stored_nor_reported_as_stored(make_items, note_reply, now):
    make_items(2, drafted=False)
    kept, lost = lease_items(note_reply.name, LEASE, now, at_most=2)
    Item.objects.filter(pk=lost.item_id).update(lease_owner="elsewhere/1")
    finished = [Finished(one, EngineUnavailable("echo", "down")) for one in (kept, lost)]
    assert save_finished("worker:test", note_reply, LEASE, finished, now) == {kept.item_id}
    assert Item.objects.get(pk=lost.item_id).state == ItemState.DRAFTING
