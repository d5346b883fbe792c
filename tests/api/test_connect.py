"""POST /connect/NAME: signed calls become items, once; everything else is refused and leaves nothing behind."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from graftwork.api import connect
from graftwork.apps.actors import operator
from graftwork.apps.connectors.actions.lanes import stop_lane
from graftwork.apps.connectors.models import Direction, Lane, Refusal
from graftwork.apps.connectors.opening import close_systems
from graftwork.apps.work.models import Item
from graftwork.systems.webhook.signing import SCHEMES, signature

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-thirty-two-characters"
CONNECTOR = """
name = "shop_events"
use_case = "note_reply"
system = "webhook"

[receive]
secrets = ["env:SHOP_SECRET"]
scheme = "simple"
key = "order.id"
fields = { text = "order.note" }
"""


@pytest.fixture(autouse=True)
def shop(workspace_folder: Path, note_reply: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    (workspace_folder / "connectors").mkdir(exist_ok=True)
    file = workspace_folder / "connectors" / "shop_events.toml"
    file.write_text(CONNECTOR, encoding="utf-8")
    yield file
    close_systems()
    file.unlink()


def call(body: object, *, secret: str = SECRET, name: str = "shop_events", age_seconds: float = 0.0) -> object:
    content = json.dumps(body).encode() if not isinstance(body, bytes) else body
    sent_at = str(int(timezone.now().timestamp() - age_seconds))
    signed = signature(SCHEMES["simple"], secret.encode(), content, call_id="c-1", timestamp=sent_at)
    headers = {"x-graftwork-signature": signed, "x-graftwork-timestamp": sent_at, "x-graftwork-id": "c-1"}
    return Client().post(f"/connect/{name}", content, content_type="application/json", headers=headers)


ORDER = {"order": {"id": "o-1", "note": "Where is it?"}}


def test_a_signed_call_becomes_an_item_and_coming_again_changes_nothing():
    assert call(ORDER).json() == {"created": 1, "known": 0, "refused": 0}
    assert call(ORDER).json() == {"created": 0, "known": 1, "refused": 0}
    assert Item.objects.get().external_id == "o-1"
    assert Lane.objects.get().done == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [({"secret": "another-secret-of-some-length"}, 401), ({"age_seconds": 3600}, 409), ({"name": "unknown"}, 404)],
)
def test_what_does_not_hold_is_refused_and_leaves_nothing(options, status):
    answer = call(ORDER, **options)
    assert answer.status_code == status
    assert answer.json()["error"]["next_step"]
    assert SECRET not in answer.content.decode()
    assert not Item.objects.exists()


def test_a_call_that_is_no_json_is_refused_without_being_quoted():
    answer = call(b"{not json: Ada Quill")
    assert answer.status_code == 400
    assert "Quill" not in answer.content.decode()


def test_a_call_without_the_field_is_kept_for_a_person():
    assert call({"order": {"id": "o-2"}}).json() == {"created": 0, "known": 0, "refused": 1}
    assert Refusal.objects.count() == 1


def test_while_a_person_has_stopped_it_the_caller_is_told_to_come_again():
    stop_lane(operator(), "shop_events", Direction.IN, timezone.now())
    answer = call(ORDER)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert not Item.objects.exists()


def test_a_connector_that_only_sends_cannot_be_called(shop):
    push = '[push]\nurl = "https://shop.example.com/events"\nsecrets = ["env:SHOP_SECRET"]\n'
    shop.write_text(CONNECTOR.split("[receive]", maxsplit=1)[0] + push, encoding="utf-8")
    assert call(ORDER).status_code == 404


@pytest.mark.parametrize("name", ["shop_event", "shop_events_2", "x"])
def test_a_name_that_is_none_is_answered_by_a_bare_404(name):
    answer = call(ORDER, name=name)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "input.path")
    assert "shop" not in answer.content.decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"env:SHOP_SECRET"', '"env:NOT_SET_ANYWHERE"'),
        ('"env:SHOP_SECRET"', '"file:secrets/shop.txt"'),
        ("scheme", "shceme"),
        ("note_reply", "no_such_use_case"),
        ('name = "shop_events"', "name ="),
    ],
)
def test_what_is_wrong_with_the_file_is_told_in_the_log_and_not_to_a_caller(shop, caplog, old, new):
    shop.write_text(CONNECTOR.replace(old, new), encoding="utf-8")
    answer = call(ORDER)
    told = answer.content.decode()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "connector.down")
    for word in ("SET", "SHOP", "shop", "toml", "secrets", "shceme", "scheme", "use_case"):
        assert word not in told
    assert "connector shop_events takes no calls: " in caplog.text


def test_a_full_disk_is_told_without_its_folder(monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/srv/graftwork/data")

    monkeypatch.setattr(connect, "receive_call", full)
    answer = call(ORDER)
    assert (answer.status_code, "srv" in answer.content.decode()) == (503, False)


@pytest.mark.parametrize(
    ("headers", "size", "status"), [({}, 10, 401), ({"x-acme-mark": "abc"}, 10, 401), ({}, 200, 413)]
)
def test_a_stranger_is_not_told_what_the_file_asks_for(shop, caplog, headers, size, status):
    own = 'scheme = "own"\nmax_bytes = 123\nown = { header = "X-Acme-Mark", timestamp_header = "X-Acme-At" }'
    shop.write_text(CONNECTOR.replace('scheme = "simple"', own), encoding="utf-8")
    answer = Client().post("/connect/shop_events", b"x" * size, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "connector.call_refused")
    assert not {"acme", "123", "timestamp", "shop"} & set(answer.content.decode().lower().replace("-", " ").split())
    assert "connector shop_events: the call was refused" in caplog.text


def test_reading_the_address_shows_nothing():
    assert Client().get("/connect/shop_events").status_code == 405
