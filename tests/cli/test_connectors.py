"""`graftwork connectors`: what people type, see, and are refused. And `doctor`'s look at them."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from graftwork.apps.connectors.models import Delivery, DeliveryState, Lane, Refusal
from graftwork.apps.work.models import Item
from graftwork.cli import doctor_connectors
from graftwork.cli.doctor_connectors import check_connectors
from graftwork.config.workspace import open_workspace
from graftwork.systems.contract import Record
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown
from support.scripted_system import CONNECTOR, far

pytestmark = pytest.mark.django_db
PLANTED = "correct-horse-battery-staple"


@pytest.fixture
def pulled(old, graftwork):
    """Two items, one of them approved and due."""
    old.records = [Record(f"t-{n}", {"text": "Where is it?"}, origin={"pk": n}) for n in (1, 2)]
    assert "2 new items, 0 known already" in graftwork("connectors", "pull", "desk_of_old").stdout
    return old


@pytest.fixture
def due(pulled, approve):
    approve(Item.objects.get(external_id="t-1"), "Dear Ada Quill, it left.")
    return pulled


def test_without_connectors_status_says_what_one_is(graftwork, db):
    shown = graftwork("connectors", "status")
    assert "a file in the folder connectors/" in shown.stderr


def test_pull_push_and_status_tell_counts(due, graftwork):
    assert "1 delivery arrived" in graftwork("connectors", "push", "desk_of_old").stdout
    shown = graftwork("connectors", "status").stdout
    assert "desk_of_old  python, use case note_reply" in shown
    assert "in  waiting, 2 items, last" in shown
    assert "out waiting, 1 delivery, last" in shown


def test_status_as_json_has_states_and_counts(due, graftwork):
    shown = json.loads(graftwork("connectors", "status", "--json").stdout)
    [one] = shown["connectors"]
    assert (one["name"], one["deliveries"], one["needs_a_person"]) == ("desk_of_old", {"waiting": 1}, False)
    assert [lane["direction"] for lane in one["lanes"]] == ["in", "out"]


@pytest.mark.parametrize(
    ("error", "options", "sent"), [(Rejected("too long"), [], 1), (Conflict("status"), ["--overwrite"], 1)]
)
def test_a_letter_is_listed_and_sent_again(due, graftwork, error, options, sent):
    due.on_push = [error]
    graftwork("connectors", "push", "desk_of_old")
    assert graftwork("connectors", "status").exit_code == 1
    shown = graftwork("connectors", "letters").stdout
    assert error.code in shown
    assert "could not be delivered, t-1" in shown or "changed there meanwhile, t-1" in shown
    assert "Quill" not in shown
    letter = str(Delivery.objects.get().pk)
    assert "1 delivery will be sent again" in graftwork("connectors", "replay", letter, *options).stdout
    assert "1 delivery arrived" in graftwork("connectors", "push", "desk_of_old").stdout


def test_what_was_possibly_sent_is_marked_as_arrived_or_dropped(due, graftwork):
    for verb, state in (("arrived", "delivered"), ("drop", "dropped")):
        Delivery.objects.update(state=DeliveryState.UNSURE)
        graftwork("connectors", verb, str(Delivery.objects.get().pk))
        assert Delivery.objects.get().state == state


def test_what_was_possibly_sent_is_sent_again_only_when_somebody_looked(due, graftwork):
    Delivery.objects.update(state=DeliveryState.UNSURE, unsure=True)
    letter = str(Delivery.objects.get().pk)
    refused = graftwork("connectors", "replay", letter)
    assert (refused.exit_code, "1 delivery of these may have arrived" in refused.stderr) == (2, True)
    assert Delivery.objects.get().state == "unsure"
    assert "1 delivery will be sent again" in graftwork("connectors", "replay", letter, "--not-arrived").stdout
    assert Delivery.objects.get().unsure is False


def test_a_record_that_could_not_come_in_is_listed_and_dropped(old, graftwork):
    old.records = [Record("t-9", {"words": "Ada Quill"})]
    assert "1 could not come in" in graftwork("connectors", "pull", "desk_of_old").stdout
    shown = graftwork("connectors", "letters", "--json").stdout
    row = json.loads(shown)
    assert (row["state"], row["item"], "Quill" in shown) == ("could not come in", "t-9", False)
    assert "0 records came in, 1 still cannot" in graftwork("connectors", "replay", row["id"]).stdout
    graftwork("connectors", "drop", row["id"])
    assert not Refusal.objects.exists()


def test_an_id_that_names_nothing_is_refused(old, graftwork):
    shown = graftwork("connectors", "replay", "0190c0de-0000-7000-8000-000000000000")
    assert (shown.exit_code != 0, "letter" in shown.stderr) == (True, True)


def test_check_shows_records_as_items_and_stores_nothing(old, graftwork):
    old.records = [Record("t-1", {"text": "Where is it?"}), Record("t-2", {}), Record("t-3", {}, problem="not Latin-1")]
    shown = graftwork("connectors", "check", "desk_of_old", "--show", "3").stdout
    assert 'text: "Where is it?"' in shown
    assert "the field `text` is missing" in shown
    assert "not Latin-1" in shown
    assert not Item.objects.exists()


def test_a_connector_that_is_not_there_is_named_with_the_nearest(old, graftwork):
    shown = graftwork("connectors", "pull", "desk_of_odl")
    assert "did you mean `desk_of_old`?" in shown.stderr


def test_stop_and_start_are_heeded(due, graftwork):
    graftwork("connectors", "stop", "desk_of_old", "--only", "out")
    pushed = graftwork("connectors", "push", "desk_of_old")
    assert "0 deliveries arrived" in pushed.stdout
    assert "a person has stopped it" in pushed.stdout
    assert "1 on the way out" in pushed.stdout
    assert pushed.exit_code == 1
    assert "out stopped" in graftwork("connectors", "status").stdout
    graftwork("connectors", "start", "desk_of_old")
    assert "1 delivery arrived" in graftwork("connectors", "push", "desk_of_old").stdout


WEBHOOK = """
name = "desk_of_old"
use_case = "note_reply"
system = "webhook"

