import json

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.keyring import keyring, read_ring, write_ring
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.work.queries import access_item, item_content

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring_put_back(workspace_folder):
    file = workspace_folder / "data" / "keys.json"
    before = read_ring(file)
    yield
    write_ring(before, file)


def test_after_a_rotation_content_opens_and_every_scope_hangs_on_the_new_key(graftwork, make_items, make_user):
    items = make_items(2, text="Where is {n}?")
    old = keyring().active_id
    result = graftwork("keys", "rotate")
    new = keyring().active_id
    assert result.stdout.startswith(f"{new} is the active key now; 2 scopes")
    assert "keys.json where your backups are" in result.stdout
    assert set(ScopeKey.objects.values_list("master_key_id", flat=True)) == {new} != {old}
    olga = actor_for_user(make_user("olga", "ops"))
    texts = {item_content(access_item(olga, item.pk)).fields["text"] for item in items}
    assert texts == {"Where is 1?", "Where is 2?"}


def test_the_list_shows_ids_and_counts_and_never_a_key(graftwork, make_items, workspace_folder):
    make_items(3)
    first = keyring().active_id
    graftwork("keys", "rotate")
    rows = {row["id"]: row for row in json.loads(graftwork("keys", "list", "--json").stdout)}
    assert (rows[first]["active"], rows[first]["scopes"]) == (False, 0)
    assert (rows[keyring().active_id]["active"], rows[keyring().active_id]["scopes"]) == (True, 3)
    shown = graftwork("keys", "list").output + json.dumps(rows)
    stored = json.loads((workspace_folder / "data" / "keys.json").read_text(encoding="utf-8"))
    assert not any(secret in shown for secret in [*stored["master_keys"].values(), stored["audit_secret"]])
    assert "kept for backups" in shown


def test_a_key_that_rows_need_but_the_file_lacks_is_named(graftwork, make_items):
    make_items(1)
    ScopeKey.objects.update(master_key_id="klost")
    assert "klost      missing from the key file  1" in graftwork("keys", "list").stdout


def test_keys_from_the_environment_are_not_rotated_here(graftwork, workspace_folder, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_KEYS", (workspace_folder / "data" / "keys.json").read_text(encoding="utf-8"))
    result = graftwork("keys", "rotate")
    assert result.exit_code == 2
    assert "cannot be changed from here" in result.stderr