[receive]
secrets = ["env:OLD_SECRET"]
"""


def test_a_webhook_is_stopped_and_started_and_cannot_be_pulled_or_pushed(old, graftwork, write_connector):
    write_connector(text=WEBHOOK)
    graftwork("connectors", "stop", "desk_of_old")
    assert "in  stopped" in graftwork("connectors", "status").stdout
    graftwork("connectors", "start", "desk_of_old", "--only", "in")
    assert "in  waiting" in graftwork("connectors", "status").stdout
    for command in (["pull"], ["push"]):
        shown = graftwork("connectors", *command, "desk_of_old")
        assert (shown.exit_code, "`desk_of_old`" in shown.stderr) == (2, True)


@pytest.mark.parametrize(("only", "table"), [("in", "[pull]"), ("out", "[push]")])
def test_a_direction_that_a_connector_has_not_is_refused(old, graftwork, write_connector, only, table):
    head, pull, push = CONNECTOR.partition("[pull]")[0], "[pull]\n", "[push]\n"
    write_connector(text=head + (push if table == "[pull]" else pull))
    other = {"in": "out", "out": "in"}[only]
    for command in ("stop", "start"):
        shown = graftwork("connectors", command, "desk_of_old", "--only", only)
        assert (shown.exit_code, "through `desk_of_old`" in shown.stderr) == (2, True)
        assert graftwork("connectors", command, "desk_of_old", "--only", other).exit_code == 0


def test_a_push_that_reaches_nobody_says_why_and_what_waits(due, graftwork):
    due.on_push = [TargetDown("no answer")]
    shown = graftwork("connectors", "push", "desk_of_old")
    assert shown.exit_code == 1
    for word in ("0 deliveries arrived", "out failing", "connector.down", "no answer", "1 on the way out"):
        assert word in shown.stdout
    Delivery.objects.update(not_before=timezone.now())
    again = graftwork("connectors", "push", "desk_of_old")
    assert (again.exit_code, again.stdout) == (0, "1 delivery arrived\n")


def test_a_turn_while_another_worker_is_at_it_says_so(due, graftwork):
    expires = timezone.now() + timedelta(seconds=20)
    Lane.objects.update_or_create(
        connector="desk_of_old", direction="out", defaults={"lease_owner": "w/1", "lease_expires_at": expires}
    )
    shown = graftwork("connectors", "push", "desk_of_old")
    assert (shown.exit_code, "another worker is at it" in shown.stdout) == (1, True)


def test_a_connector_that_is_switched_off_says_so(old, graftwork, write_connector):
    write_connector(text=CONNECTOR.replace("[pull]", "enabled = false\n[pull]", 1))
    shown = graftwork("connectors", "pull", "desk_of_old")
    assert (shown.exit_code, "enabled = false" in shown.stdout) == (1, True)


def test_status_of_one_connector_shows_it_alone(old, graftwork):
    assert graftwork("connectors", "status", "desk_of_old").stdout.startswith("desk_of_old  python")
    [one] = json.loads(graftwork("connectors", "status", "desk_of_old", "--json").stdout)["connectors"]
    assert one["name"] == "desk_of_old"
    shown = graftwork("connectors", "status", "desk_of_odl")
    assert "connector.not_found" in shown.stderr
    assert "did you mean `desk_of_old`?" in shown.stderr


@pytest.mark.parametrize("verb", ["arrived", "drop", "replay"])
def test_where_one_of_several_ids_is_none_nothing_is_done(pulled, approve, graftwork, verb):
    for number in (1, 2):
        approve(Item.objects.get(external_id=f"t-{number}"), "Dear Ada Quill, it left.")
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state=DeliveryState.UNSURE)
    for bad in ("0190c0de-0000-7000-8000-000000000000", str(second.pk)):  # no id at all, and one that needs nobody
        shown = graftwork("connectors", verb, str(first.pk), bad)
        assert shown.exit_code != 0
        assert Delivery.objects.get(pk=first.pk).state == DeliveryState.UNSURE


def test_being_denied_is_told_to_who_asked(old, graftwork):
    old.on_pull = [TargetDenied("wrong password")]
    shown = graftwork("connectors", "pull", "desk_of_old")
    assert "connector.denied" in shown.stderr


def test_the_systems_that_ship_are_listed(graftwork, db):
    shown = graftwork("connectors", "systems").stdout
    assert "sql " in shown
    assert "odata" in shown


def test_a_planted_secret_shows_up_nowhere(old, graftwork, write_connector, monkeypatch):
    write_connector(text=CONNECTOR.replace("[pull]", '[secrets]\npassword = "env:OLD_PASSWORD"\n\n[pull]'))
    monkeypatch.setattr(doctor_connectors, "store_is_current", lambda workspace: True)
    missing = [finding.found for finding in check_connectors(open_workspace())]
    assert missing == ["desk_of_old: the secret at env:OLD_PASSWORD is missing or empty"]
    monkeypatch.setenv("OLD_PASSWORD", PLANTED)
    old.on_pull = [ValueError(f"password={PLANTED}")]
    shown = graftwork("connectors", "pull", "desk_of_old")
    told = shown.stdout + shown.stderr
    for command in (["status"], ["status", "--json"], ["letters"], ["check", "desk_of_old"]):
        told += graftwork("connectors", *command).stdout
    told += str(list(check_connectors(open_workspace())))
    assert far["desk_of_old"].secrets == {"password": PLANTED}
    assert PLANTED not in told


def test_a_secret_in_a_file_is_refused_without_being_quoted(old, graftwork, write_connector):
    write_connector(text=CONNECTOR.replace("[pull]", f'[secrets]\npassword = "{PLANTED}"\n\n[pull]'))
    shown = graftwork("connectors", "status")
    assert "a secret never stands in this file" in shown.stdout
    assert PLANTED not in shown.stdout + shown.stderr
